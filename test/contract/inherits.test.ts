import assert from 'node:assert/strict'
import { once } from 'node:events'
import http, { type IncomingMessage, type RequestListener } from 'node:http'
import { after, describe, test } from 'node:test'
import { createSleuth } from '@sleuth/core'
import { freePort } from '../hosts/port.js'
import { fronts, type Route } from './inherits/fronts.js'

const network = { interface: 'loopback', port: await freePort() }
const client = await createSleuth({ ...network, timeout: 60_000 })
let answer: RequestListener = () => {}
const end = await createSleuth({ ...network, service: 'end', handler: (req, res) => answer(req, res) })
after(async () => {
  await client.close()
  await end.close()
})

interface Asked {
  /** The body. Rejected when the caller has hung up. */
  readonly answer: Promise<string>
  hangUp(): void
}

/** How a request comes to the app: over HTTP or over sleuth. */
type Ask = (service: string, port: number, headers?: Record<string, string>) => Asked

const ways: Record<string, Ask> = {
  HTTP(_service, port, headers = {}) {
    const request = http.get({ host: '127.0.0.1', port, headers, agent: false })
    const answer = once(request, 'response').then(async ([response]) => {
      const parts = await (response as IncomingMessage).toArray()
      return Buffer.concat(parts).toString()
    })
    return { answer, hangUp: () => request.destroy() }
  },
  sleuth(service, _port, headers = {}) {
    const abort = new AbortController()
    const call = client.request(`sleuth://${service}/`, { headers, signal: abort.signal })
    return { answer: call.then(({ body }) => String(body)), hangUp: () => abort.abort() }
  },
}

/** A promise, and what settles it. */
function deferred<T>() {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((settled) => {
    resolve = settled
  })
  return { promise, resolve }
}

// Before the first test, since the hooks of `after` run once all tests that are there have ended.
const started = []
for (const framework of ['express', 'fastify', 'koa', 'hono'] as const) {
  const service = `front-${framework}`
  const app = { route: (async () => '') as Route }
  const front = await fronts[framework]({ ...network, service, timeout: Infinity }, async (own, req) => {
    await own.waitFor('end')
    return app.route(own, req)
  })
  after(() => front.close())
  await client.waitFor(service)
  started.push({ framework, service, front, app })
}

for (const { framework, service, front, app } of started) {
  for (const [way, ask] of Object.entries(ways)) {
    describe(`the client of a request to ${framework} that came over ${way}`, () => {
      test('carries trace headers along', async () => {
        answer = (req, res) => void res.end(`${req.headers.traceparent} ${req.headers.cookie}`)
        app.route = async (own) => (await own.do('sleuth://end/')).text()
        const headers = { traceparent: '00-1-2-00', cookie: 'secret' }
        assert.equal(await ask(service, front.port, headers).answer, '00-1-2-00 undefined')
      })

      test('is bound by the deadline that came', async () => {
        answer = (req, res) => void res.end(String(Symbol.for('sleuth.deadline') in req))
        app.route = async (own) => {
          const calls = [own.request('sleuth://end/'), own.request('sleuth://end/', { inherit: false })]
          return (await Promise.all(calls)).map(({ body }) => String(body)).join()
        }
        assert.equal(await ask(service, front.port).answer, `${way === 'sleuth'},false`)
      })

      test('ends its calls when the caller hangs up', async () => {
        const [reached, closed, failed] = [deferred<void>(), deferred<void>(), deferred<string>()]
        answer = (_, res) => {
          res.on('close', closed.resolve)
          reached.resolve()
        }
        app.route = async (own) => {
          await own.do('sleuth://end/').catch((error) => failed.resolve(error.code))
          return ''
        }
        const asked = ask(service, front.port)
        const hungUp = assert.rejects(asked.answer)
        await reached.promise
        asked.hangUp()
        assert.equal(await failed.promise, 'SLEUTH_CALLER_GONE')
        await closed.promise
        await hungUp
      })

      test('goes on when the response is finished, and its connection closed', async () => {
        const finished = deferred<void>()
        const bodies = deferred<string>()
        answer = async (_, res) => {
          await finished.promise
          res.end('here')
        }
        app.route = async (own, req) => {
          const before = own.request('sleuth://end/')
          req.socket.once('close', async () => {
            finished.resolve()
            const responses = [await before, await own.request('sleuth://end/')]
            bodies.resolve(responses.map(({ body }) => String(body)).join())
          })
          return 'done'
        }
        assert.equal(await ask(service, front.port).answer, 'done')
        assert.equal(await bodies.promise, 'here,here')
      })
    })
  }
}
