import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ExitReason, ZreNode } from '@sleuth/zre'
import { start } from '../support/child.js'
import { event, gone, Nodes, whispers } from '../support/nodes.js'

/** Beacons are left out of it: nobody is missed, in the time of a test, for being silent. */
const PATIENT = { evasive: 1_000_000, expired: 2_000_000 }

describe('another process', { timeout: 60_000, concurrency: true }, () => {
  it('that is killed with -9 is gone: its connection is', async () => {
    await using nodes = await Nodes.open()
    const node = await nodes.add(PATIENT)
    const entered = event(node, 'enter')
    const child = start('join', nodes.port)
    const [{ id }] = await entered
    const exit = gone(node, id)
    child.process.kill('SIGKILL')
    assert.equal(await exit, 'lost')
    await child.ended
  })

  it('that is stopped is gone, and back when it goes on, on both sides', async () => {
    await using nodes = await Nodes.open()
    const node = await nodes.add(PATIENT)
    const received = whispers(node)
    const child = start('busy', nodes.port)
    await received.until(1)
    for (let round = 1; round <= 2; round++) {
      const exit = event(node, 'exit')
      child.process.kill('SIGSTOP')
      assert.equal((await exit)[1], 'lost')
      child.process.kill('SIGCONT')
      // It says hello when it sees us.
      assert.equal((await received.until(round + 1)).at(-1), 'hello')
    }
    child.process.kill('SIGKILL')
    await child.ended
  })

  it('that is stopped until it is forgotten is back, too, where no beacons come', {
    timeout: 30_000,
  }, async () => {
    await using nodes = await Nodes.open()
    const node = await nodes.add({ discovery: [], evasive: 500, expired: 1000 })
    const received = whispers(node)
    const child = start('busy', nodes.port, node.endpoint)
    await received.until(1)
    child.process.kill('SIGSTOP')
    while (node.sightings().length > 0) await sleep(50)
    child.process.kill('SIGCONT')
    assert.deepEqual(await received.until(2), ['hello', 'hello'])
    child.process.kill('SIGKILL')
    await child.ended
  })

  it('whose event loop is blocked for 6 s is slow, and not gone, and blames nobody for it', async () => {
    await using nodes = await Nodes.open()
    const node = await nodes.add()
    const received = whispers(node)
    const exits = exitsOf(node)
    const child = start('busy', nodes.port)
    await received.until(1)
    const { id } = node.peers()[0] as { id: string }
    node.whisper(id, 'block 6000')
    node.whisper(id, 'how many left?')
    assert.deepEqual(await received.until(3), ['hello', 'done', 'exits: 0'])
    assert.deepEqual(exits, [])
    child.process.kill('SIGKILL')
    await child.ended
  })

  it('whose event loop is blocked gets all that was queued meanwhile, 5,000 messages', async () => {
    await using nodes = await Nodes.open()
    const node = await nodes.add()
    const received = whispers(node)
    const exits = exitsOf(node)
    const child = start('busy', nodes.port)
    await received.until(1)
    const { id } = node.peers()[0] as { id: string }
    node.whisper(id, 'block 2500')
    for (let count = 0; count < 5000; count++) node.whisper(id, 'how many left?')
    const texts = await received.until(5002)
    assert.deepEqual(texts.slice(0, 3), ['hello', 'done', 'exits: 0'])
    assert.equal(texts.at(-1), 'exits: 0')
    assert.deepEqual(exits, [])
    child.process.kill('SIGKILL')
    await child.ended
  })
})

function exitsOf(node: ZreNode): ExitReason[] {
  const exits: ExitReason[] = []
  node.on('exit', (_peer, reason) => exits.push(reason))
  return exits
}
