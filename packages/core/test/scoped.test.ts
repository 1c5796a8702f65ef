import assert from 'node:assert/strict'
import { once } from 'node:events'
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, afterEach, describe, it, mock } from 'node:test'
import { isSleuth } from '#src/brand.js'
import { scoped } from '#src/scoped.js'
import type { Sleuth, SleuthOptions } from '#src/types.js'
import { FakeNetwork } from './fake-network.js'
import { join, settle } from './harness.js'

/** What the service in the middle does, with the client of its request. */
type Middle = (sleuth: Sleuth, req: IncomingMessage, res: ServerResponse) => unknown

/** A caller, a service in the middle, and one at the end that the first one's handler calls. */
async function chain(middle: Middle, { end = silent, wire }: { end?: RequestListener; wire?: 1 | 2 } = {}) {
  const network = new FakeNetwork()
  const options: SleuthOptions = { timeout: Infinity, ...(wire === undefined ? {} : { wire }) }
  const last = await join(network, { ...options, service: 'end', handler: end })
  const between = await join(network, {
    ...options,
    service: 'middle',
    handler: (req, res) => middle(scoped(between.sleuth, req, res), req, res),
  })
  const caller = await join(network, options)
  return { network, last, between, caller, sleuth: caller.sleuth }
}

const silent: RequestListener = () => {}

/** A promise, and what settles it. */
function deferred<T>() {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((settled) => {
    resolve = settled
  })
  return { promise, resolve }
}

/** What a call that fails, failed with. */
const failure = (call: Promise<unknown>) => call.then(() => assert.fail('it was answered'), identity)
const identity = (error: { code: string; message: string; mayHaveRun: boolean }) => error

/** Time that stands still until the test moves it, on both clocks. */
function clock() {
  let now = 1000
  mock.method(performance, 'now', () => now)
  mock.timers.enable({ apis: ['setTimeout'] })
  return {
    pass(milliseconds: number) {
      now += milliseconds
      mock.timers.tick(milliseconds)
    },
    /** As when the process is busy: no timer has run yet. */
    stall(milliseconds: number) {
      now += milliseconds
    },
  }
}

afterEach(() => {
  mock.timers.reset()
  mock.restoreAll()
})

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
          fetch === call,
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
    mock.timers.tick(59)
    await settle()
    time.stall(20)
    mock.timers.tick(1)
    const error = await (errors[1] as Promise<{ code: string; message: string }>)
    assert.equal(error.code, 'SLEUTH_TIMEOUT')
    assert.match(error.message, /bound by the request.*timed out after 60 ms/)
    mock.timers.tick(40)
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
    mock.timers.tick(100)
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
      mock.timers.tick(100)
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

describe('what goes along', () => {
  const trace = {
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    tracestate: 'a=1,b=2',
    baggage: 'user=alice',
    'x-request-id': 'r-1',
  }
  const names = Object.keys(trace)

  /** The headers that the end gets, of those that go along. */
  async function carried(
    headers: Record<string, string>,
    call: (own: Sleuth) => Promise<unknown>,
    wire?: 1 | 2,
  ) {
    const { sleuth } = await chain(
      async (own, _, res) => {
        await call(own)
        res.end()
      },
      {
        end: (req, res) => {
          seen = Object.fromEntries(
            names.flatMap((name) => (req.headers[name] ? [[name, req.headers[name]]] : [])),
          )
          res.end()
        },
        ...(wire === undefined ? {} : { wire }),
      },
    )
    let seen: unknown
    await sleuth.do('sleuth://middle/', { headers })
    return seen
  }

  for (const wire of [1, 2] as const) {
    it(`is what tracing needs, and no other header, on wire ${wire}`, async () => {
      const inbound = { ...trace, cookie: 'secret', authorization: 'secret' }
      assert.deepEqual(await carried(inbound, (own) => own.do('sleuth://end/'), wire), trace)
      assert.deepEqual(await carried(inbound, (own) => own.request('sleuth://end/'), wire), trace)
    })
  }

  it('is only what came', async () => {
    assert.deepEqual(await carried({ baggage: 'a=b' }, (own) => own.do('sleuth://end/')), { baggage: 'a=b' })
    assert.deepEqual(await carried({}, (own) => own.do('sleuth://end/')), {})
  })

  it('gives way to what the call says, name by name and in any case', async () => {
    const wanted = { ...trace, 'x-request-id': 'mine', baggage: 'mine=1' }
    const headers = { 'X-Request-ID': 'mine', Baggage: 'mine=1' }
    assert.deepEqual(await carried(trace, (own) => own.request('sleuth://end/', { headers })), wanted)
    const request = new Request('sleuth://end/', { headers })
    assert.deepEqual(await carried(trace, (own) => own.do(request)), wanted)
  })

  it('leaves the headers that a call was given as they are', async () => {
    const headers = new Headers({ 'x-own': '1' })
    await carried(trace, (own) => own.do('sleuth://end/', { headers }))
    assert.deepEqual([...headers], [['x-own', '1']])
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

describe('for a request over HTTP', () => {
  const servers: http.Server[] = []
  after(() => {
    for (const server of servers) server.close().closeAllConnections()
  })

  async function front(middle: Middle, end: RequestListener) {
    const network = new FakeNetwork()
    const last = await join(network, { service: 'end', handler: end })
    const { sleuth } = await join(network, { timeout: Infinity })
    const server = http.createServer((req, res) => void middle(scoped(sleuth, req, res), req, res))
    servers.push(server.listen(0, '127.0.0.1'))
    await once(server, 'listening')
    return { sleuth, last, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
  }

  it('headers go along', async () => {
    const { url } = await front(
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
      const { url } = await front(
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

  it('a response that is finished is no hanging up, also when its connection closes', async () => {
    const go = deferred<void>()
    const reached = deferred<void>()
    const answer = deferred<string>()
    const gone = deferred<void>()
    const { url } = await front(
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
