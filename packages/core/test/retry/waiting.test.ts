import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { FakeNetwork } from '../fake-network.js'
import { join, mirror, mockTime, restoreTime, settle, tick } from '../harness.js'
import { until } from '../transport/streams/harness.js'
import { mesh, puppets } from './harness.js'

afterEach(restoreTime)

const unknown = { code: 'SLEUTH_UNKNOWN_SERVICE', codes: [919], mayHaveRun: false, retryable: true }

async function alone() {
  const network = new FakeNetwork()
  const { sleuth } = await join(network)
  return { network, sleuth }
}

describe('a call of a service that has no instance', () => {
  for (const waitFor of [undefined, false]) {
    it(`is 919 at once: waitFor ${waitFor}`, async () => {
      mockTime()
      const { sleuth } = await alone()
      await assert.rejects(sleuth.request('sleuth://foo/', { waitFor }), unknown)
      await assert.rejects(sleuth.do('sleuth://foo/', { waitFor }), unknown)
    })
  }

  for (const waitFor of [true, 60_000]) {
    it(`waits for one: waitFor ${waitFor}`, async () => {
      const { network, sleuth } = await alone()
      const calls = [sleuth.request('sleuth://foo/', { waitFor }), sleuth.do('sleuth://foo/', { waitFor })]
      await join(network, { service: 'bar', handler: mirror })
      await settle()
      assert.equal(sleuth.stats().pending, 2)
      await join(network, { service: 'foo', handler: mirror })
      for (const call of calls) assert.equal((await call).status, 200)
      assert.deepEqual([sleuth.stats().pending, sleuth.stats().retries], [0, 0])
    })
  }

  it('waits by the option of the node, unless the call says otherwise', async () => {
    const network = new FakeNetwork()
    const { sleuth } = await join(network, { waitFor: true })
    const waiting = sleuth.request('sleuth://foo/')
    await assert.rejects(sleuth.request('sleuth://foo/', { waitFor: false }), unknown)
    await settle()
    assert.equal(sleuth.stats().pending, 1)
    await join(network, { service: 'foo', handler: mirror })
    assert.equal((await waiting).status, 200)
  })

  for (const [waitFor, timeout, ends] of [
    [100, 500, 100],
    [100, Infinity, 100],
    [1000, 500, 500],
    [true, 500, 500],
    [Infinity, 500, 500],
  ] as const) {
    it(`is 919 after ${ends} ms with waitFor ${waitFor} and a timeout of ${timeout}`, async () => {
      mockTime()
      const { sleuth } = await alone()
      const call = sleuth.request('sleuth://foo/', { waitFor, timeout })
      const rejected = assert.rejects(call, unknown)
      tick(ends - 1)
      await settle()
      assert.equal(sleuth.stats().pending, 1)
      tick(1)
      await rejected
    })
  }

  it('has what is left of its time when one appears', async () => {
    mockTime()
    const { network, sleuth } = await alone()
    const call = sleuth.request('sleuth://foo/', { waitFor: true, timeout: 500 })
    const rejected = assert.rejects(call, { code: 'SLEUTH_TIMEOUT', mayHaveRun: true })
    tick(400)
    await join(network, { service: 'foo', handler: () => {} })
    await settle()
    tick(100)
    await rejected
  })

  it('ends with an abort', async () => {
    const { sleuth } = await alone()
    const aborter = new AbortController()
    const call = sleuth.request('sleuth://foo/', { waitFor: true, signal: aborter.signal })
    aborter.abort(new Error('enough'))
    await assert.rejects(call, /enough/)
  })

  it('ends with [935, 934] when its sleuth closes', async () => {
    const { sleuth } = await alone()
    const call = sleuth.request('sleuth://foo/', { waitFor: true, timeout: Infinity })
    const rejected = assert.rejects(call, { codes: [935, 934], mayHaveRun: false })
    await sleuth.close()
    await rejected
  })

  for (const waitFor of [0, -1, Number.NaN, 2 ** 31, '5', null]) {
    it(`refuses to wait for ${JSON.stringify(waitFor)}`, async () => {
      const { sleuth } = await alone()
      await assert.rejects(sleuth.request('sleuth://foo/', { waitFor: waitFor as never }), {
        code: 'SLEUTH_ARGUMENT',
        message: /^waitFor must be a number of milliseconds/,
      })
    })
  }
})

describe('a call whose only instance has gone', () => {
  it('waits for another one, if it may be repeated', async () => {
    const { sleuth, peers, add } = await puppets(1)
    const call = sleuth.request('sleuth://foo/', { waitFor: true })
    await until(() => peers[0].asked().length === 1)
    peers[0].node.vanish('expired')
    await settle()
    const other = add()
    await until(() => other.asked().length === 1)
    other.answer('anew')
    assert.equal((await call).body.toString(), 'anew')
  })

  it('says what became of it, if none appears', async () => {
    mockTime()
    const { sleuth, peers } = await puppets(1)
    const call = sleuth.request('sleuth://foo/', { waitFor: 100 })
    const rejected = assert.rejects(call, { code: 'SLEUTH_PEER_GONE', mayHaveRun: true })
    await until(() => peers[0].asked().length === 1)
    peers[0].node.vanish('expired')
    await settle()
    tick(100)
    await rejected
  })

  for (const waitFor of [undefined, 1]) {
    it(`gets the 503 that it was given, if none does better: waitFor ${waitFor}`, async () => {
      const { sleuth, servers } = await mesh([() => {}], {
        server: { drainTimeout: 1 },
        client: { timeout: Infinity },
      })
      const call = sleuth.request('sleuth://foo/', { waitFor })
      await settle()
      await servers[0]?.sleuth.close()
      assert.equal((await call).headers['x-sleuth-error'], 'closed')
    })
  }
})

describe('a caller whose process stands still until the time is over', () => {
  it('gets the answer that has come meanwhile', async () => {
    mockTime()
    const { sleuth, peers } = await puppets(1)
    const call = sleuth.request('sleuth://foo/', { method: 'POST', timeout: 500 })
    await until(() => peers[0].asked().length === 1)
    peers[0].answer('in time')
    // Timers run before it is read.
    tick(600)
    assert.equal((await call).body.toString(), 'in time')
  })
})
