import assert from 'node:assert/strict'
import { afterEach, describe, it, mock } from 'node:test'
import { settle } from '../harness.js'
import { responseFrame, until } from '../link/harness.js'
import { mesh, puppets, resetsOf } from './harness.js'

afterEach(() => mock.timers.reset())

/** Time passes, and what follows from it happens. */
async function pass(milliseconds: number): Promise<void> {
  mock.timers.tick(milliseconds)
  await settle()
}

async function quiet(count: number, options = {}) {
  mock.timers.enable({ apis: ['setTimeout'] })
  const parts = await puppets(count, { timeout: 500, ...options })
  const asked = () => parts.peers.map((peer) => peer.asked().length)
  return { ...parts, asked }
}

describe('an instance that is silent', () => {
  it('gets company after a third of the time, and the first answer wins', async () => {
    const { sleuth, peers, asked } = await quiet(2)
    const call = sleuth.request('sleuth://foo/')
    await settle()
    await pass(165)
    assert.deepEqual(asked(), [1, 0])
    await pass(1)
    assert.deepEqual(asked(), [1, 1])
    peers[1].answer('second')
    assert.equal((await call).body.toString(), 'second')
    await settle()
    assert.deepEqual([resetsOf(peers[0]).length, resetsOf(peers[1]).length], [1, 0])
    const { hedges, retries, pending } = sleuth.stats()
    assert.deepEqual([hedges, retries, pending], [1, 0, 0])
  })

  it('may still be the first to answer', async () => {
    const { sleuth, peers } = await quiet(2)
    const call = sleuth.request('sleuth://foo/')
    await settle()
    await pass(166)
    peers[0].answer('first')
    assert.equal((await call).body.toString(), 'first')
    await settle()
    assert.deepEqual([resetsOf(peers[0]).length, resetsOf(peers[1]).length], [0, 1])
  })

  it('gets company once more after as long again, and no more than there are tries', async () => {
    const { sleuth, peers, asked } = await quiet(5)
    const call = sleuth.request('sleuth://foo/')
    const rejected = assert.rejects(call, { code: 'SLEUTH_TIMEOUT', mayHaveRun: true, retryable: true })
    await settle()
    await pass(166)
    assert.deepEqual(asked(), [1, 1, 0, 0, 0])
    await pass(166)
    assert.deepEqual(asked(), [1, 1, 1, 0, 0])
    await pass(167)
    assert.deepEqual(asked(), [1, 1, 1, 0, 0])
    await pass(1)
    await rejected
    await settle()
    assert.deepEqual(
      peers.map((peer) => resetsOf(peer).length),
      [1, 1, 1, 0, 0],
    )
  })

  for (const method of ['POST', 'PATCH']) {
    it(`keeps a ${method} to itself, whatever may be repeated`, async () => {
      const { sleuth, peers, asked } = await quiet(2)
      const call = sleuth.request('sleuth://foo/', { method, retry: { nonIdempotent: true } })
      await settle()
      await pass(499)
      assert.deepEqual(asked(), [1, 0])
      peers[0].answer()
      await call
    })
  }

  it('has all the time where there is no other', async () => {
    const { sleuth, peers, asked } = await quiet(1)
    const call = sleuth.request('sleuth://foo/')
    await settle()
    await pass(499)
    assert.deepEqual(asked(), [1])
    peers[0].answer()
    await call
  })

  for (const [hedgeAfter, timeout, at] of [
    [50, 500, 50],
    [50, Infinity, 50],
    [undefined, 90, 30],
    [undefined, 60, 20],
    [undefined, 30, 20],
  ] as const) {
    it(`gets company after ${at} ms with hedgeAfter ${hedgeAfter} and a timeout of ${timeout}`, async () => {
      const { sleuth, peers, asked } = await quiet(2)
      const call = sleuth.request('sleuth://foo/', { timeout, retry: { hedgeAfter } })
      await settle()
      await pass(at - 1)
      assert.deepEqual(asked(), [1, 0])
      await pass(1)
      assert.deepEqual(asked(), [1, 1])
      peers[1].answer()
      await call
    })
  }

  for (const [retry, timeout] of [
    [{ hedgeAfter: false }, 500],
    [{ tries: 1 }, 500],
    [false, 500],
    [undefined, 20],
    [undefined, Infinity],
  ] as const) {
    it(`gets none with ${JSON.stringify(retry)} and a timeout of ${timeout}`, async () => {
      const { sleuth, peers, asked } = await quiet(2)
      const call = sleuth.request('sleuth://foo/', { timeout, retry })
      await settle()
      await pass(Math.min(timeout - 1, 100_000))
      assert.deepEqual(asked(), [1, 0])
      peers[0].answer()
      await call
    })
  }

  it('gets none when the budget is spent', async () => {
    const { sleuth, peers, asked } = await quiet(2, { retry: { budget: 0 } })
    const call = sleuth.request('sleuth://foo/')
    await settle()
    await pass(400)
    assert.deepEqual(asked(), [1, 0])
    peers[0].answer()
    await call
  })

  it('is left to answer when its company fails', async () => {
    const { sleuth, peers } = await quiet(2)
    const call = sleuth.request('sleuth://foo/')
    await settle()
    await pass(166)
    peers[1].refuse()
    await settle()
    peers[0].answer('first')
    assert.equal((await call).body.toString(), 'first')
  })

  it('and that goes leaves the call to its company', async () => {
    const { sleuth, peers } = await quiet(2)
    const call = sleuth.request('sleuth://foo/')
    await settle()
    await pass(166)
    peers[0].node.vanish('expired')
    await settle()
    peers[1].answer('second')
    assert.equal((await call).body.toString(), 'second')
  })

  it('is passed over once it was beaten three times in a row', async () => {
    const { sleuth, peers } = await quiet(2)
    for (let round = 0; round < 3; round++) {
      const call = sleuth.request('sleuth://foo/')
      await settle()
      assert.equal(peers[0].asked().length, round + 1)
      await pass(166)
      peers[1].answer()
      await call
    }
    for (let round = 0; round < 3; round++) {
      const call = sleuth.request('sleuth://foo/')
      await settle()
      peers[1].answer()
      await call
    }
    assert.deepEqual([peers[0].asked().length, peers[1].asked().length], [3, 6])
  })

  it('is passed over once it has let three calls time out', async () => {
    const { sleuth, peers } = await quiet(2)
    const calls = Array.from({ length: 6 }, () => sleuth.request('sleuth://foo/', { method: 'POST' }))
    const outcomes = Promise.allSettled(calls)
    await settle()
    assert.deepEqual([peers[0].asked().length, peers[1].asked().length], [3, 3])
    for (const stream of peers[1].asked()) peers[1].say(responseFrame(stream))
    await pass(0)
    await pass(500)
    assert.equal((await outcomes).filter(({ status }) => status === 'rejected').length, 3)
    for (let i = 0; i < 3; i++) {
      const call = sleuth.request('sleuth://foo/', { method: 'POST' })
      await settle()
      peers[1].answer()
      await call
    }
    assert.deepEqual([peers[0].asked().length, peers[1].asked().length], [3, 6])
  })

  it('does not hold a call on wire 1 either', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    const { sleuth } = await mesh([() => {}, (_, res) => res.end('other')], { server: { wire: 1 } })
    const call = sleuth.request('sleuth://foo/')
    await settle()
    await pass(166)
    assert.equal((await call).body.toString(), 'other')
  })

  it('costs a call that is answered no timer but its own', async () => {
    const { sleuth, peers } = await quiet(2)
    const timers = mock.method(globalThis, 'setTimeout')
    const call = sleuth.request('sleuth://foo/')
    await until(() => peers[0].asked().length === 1)
    peers[0].answer()
    await call
    assert.equal(timers.mock.callCount(), 1)
    timers.mock.restore()
  })
})
