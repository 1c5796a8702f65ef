import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it, mock } from 'node:test'
import { settle } from '../harness.js'
import { chain, deferred, failure } from './chain.js'

describe('a caller that hangs up', () => {
  it('ends what is called for it, all the way down', async () => {
    const error = deferred<{ code: string; mayHaveRun: boolean }>()
    const closed = deferred<boolean>()
    const { sleuth, between } = await chain(
      (own) => void failure(own.do('sleuth://end/')).then(error.resolve),
      { end: (req, res) => void res.on('close', () => closed.resolve(req.destroyed)) },
    )
    const hangUp = new AbortController()
    const call = failure(sleuth.do('sleuth://middle/', { signal: hangUp.signal }))
    await settle()
    assert.equal(between.sleuth.stats().pending, 1)
    hangUp.abort()
    const { code, mayHaveRun } = await error.promise
    assert.deepEqual([code, mayHaveRun], ['SLEUTH_CALLER_GONE', true])
    assert.ok(await closed.promise)
    assert.equal(between.sleuth.stats().pending, 0)
    await call
  })

  it('errors the body that is being read for it', async () => {
    const error = deferred<{ code: string }>()
    const { sleuth } = await chain(
      async (own) => {
        const response = await own.do('sleuth://end/')
        void failure(response.text()).then(error.resolve)
      },
      { end: (_, res) => void res.write('a part') },
    )
    const hangUp = new AbortController()
    const call = failure(sleuth.do('sleuth://middle/', { signal: hangUp.signal }))
    await settle()
    hangUp.abort()
    assert.equal((await error.promise).code, 'SLEUTH_CALLER_GONE')
    await call
  })

  it('before a call: it is not sent', async () => {
    const error = deferred<{ code: string; mayHaveRun: boolean }>()
    let reached = 0
    const { sleuth } = await chain(
      (own, _, res) =>
        void res.on('close', () => void failure(own.request('sleuth://end/')).then(error.resolve)),
      { end: () => void reached++ },
    )
    const hangUp = new AbortController()
    const call = failure(sleuth.do('sleuth://middle/', { signal: hangUp.signal }))
    await settle()
    hangUp.abort()
    const { code, mayHaveRun } = await error.promise
    assert.deepEqual([code, mayHaveRun], ['SLEUTH_CALLER_GONE', false])
    await settle()
    assert.equal(reached, 0)
    await call
  })

  it('is not one whose response is finished: work goes on, begun before or after', async () => {
    const go = deferred<void>()
    const bodies = deferred<string[]>()
    const { sleuth } = await chain(
      async (own, _, res) => {
        const before = own.do('sleuth://end/')
        res.end('done')
        await once(res, 'close')
        const calls = [before, own.do('sleuth://end/')]
        bodies.resolve(await Promise.all(calls.map(async (call) => (await call).text())))
      },
      {
        end: async (_, res) => {
          await go.promise
          res.end('answered')
        },
      },
    )
    assert.equal(await (await sleuth.do('sleuth://middle/')).text(), 'done')
    await settle()
    go.resolve()
    assert.deepEqual(await bodies.promise, ['answered', 'answered'])
  })

  it('is one of two that may abort: the first one gives the reason', async () => {
    for (const first of ['signal', 'caller'] as const) {
      const own = new AbortController()
      const error = deferred<unknown>()
      const { sleuth } = await chain(
        (client) => void failure(client.do('sleuth://end/', { signal: own.signal })).then(error.resolve),
      )
      const hangUp = new AbortController()
      const call = failure(sleuth.do('sleuth://middle/', { signal: hangUp.signal }))
      await settle()
      if (first === 'signal') own.abort('mine')
      else hangUp.abort()
      const reason = await error.promise
      if (first === 'signal') assert.equal(reason, 'mine')
      else assert.equal((reason as { code: string }).code, 'SLEUTH_CALLER_GONE')
      hangUp.abort()
      await call
    }
  })

  it('is listened for once, and calls that are over leave nothing behind', async () => {
    const own = new AbortController()
    const add = mock.method(own.signal, 'addEventListener')
    const remove = mock.method(own.signal, 'removeEventListener')
    const counts = deferred<number[]>()
    const { sleuth } = await chain(
      async (client, _, res) => {
        const before = res.listenerCount('close')
        for (let call = 0; call < 20; call++) await client.request('sleuth://end/', { signal: own.signal })
        counts.resolve([res.listenerCount('close') - before])
        res.end()
      },
      { end: (_, res) => void res.end() },
    )
    await sleuth.do('sleuth://middle/')
    assert.deepEqual(await counts.promise, [1])
    assert.ok(add.mock.callCount() >= 20)
    assert.equal(remove.mock.callCount(), add.mock.callCount())
  })
})
