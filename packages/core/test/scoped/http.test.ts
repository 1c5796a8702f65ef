import assert from 'node:assert/strict'
import { once } from 'node:events'
import http, { type IncomingMessage, type RequestListener } from 'node:http'
import http2 from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import { after, describe, it } from 'node:test'
import { scoped } from '#src/sleuth/scoped-client.js'
import { FakeNetwork } from '../fake-network.js'
import { join } from '../harness.js'
import { deferred, failure, type Middle, silent } from './chain.js'

describe('for a request over HTTP', () => {
  const servers: Server[] = []
  after(() => {
    for (const server of servers) server.close()
  })

  async function listen(server: Server): Promise<string> {
    servers.push(server.listen(0, '127.0.0.1'))
    await once(server, 'listening')
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }

  async function front(middle: Middle, end: RequestListener): Promise<string> {
    const network = new FakeNetwork()
    await join(network, { service: 'end', handler: end })
    const { sleuth } = await join(network, { timeout: Infinity })
    return listen(http.createServer((req, res) => void middle(scoped(sleuth, req, res), req, res)))
  }

  it('headers go along', async () => {
    const url = await front(
      async (own, _, res) => void res.end((await own.request('sleuth://end/')).body),
      (req, res) =>
        void res.end(`${req.headers.traceparent} ${req.headers['x-request-id']} ${req.headers.cookie}`),
    )
    const headers = { traceparent: '00-1-2-00', 'x-request-id': 'r', cookie: 'secret' }
    assert.equal(await (await fetch(url, { headers })).text(), '00-1-2-00 r undefined')
  })

  for (const [what, body] of Object.entries({ 'without a body': null, 'whose body was read': 'a body' })) {
    it(`a client that hangs up ends what is called for it: a request ${what}`, async () => {
      const error = deferred<{ code: string }>()
      const reached = deferred<void>()
      const closed = deferred<void>()
      const url = await front(
        async (own, req) => {
          for await (const _ of req);
          error.resolve(await failure(own.do('sleuth://end/')))
        },
        (_, res) => {
          res.on('close', closed.resolve)
          reached.resolve()
        },
      )
      const request = http.request(url, { method: body === null ? 'GET' : 'POST' }).on('error', () => {})
      request.end(body)
      await reached.promise
      request.destroy()
      assert.equal((await error.promise).code, 'SLEUTH_CALLER_GONE')
      await closed.promise
    })
  }

  it('one that has hung up before the first call is seen to have, by the request alone', async () => {
    const error = deferred<{ code: string }>()
    const arrived = deferred<void>()
    const network = new FakeNetwork()
    await join(network, { service: 'end', handler: silent })
    const { sleuth } = await join(network)
    const url = await listen(
      http.createServer(async (req, res) => {
        const own = scoped(sleuth, req)
        arrived.resolve()
        await once(res, 'close')
        error.resolve(await failure(own.do('sleuth://end/')))
      }),
    )
    const request = http.get(url).on('error', () => {})
    await arrived.promise
    request.destroy()
    assert.equal((await error.promise).code, 'SLEUTH_CALLER_GONE')
  })

  for (const outcome of ['cancelled', 'finished'] as const) {
    it(`a stream of HTTP/2 that is ${outcome}`, async () => {
      const [reached, go] = [deferred<void>(), deferred<void>()]
      const result = deferred<unknown>()
      const network = new FakeNetwork()
      await join(network, {
        service: 'end',
        handler: async (req, res) => {
          reached.resolve()
          await go.promise
          res.end(req.headers['x-request-id'])
        },
      })
      const { sleuth } = await join(network, { timeout: Infinity })
      const server = http2.createServer((req, res) => {
        const own = scoped(sleuth, req as never, res as never)
        own.request('sleuth://end/').then(
          ({ body }) => result.resolve(String(body)),
          ({ code }) => result.resolve(code),
        )
        if (outcome === 'finished') res.end()
      })
      const session = http2.connect(await listen(server))
      const stream = session
        .request({ 'x-request-id': 'r' })
        .on('error', () => {})
        .resume()
      await reached.promise
      if (outcome === 'cancelled') stream.close(http2.constants.NGHTTP2_CANCEL)
      await once(stream, 'close')
      if (outcome === 'finished') go.resolve()
      assert.equal(await result.promise, outcome === 'finished' ? 'r' : 'SLEUTH_CALLER_GONE')
      session.close()
    })
  }

  it('a response that is finished is no hanging up, also when its connection closes', async () => {
    const go = deferred<void>()
    const reached = deferred<void>()
    const answer = deferred<string>()
    const gone = deferred<void>()
    const url = await front(
      async (own, req, res) => {
        req.socket.once('close', gone.resolve)
        const call = own.request('sleuth://end/')
        await reached.promise
        res.end('done')
        await gone.promise
        go.resolve()
        const calls = [await call, await own.request('sleuth://end/')]
        answer.resolve(calls.map(({ body }) => String(body)).join())
      },
      async (_, res) => {
        reached.resolve()
        await go.promise
        res.end('answered')
      },
    )
    const agent = new http.Agent({ keepAlive: false })
    const request = http.get(url, { agent })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.resume()
    assert.equal(await answer.promise, 'answered,answered')
  })
})
