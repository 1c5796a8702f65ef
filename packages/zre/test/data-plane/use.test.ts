import assert from 'node:assert/strict'
import { it } from 'node:test'
import { VirtualNetwork } from '@sleuth/zre/testing'

/** One node whispers to another, and both are left alone for a while. Gives the PINGs that this caused. */
function pingsAfter(content: string): number {
  const network = new VirtualNetwork({ seed: 1 })
  const isUse = (frame: Buffer) => String(frame) !== 'news'
  const [one, two] = [network.add({ isUse }), network.add({ isUse })]
  network.runUntil(() => one.node.peer(two.id) !== undefined && two.node.peer(one.id) !== undefined, 5000)
  network.run(20_000)
  const pings = () => (one.sent.ping ?? 0) + (two.sent.ping ?? 0)
  const before = pings()
  one.node.whisper(two.id, content)
  network.run(9000)
  return pings() - before
}

it('a whisper puts a link in use, and both ends watch it', () => {
  assert.ok(pingsAfter('question') > 10)
})

it('a whisper that is no use of a link leaves it idle at both ends', () => {
  assert.equal(pingsAfter('news'), 0)
})
