import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { describe, it } from 'node:test'
import { settle } from '../harness.js'
import { until } from '../transport/streams/harness.js'
import { mesh, puppets } from './harness.js'

describe("balance: 'least-pending'", () => {
  it('goes round an instance that has more to do, until it has not', async () => {
    const answers: (() => void)[] = []
    const slow: RequestListener = (_, res) => answers.push(() => res.end('slow'))
    const handlers = [slow, slow]
    const { sleuth, servers } = await mesh(handlers, {
      client: { balance: 'least-pending', timeout: Infinity },
    })
    const requests = () => servers.map((server) => server.sleuth.stats().requests)
    const calls = Array.from({ length: 10 }, () => sleuth.request('sleuth://foo/'))
    await settle()
    assert.deepEqual(requests(), [5, 5])
    for (const answer of answers.splice(0)) answer()
    await Promise.all(calls)
    const more = Array.from({ length: 10 }, () => sleuth.request('sleuth://foo/'))
    await settle()
    assert.deepEqual(requests(), [10, 10])
    for (const answer of answers) answer()
    await Promise.all(more)
  })

  it('forgets calls however they end', async () => {
    const { sleuth, peers } = await puppets(2, { balance: 'least-pending', retry: false })
    const asked = () => peers[0].asked().length + peers[1].asked().length
    for (let round = 0; round < 5; round++) {
      const aborter = new AbortController()
      const calls = [1, 2].map(() => sleuth.request('sleuth://foo/', { signal: aborter.signal }))
      await until(() => asked() === 4 * round + 2)
      aborter.abort(new Error('enough'))
      for (const { status } of await Promise.allSettled(calls)) assert.equal(status, 'rejected')
      const refused = [1, 2].map(() => sleuth.request('sleuth://foo/'))
      await until(() => asked() === 4 * round + 4)
      for (const peer of peers) peer.refuse('destroyed')
      for (const { status } of await Promise.allSettled(refused)) assert.equal(status, 'rejected')
    }
    assert.deepEqual([peers[0].asked().length, peers[1].asked().length], [10, 10])
  })
})

describe("balance: 'round-robin'", () => {
  it('is the default: each in turn', async () => {
    const order: string[] = []
    const handlers = ['a', 'b', 'c'].map(
      (name): RequestListener =>
        (_, res) => {
          order.push(name)
          res.end()
        },
    )
    const { sleuth } = await mesh(handlers)
    for (let i = 0; i < 7; i++) await sleuth.request('sleuth://foo/')
    assert.equal(order.join(''), 'abcabca')
  })
})

describe('the deadline that travels', () => {
  it('is what is left, in a second try too', async () => {
    const { sleuth, peers } = await puppets(2, { timeout: 60_000 })
    const call = sleuth.request('sleuth://foo/')
    await until(() => peers[0].asked().length === 1)
    peers[0].refuse()
    await until(() => peers[1].asked().length === 1)
    peers[1].answer()
    await call
    const [first, second] = peers.map(({ heard: [frame] }) =>
      frame?.kind === 'request' ? frame.deadline : undefined,
    )
    assert.equal(first, 60_000)
    assert.ok(second !== undefined && second < 60_000 && second > 30_000, String(second))
  })
})
