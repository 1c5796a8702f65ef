import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { scoped } from '#src/sleuth/scoped-client.js'
import { FakeNetwork } from '../fake-network.js'
import { join, restoreTime, settle, tick } from '../harness.js'
import { chain, clock, deferred, failure, silent } from './chain.js'

afterEach(restoreTime)

describe('the deadline', () => {
  it('is what is left, at each step', async () => {
    const time = clock()
    const errors: Promise<{ code: string; message: string }>[] = []
    let reached = 0
    const { sleuth } = await chain(
      (own) => {
        time.stall(40)
        errors.push(failure(own.do('sleuth://end/')))
      },
      { end: () => void reached++ },
    )
    errors.unshift(failure(sleuth.do('sleuth://middle/', { timeout: 100 })))
    await settle()
    assert.equal(reached, 1)
    tick(59)
    await settle()
    time.stall(20)
    tick(1)
    const error = await (errors[1] as Promise<{ code: string; message: string }>)
    assert.equal(error.code, 'SLEUTH_TIMEOUT')
    assert.match(error.message, /bound by the request.*timed out after 60 ms/)
    tick(40)
    assert.equal((await (errors[0] as Promise<{ code: string }>)).code, 'SLEUTH_TIMEOUT')
  })

  it('goes on from service to service', async () => {
    const time = clock()
    const network = new FakeNetwork()
    const error = deferred<{ message: string }>()
    const serve = async (service: string, next: string) => {
      const member = await join(network, {
        service,
        timeout: Infinity,
        handler: (req, res) => {
          time.stall(30)
          void failure(scoped(member.sleuth, req, res).do(`sleuth://${next}/`)).then((failed) => {
            if (next === 'nobody-answers') error.resolve(failed)
          })
        },
      })
    }
    await serve('one', 'two')
    await serve('two', 'nobody-answers')
    await join(network, { service: 'nobody-answers', handler: silent })
    const { sleuth } = await join(network)
    const call = failure(sleuth.do('sleuth://one/', { timeout: 100 }))
    await settle(20)
    tick(100)
    assert.match((await error.promise).message, /after 40 ms/)
    await call
  })

  it('that has passed sends nothing', async () => {
    const time = clock()
    const error = deferred<{ code: string; mayHaveRun: boolean }>()
    let reached = 0
    const { sleuth, between } = await chain(
      (own) => {
        time.stall(99.5)
        void failure(own.request('sleuth://end/')).then(error.resolve)
      },
      { end: () => void reached++ },
    )
    const call = failure(sleuth.do('sleuth://middle/', { timeout: 100 }))
    const { code, mayHaveRun } = await error.promise
    assert.deepEqual([code, mayHaveRun], ['SLEUTH_TIMEOUT', false])
    await settle()
    assert.equal(reached, 0)
    assert.deepEqual(between.sleuth.stats().errors, { SLEUTH_TIMEOUT: 1 })
    time.pass(100)
    await call
  })

  for (const [what, timeout, after] of [
    ['shortens a longer timeout', 5000, 100],
    ['shortens one without end', Infinity, 100],
    ['leaves a shorter timeout', 20, 20],
  ] as const) {
    it(what, async () => {
      clock()
      const error = deferred<{ message: string }>()
      const { sleuth } = await chain((own) => {
        void failure(own.do('sleuth://end/', { timeout })).then(error.resolve)
      })
      const call = failure(sleuth.do('sleuth://middle/', { timeout: 100 }))
      await settle()
      tick(100)
      assert.match((await error.promise).message, new RegExp(`after ${after} ms`))
      await call
    })
  }

  it('does not hide a timeout that is wrong', async () => {
    const error = deferred<{ code: string }>()
    const { sleuth } = await chain((own, _, res) => {
      void failure(own.do('sleuth://end/', { timeout: 0 })).then(error.resolve)
      res.end()
    })
    await sleuth.do('sleuth://middle/', { timeout: 100 })
    assert.equal((await error.promise).code, 'SLEUTH_ARGUMENT')
  })

  it('binds nothing once the head of the response has gone: it has been met', async () => {
    const time = clock()
    const go = deferred<void>()
    const { sleuth } = await chain(
      async (own, _, res) => {
        res.writeHead(200).flushHeaders()
        await go.promise
        res.end(await (await own.do('sleuth://end/')).text())
      },
      { end: (_, res) => void res.end('late') },
    )
    const response = await sleuth.do('sleuth://middle/', { timeout: 100 })
    time.pass(1000)
    go.resolve()
    assert.equal(await response.text(), 'late')
  })

  it('does not come by the first wire', async () => {
    const time = clock()
    const { sleuth } = await chain(
      async (own, _, res) => {
        time.stall(50)
        res.end(await (await own.do('sleuth://end/')).text())
      },
      { end: (_, res) => void res.end('there'), wire: 1 },
    )
    assert.equal(await (await sleuth.do('sleuth://middle/', { timeout: 10 })).text(), 'there')
  })
})

describe('inherit: false', () => {
  it('takes neither headers nor deadline, and goes on when the caller hangs up', async () => {
    const time = clock()
    const go = deferred<void>()
    const answer = deferred<string>()
    const { sleuth } = await chain(
      async (own) => {
        time.stall(99.5)
        const response = await own.request('sleuth://end/', { inherit: false })
        answer.resolve(
          String(response.body) + String((await own.do('sleuth://end/', { inherit: false })).status),
        )
      },
      {
        end: async (req, res) => {
          await go.promise
          res.end(String(req.headers['x-request-id']))
        },
      },
    )
    const hangUp = new AbortController()
    const init = { timeout: 100, headers: { 'x-request-id': 'r' }, signal: hangUp.signal }
    const call = failure(sleuth.do('sleuth://middle/', init))
    await settle()
    hangUp.abort()
    await settle()
    go.resolve()
    assert.equal(await answer.promise, 'undefined200')
    await call
  })
})
