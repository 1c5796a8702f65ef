import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isPacket } from '#src/transport/streams/reader.js'
import type { SleuthOptions } from '#src/types.js'
import { FakeNetwork } from '../../fake-network.js'
import { join, settle } from '../../harness.js'
import { answering, asked, echo, pattern, requestFrame, until, wired } from './harness.js'

const body = pattern(1000)

/** The wire that a call takes, and whether it is told in `services()`. */
async function taken(server: SleuthOptions, client: SleuthOptions) {
  const { sleuth, caller, service } = await wired(echo, { server, client })
  const answer = await sleuth.request('sleuth://foo/', { method: 'POST', body })
  assert.ok(answer.body.equals(body))
  const wires = [...caller.node.sent, ...service.node.sent].map(({ content }) => (isPacket(content) ? 2 : 1))
  const told = sleuth.services()[0]?.instances[0]?.wire
  assert.deepEqual(new Set(wires), new Set([told]))
  return told
}

describe('the wire', () => {
  it('is the second where both ends speak it', async () => assert.equal(await taken({}, {}), 2))

  it('is the first where the service speaks no other', async () => {
    assert.equal(await taken({ wire: 1 }, {}), 1)
  })

  it('is the first where the caller speaks no other', async () => {
    assert.equal(await taken({}, { wire: 1 }), 1)
  })

  for (const [announced, wire] of [
    [undefined, 1],
    ['', 1],
    ['0', 1],
    ['1', 1],
    ['1.5', 1],
    ['-2', 1],
    ['two', 1],
    ['2', 2],
    ['3', 2],
    ['1000', 2],
  ] as const) {
    it(`is ${wire} where the service announces ${JSON.stringify(announced)}`, async () => {
      const network = new FakeNetwork()
      const { sleuth, node } = await join(network)
      const service = network.add({
        groups: ['SLEUTH-v1'],
        headers: (id) => ({
          group: 'SLEUTH-v1',
          node: id,
          type: 'foo',
          ...(announced !== undefined && { 'sleuth-wire': announced }),
        }),
      })
      assert.equal(sleuth.services()[0]?.instances[0]?.wire, wire)
      const controller = new AbortController()
      const call = sleuth.request('sleuth://foo/', { signal: controller.signal })
      await settle()
      assert.deepEqual(
        node.sent.map(({ to, content }) => [to, isPacket(content)]),
        [[service.id, wire === 2]],
      )
      controller.abort()
      await assert.rejects(call)
    })
  }
})

describe('a node of the first wire only', () => {
  it('announces that, and takes no packet', async () => {
    const { service, peer } = await asked((_, res) => res.end(), { wire: 1 })
    assert.equal(service.node.self.headers.get('sleuth-wire'), '1')
    peer.say(requestFrame(1))
    await until(() => service.sleuth.stats().dropped.SLEUTH_DISPATCH_HEADER === 1)
    assert.equal(service.sleuth.stats().requests, 0)
  })
})

describe('a node of both wires', () => {
  it('announces the newest', async () => {
    const { caller } = await answering()
    assert.equal(caller.node.self.headers.get('sleuth-wire'), '2')
  })

  it('answers each call on the wire on which it came', async () => {
    const network = new FakeNetwork()
    const handler = echo
    const service = await join(network, { service: 'foo', handler })
    const old = await join(network, { wire: 1, timeout: Infinity })
    const young = await join(network, { timeout: Infinity })
    for (const { sleuth } of [old, young, old]) {
      const answer = await sleuth.request('sleuth://foo/', { method: 'POST', body })
      assert.ok(answer.body.equals(body))
    }
    const wires = service.node.sent.map(({ to, content }) => [to, isPacket(content)])
    assert.deepEqual(
      wires.filter(([to]) => to === old.node.id),
      [
        [old.node.id, false],
        [old.node.id, false],
      ],
    )
    assert.ok(wires.some(([to, packet]) => to === young.node.id && packet))
  })
})
