import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { FakeNetwork } from '../../fake-network.js'
import { join } from '../../harness.js'
import { record, until, wired } from './harness.js'

const immediate = () => new Promise((resolve) => setImmediate(resolve))

describe('a packet', () => {
  it('holds all calls of one turn, and another all their replies', async () => {
    const { sleuth, caller, service, tape } = await wired((req, res) => res.end(req.url))
    const calls = Array.from({ length: 20 }, (_, i) => sleuth.request(`sleuth://foo/${i}`))
    const bodies = (await Promise.all(calls)).map(({ body }) => body.toString())
    assert.deepEqual(
      bodies,
      calls.map((_, i) => `/${i}`),
    )
    assert.deepEqual(tape.whispers(caller.node), [20])
    assert.deepEqual(tape.whispers(service.node), [20])
  })

  it('holds half of the calls when it is known how many callers there are, so that the peer begins with them', async () => {
    const waiting: ServerResponse[] = []
    const { sleuth, caller, service, tape } = await wired((_, res) => {
      waiting.push(res)
      if (waiting.length === 64) for (const held of waiting.splice(0)) held.end()
    })
    const loop = async (hops: number) => {
      for (let round = 0; round < 3; round++) {
        // What promises of one turn go on to call is of that turn.
        for (let hop = 0; hop < hops; hop++) await undefined
        await sleuth.request('sleuth://foo/')
      }
    }
    await immediate()
    await Promise.all(Array.from({ length: 64 }, (_, i) => loop(i % 4)))
    assert.deepEqual(tape.whispers(caller.node), [64, 32, 32, 32, 32])
    assert.deepEqual(tape.whispers(service.node), [64, 32, 32, 32, 32])
  })

  it('of a lone call leaves before the turn is over', async () => {
    const { sleuth, caller, tape } = await wired((_, res) => res.end())
    await immediate()
    const call = sleuth.request('sleuth://foo/')
    assert.deepEqual(tape.whispers(caller.node), [])
    await new Promise<void>((resolve) => process.nextTick(resolve))
    assert.deepEqual(tape.whispers(caller.node), [1])
    await call
  })

  it('goes to one peer', async () => {
    const network = new FakeNetwork()
    const caller = await join(network, { timeout: Infinity })
    const services = ['foo', 'bar'].map((service) =>
      join(network, { service, handler: (_, res) => res.end() }),
    )
    const nodes = (await Promise.all(services)).map(({ node }) => node.id)
    const calls = ['foo', 'bar', 'foo'].map((name) => caller.sleuth.request(`sleuth://${name}/`))
    await Promise.all(calls)
    assert.deepEqual(
      caller.node.sent.map(({ to }) => to),
      nodes,
    )
  })

  it('holds the answers that are given in one turn, long after they were asked for', async () => {
    const waiting: ServerResponse[] = []
    const { sleuth, service, tape } = await wired((_, res) => void waiting.push(res))
    const calls = [1, 2, 3, 4].map(() => sleuth.request('sleuth://foo/'))
    await until(() => waiting.length === 4)
    for (const res of waiting) res.end('late')
    await Promise.all(calls)
    assert.deepEqual(tape.whispers(service.node), [4])
  })

  it('holds calls and answers side by side', async () => {
    const network = new FakeNetwork()
    const one = await join(network, { service: 'one', handler: (_, res) => res.end(), timeout: Infinity })
    const waiting: ServerResponse[] = []
    const handler = (_: unknown, res: ServerResponse) => void waiting.push(res)
    const other = await join(network, { service: 'other', timeout: Infinity, handler })
    const calls = [1, 2, 3, 4].map(() => one.sleuth.request('sleuth://other/'))
    await until(() => waiting.length === 4)
    const tape = record(one.node, other.node)
    waiting[0]?.end()
    await other.sleuth.request('sleuth://one/')
    assert.deepEqual(tape.kinds(other.node).sort(), ['request', 'response'])
    assert.deepEqual(tape.whispers(other.node), [2])
    for (const res of waiting.slice(1)) res.end()
    await Promise.all(calls)
  })

  it('leaves before the turn is over when it is large, so that the peer may begin', async () => {
    const { sleuth, caller, tape } = await wired((_, res) => res.end())
    const body = Buffer.alloc(12_000)
    const calls = [1, 2, 3, 4].map(() => sleuth.request('sleuth://foo/', { method: 'POST', body }))
    assert.deepEqual(tape.whispers(caller.node), [3])
    await Promise.all(calls)
    assert.deepEqual(tape.whispers(caller.node), [3, 1])
  })
})
