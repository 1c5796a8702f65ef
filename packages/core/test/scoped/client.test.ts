import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { isSleuth } from '#src/sleuth/base-client.js'
import { scoped } from '#src/sleuth/scoped-client.js'
import type { Sleuth } from '#src/types.js'
import { FakeNetwork } from '../fake-network.js'
import { join, settle } from '../harness.js'
import { chain, deferred, failure, silent } from './chain.js'

describe('the client of a request', () => {
  it('is a Sleuth: what is bound stays bound, the rest is that of the base', async () => {
    const seen = deferred<unknown[]>()
    const { sleuth, between } = await chain(
      async (own, _, res) => {
        const { do: call, fetch, request } = own
        const on = own.on('up', () => {}) === own
        const answers = [(await call('sleuth://end/')).status, (await request('sleuth://end/')).status]
        await own.waitFor('end')
        seen.resolve([
          isSleuth(own),
          call === own.do,
          fetch === own.fetch,
          request === own.request,
          on,
          ...answers,
        ])
        res.end(JSON.stringify([own.services(), own.stats().calls]))
      },
      { end: (_, res) => void res.end() },
    )
    const { body } = await sleuth.request('sleuth://middle/')
    assert.deepEqual(await seen.promise, [true, true, true, true, true, 200, 200])
    assert.deepEqual(JSON.parse(String(body)), [JSON.parse(JSON.stringify(between.sleuth.services())), 2])
    assert.equal(between.sleuth.stats().calls, 2)
  })

  it('closes what its base closes', async () => {
    const { between } = await chain(() => {})
    const own = scoped(between.sleuth, {} as never, {} as never)
    await own.close()
    await assert.rejects(own[Symbol.asyncDispose](), { code: 'SLEUTH_CLOSED' })
    await assert.rejects(between.sleuth.close(), { code: 'SLEUTH_CLOSED' })
  })

  it('touches nothing until it is called', async () => {
    const { between } = await chain(() => {})
    const untouchable = new Proxy({}, { get: () => assert.fail('read'), set: () => assert.fail('written') })
    const own = scoped(between.sleuth, untouchable as IncomingMessage, untouchable as ServerResponse)
    own.services()
    own.stats()
    assert.equal(typeof own.do, 'function')
  })

  it('is the base itself where that can make none', () => {
    const base = {} as Sleuth
    assert.equal(scoped(base, {} as IncomingMessage), base)
  })

  it('finds the response where a framework hands out the request alone', async () => {
    const error = deferred<{ code: string }>()
    const network = new FakeNetwork()
    await join(network, { service: 'end', handler: silent })
    const between = await join(network, {
      service: 'middle',
      timeout: Infinity,
      handler: (req) => failure(scoped(between.sleuth, req).do('sleuth://end/')).then(error.resolve),
    })
    const caller = await join(network)
    const hangUp = new AbortController()
    const call = caller.sleuth.do('sleuth://middle/', { signal: hangUp.signal })
    await settle()
    hangUp.abort()
    await assert.rejects(call, { name: 'AbortError' })
    assert.equal((await error.promise).code, 'SLEUTH_CALLER_GONE')
  })
})
