import assert from 'node:assert/strict'
import { afterEach, describe, it, mock } from 'node:test'
import { mockTime, restoreTime, settle, tick } from '../harness.js'
import { responseFrame, until } from '../transport/streams/harness.js'
import { mesh, puppets, resetsOf } from './harness.js'

afterEach(restoreTime)

/** Time passes, and what follows from it happens. */
async function pass(milliseconds: number): Promise<void> {
  tick(milliseconds)
  await settle()
}

/** The time after which an instance counts as silent: it is looked at three times. */
async function silence(): Promise<void> {
  for (let looks = 0; looks < 3; looks++) await pass(55)
}

/** Instances whose processes are in that state, and answer nothing by themselves. */
async function quiet(count: number, options = {}, state: 'running' | 'blocked' | 'stopped' = 'stopped') {
  mockTime()
  const parts = await puppets(count, { timeout: 500, ...options })
  for (const { node } of parts.peers) node.state = state
  const asked = () => parts.peers.map((peer) => peer.asked().length)
  return { ...parts, asked }
}

describe('an instance that is silent', () => {
  it('gets company after a third of the time, and the first answer wins', async () => {
    const { sleuth, peers, asked } = await quiet(2)
    const call = sleuth.request('sleuth://foo/')
    await settle()
    await pass(55)
    await pass(55)
    await pass(54)
    assert.deepEqual([asked(), peers[0].node.pings, peers[0].node.probes], [[1, 0], 1, 1])
    await pass(1)
    assert.deepEqual(asked(), [1, 1])
    peers[1].answer('second')
    assert.equal((await call).body.toString(), 'second')
    await settle()
    assert.deepEqual([resetsOf(peers[0]).length, resetsOf(peers[1]).length], [1, 0])
    const { hedges, retries, pending } = sleuth.stats()
    assert.deepEqual([hedges, retries, pending], [1, 0, 0])
  })

  it('may speak all the while: nothing that is sent to it arrives', async () => {
    const { sleuth, peers, asked } = await quiet(2)
    const call = sleuth.request('sleuth://foo/')
    await settle()
    for (let looks = 0; looks < 3; looks++) {
      peers[0].say({ kind: 'callerReset', stream: 4711, why: 'cancelled' })
      await pass(55)
    }
    assert.deepEqual(asked(), [1, 1])
    peers[1].answer()
    await call
  })

  it('may still be the first to answer', async () => {
    const { sleuth, peers } = await quiet(2)
    const call = sleuth.request('sleuth://foo/')
    await settle()
    await silence()
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
    await silence()
    assert.deepEqual(asked(), [1, 1, 0, 0, 0])
    await silence()
    assert.deepEqual(asked(), [1, 1, 1, 0, 0])
    await pass(55)
    await pass(114)
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
    [undefined, 15],
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
    await silence()
    peers[1].refuse()
    await settle()
    peers[0].answer('first')
    assert.equal((await call).body.toString(), 'first')
  })

  it('and that goes leaves the call to its company', async () => {
    const { sleuth, peers } = await quiet(2)
    const call = sleuth.request('sleuth://foo/')
    await settle()
    await silence()
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
      await silence()
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
    mockTime()
    const { sleuth, servers } = await mesh([() => {}, (_, res) => res.end('other')], { server: { wire: 1 } })
    const [silent] = servers
    if (silent) silent.node.state = 'stopped'
    const call = sleuth.request('sleuth://foo/', { timeout: 500 })
    await settle()
    await silence()
    assert.equal((await call).body.toString(), 'other')
  })

  it('is not one that was heard a moment ago and went silent since', async () => {
    const { sleuth, peers, asked } = await quiet(2, {}, 'running')
    const call = sleuth.request('sleuth://foo/')
    await settle()
    await pass(55)
    for (const { node } of peers) node.state = 'stopped'
    await pass(55)
    await pass(55)
    assert.deepEqual(asked(), [1, 0])
    await pass(55)
    assert.deepEqual(asked(), [1, 1])
    peers[1].answer()
    await call
  })

  it('costs calls that are answered no timer but the one that all share', async () => {
    const { sleuth, peers } = await quiet(2)
    const timers = mock.method(globalThis, 'setTimeout')
    for (const peer of peers) {
      const call = sleuth.request('sleuth://foo/')
      await until(() => peer.asked().length === 1)
      peer.answer()
      await call
    }
    // Other files' nodes are in this process too, and their timers go on.
    const ofCalls = timers.mock.calls.filter(({ stack }) => stack.stack?.includes('/core/dist/client/'))
    assert.equal(ofCalls.length, 1)
    timers.mock.restore()
  })
})

describe('an instance that is slow', () => {
  it('has all the time while its process answers PINGs', async () => {
    const { sleuth, peers, asked } = await quiet(2, { timeout: 2000 }, 'running')
    const call = sleuth.request('sleuth://foo/')
    await settle()
    for (let looks = 0; looks < 11; looks++) await pass(166)
    assert.deepEqual([asked(), peers[0].node.probes], [[1, 0], 0])
    peers[0].answer()
    await call
    assert.equal(sleuth.stats().hedges, 0)
  })

  it('is asked for a sign of life once, however many calls wait for it', async () => {
    const { sleuth, peers } = await quiet(2, {}, 'running')
    const calls = Array.from({ length: 20 }, () => sleuth.request('sleuth://foo/'))
    await settle()
    await pass(55)
    assert.deepEqual([peers[0].node.pings, peers[1].node.pings], [1, 1])
    for (const peer of peers) for (const stream of peer.asked()) peer.say(responseFrame(stream))
    await Promise.all(calls)
  })

  it('keeps its calls while its loop is blocked for less than two thirds of their time', async () => {
    const { sleuth, peers, asked } = await quiet(2, {}, 'blocked')
    const call = sleuth.request('sleuth://foo/')
    await settle()
    for (let looks = 0; looks < 6; looks++) await pass(55)
    assert.deepEqual([asked(), peers[0].node.probes], [[1, 0], 3])
    await pass(55)
    assert.deepEqual(asked(), [1, 1])
    peers[1].answer()
    await call
  })

  it('is not taken for silent while it can not be probed, and is probed again', async () => {
    const { sleuth, caller, peers, asked } = await quiet(2, { timeout: 2000 }, 'blocked')
    caller.node.probesNobody = true
    const call = sleuth.request('sleuth://foo/')
    await settle()
    for (let looks = 0; looks < 5; looks++) await pass(166)
    assert.deepEqual(asked(), [1, 0])
    caller.node.probesNobody = false
    for (let looks = 0; looks < 2; looks++) await pass(166)
    assert.deepEqual([asked(), peers[0].node.probes], [[1, 0], 1])
    peers[0].node.state = 'stopped'
    for (let looks = 0; looks < 2; looks++) await pass(166)
    assert.deepEqual(asked(), [1, 1])
    peers[1].answer()
    await call
  })

  it('is hedged after a percentile of its recent answers, if that is wanted', async () => {
    const retry = { hedgeAfter: 'p90' } as const
    const { sleuth, peers, asked } = await quiet(2, { retry }, 'running')
    const ask = () => sleuth.request('sleuth://foo/')
    const first = ask()
    await settle()
    await pass(400)
    assert.deepEqual(asked(), [1, 0], 'too few answers to tell')
    peers[0].answer()
    await first
    for (let calls = 1; calls < 20; calls++) {
      const call = ask()
      await settle()
      peers[calls % 2]?.answer()
      await call
    }
    const before = asked()
    const slow = ask()
    await settle()
    await pass(400)
    assert.deepEqual(asked(), [(before[0] as number) + 1, (before[1] as number) + 1])
    peers[0].answer()
    await slow
    assert.deepEqual([sleuth.stats().hedges, peers[0].node.pings], [1, 0])
  })

  it('is hedged after the time from the send: that of the wait for an instance does not count', async () => {
    const retry = { hedgeAfter: 'p90' } as const
    const { sleuth, peers, asked, add } = await quiet(1, { retry }, 'running')
    peers[0].node.vanish('expired')
    for (let calls = 0; calls < 20; calls++) {
      const call = sleuth.request('sleuth://foo/', { waitFor: true })
      await pass(300)
      const late = add()
      await until(() => late.asked().length === 1)
      await pass(5)
      late.answer()
      await call
      late.node.vanish('expired')
      await settle()
    }
    peers.push(add(), add())
    const before = asked().reduce((one, other) => one + other)
    void sleuth.request('sleuth://foo/')
    await settle()
    await pass(4)
    assert.equal(
      asked().reduce((one, other) => one + other),
      before + 1,
    )
    await pass(1)
    assert.equal(
      asked().reduce((one, other) => one + other),
      before + 2,
    )
  })

  for (const hedgeAfter of ['p', 'p100', '95', 'p9x', 'p-1', 0, -1, Number.NaN, true, {}]) {
    it(`is refused a hedgeAfter of ${JSON.stringify(hedgeAfter)}`, async () => {
      const { sleuth } = await quiet(1)
      const retry = { hedgeAfter } as never
      await assert.rejects(sleuth.request('sleuth://foo/', { retry }), { code: 'SLEUTH_ARGUMENT' })
    })
  }
})
