import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, mock, test } from 'node:test'
import { Dispatcher } from '#src/server/dispatcher.js'
import { Exchange } from '#src/server/exchange.js'
import type { AdmittedRequest, Listener } from '#src/server/types.js'
import type { SleuthError } from '#src/shared/errors.js'
import type { Done, ResponseSink } from '#src/transport/transport.js'
import { viaHttp } from './both.js'
import { callerAt } from './callers.js'
import { withThen } from './thenables.js'

const local = { address: '127.0.0.1', port: 2 }
const caller = callerAt(1)
const get: AdmittedRequest = { method: 'GET', url: '/', headers: [], body: null, caller }

/** Keeps what it is told; takes data at once, unless it is told to hold it. */
class Recorder implements ResponseSink {
  readonly calls: unknown[][] = []
  readonly held: Done[] = []
  hold = false
  #over: () => void = () => {}
  readonly ended = new Promise<void>((resolve) => {
    this.#over = resolve
  })

  head(status: number, _message: string, headers: string[]): void {
    const at = headers.indexOf('X-Sleuth-Error')
    this.calls.push(at === -1 ? ['head', status] : ['head', status, headers[at + 1]])
  }

  data(chunks: readonly Buffer[], done: Done): void {
    this.calls.push(['data', Buffer.concat(chunks).toString()])
    if (this.hold) this.held.push(done)
    else done()
  }

  end(): void {
    this.calls.push(['end'])
    this.#over()
  }

  cut(reason: string): void {
    this.calls.push(['cut', reason])
    this.#over()
  }
}

function run(listener: Listener, inbound: AdmittedRequest = get) {
  const errors: unknown[] = []
  const onError = (error: unknown) => errors.push(error)
  const dispatcher = new Dispatcher({ listener, service: 'article-service', local, timeout: 8000, onError })
  const reply = new Recorder()
  const exchange = dispatcher.dispatch(inbound, reply)
  return { dispatcher, reply, exchange, errors }
}

describe('exactly one reply', () => {
  test('an answer given at once leaves at once', () => {
    const { dispatcher, reply, exchange } = run((_, res) => res.end('hello'))
    assert.deepEqual(reply.calls, [['head', 200], ['data', 'hello'], ['end']])
    assert.equal(dispatcher.size, 0)
    assert.ok(exchange instanceof Exchange)
  })

  test('a request that Node would not let through never reaches the listener', () => {
    const refused: [Partial<AdmittedRequest>, string, number][] = [
      [{ method: 'get' }, 'method', 400],
      [{ url: '/a b' }, 'url', 400],
      [{ url: 'http://x/admin' }, 'url', 400],
      [{ headers: ['a b', ''] }, 'header-name', 400],
      [{ headers: ['a', '\n'] }, 'header-value', 400],
      [{ headers: ['expect', 'x'] }, 'expectation', 417],
    ]
    for (const [part, reason, status] of refused) {
      const listener = mock.fn()
      const { reply, exchange, dispatcher } = run(listener, { ...get, ...part })
      assert.equal(exchange, reason)
      assert.equal(listener.mock.callCount(), 0)
      assert.equal(dispatcher.size, 0)
      assert.deepEqual(reply.calls[0], ['head', status, reason])
      assert.deepEqual(reply.calls.at(-1), ['end'])
    }
  })

  test('a listener that throws, or rejects, is answered with 500', async () => {
    const error = new Error('boom')
    const thrown = run(() => {
      throw error
    })
    const rejected = run(async () => {
      await null
      throw error
    })
    for (const { reply, errors, dispatcher } of [thrown, rejected]) {
      await reply.ended
      assert.deepEqual(errors, [error])
      assert.deepEqual(reply.calls[0], ['head', 500, 'failed'])
      assert.equal(reply.calls.length, 3)
      assert.equal(dispatcher.size, 0)
    }
  })

  test('a thenable of any make that is rejected is answered with 500', async () => {
    const error = new Error('boom')
    const twice = (_: unknown, reject: (reason: unknown) => void) => {
      reject(error)
      reject(error)
    }
    const throws = () => {
      throw error
    }
    const thenables = [withThen({}, twice), withThen(() => {}, twice), withThen({}, throws)]
    for (const thenable of thenables) {
      const { reply, errors } = run(() => thenable)
      await reply.ended
      assert.deepEqual(errors, [error])
      assert.deepEqual(reply.calls[0], ['head', 500, 'failed'])
    }
  })

  test('the 500 to a HEAD has no body, whatever method its handler has given the request', () => {
    const { reply } = run(
      (req) => {
        req.method = 'GET'
        throw new Error('boom')
      },
      { ...get, method: 'HEAD' },
    )
    assert.deepEqual(reply.calls, [['head', 500, 'failed'], ['end']])
  })

  test('a listener that throws sees its request and response closed', async () => {
    const events: string[] = []
    const { exchange } = run((req, res) => {
      req.on('aborted', () => events.push('aborted'))
      res.on('close', () => events.push('close'))
      res.on('finish', () => events.push('finish'))
      throw new Error('boom')
    })
    await once((exchange as Exchange).res, 'close')
    assert.deepEqual(events, ['aborted', 'close'])
  })

  test('a head that was made but not sent is given up for the 500', () => {
    const { reply } = run((_, res) => {
      res.writeHead(200)
      throw new Error('boom')
    })
    assert.deepEqual(reply.calls[0], ['head', 500, 'failed'])
  })

  test('a listener that throws after its head cuts the response', () => {
    const { reply, errors } = run((_, res) => {
      res.write('part')
      throw new Error('boom')
    })
    assert.deepEqual(reply.calls, [
      ['head', 200],
      ['cut', 'failed'],
    ])
    assert.equal(errors.length, 1)
  })

  test('a listener that throws after its end has answered', async () => {
    const { reply, errors } = run(async (_, res) => {
      res.end('fine')
      throw new Error('too late')
    })
    await new Promise(setImmediate)
    assert.deepEqual(reply.calls, [['head', 200], ['data', 'fine'], ['end']])
    assert.equal(errors.length, 1)
  })

  test('an error thrown while the body is delivered is the listener’s', () => {
    const { reply, errors } = run(
      (req) => {
        req.on('data', () => {
          throw new Error('bad data')
        })
        req.read()
      },
      { ...get, method: 'POST', body: Buffer.from('x') },
    )
    assert.equal(errors.length, 1)
    assert.deepEqual(reply.calls[0], ['head', 500, 'failed'])
  })

  test('what is not a promise may be returned', () => {
    for (const value of [undefined, null, 1, {}]) {
      const { reply, errors } = run((_, res) => {
        res.end()
        return value
      })
      assert.deepEqual(reply.calls, [['head', 200], ['end']])
      assert.deepEqual(errors, [])
    }
  })

  test('a destroyed response is cut', () => {
    const { reply, dispatcher } = run((_, res) => res.destroy())
    assert.deepEqual(reply.calls, [['cut', 'destroyed']])
    assert.equal(dispatcher.size, 0)
  })

  test('an aborted exchange is cut once, and what the handler does then goes nowhere', async () => {
    const { reply, exchange, dispatcher } = run(() => {})
    const { res } = exchange as Exchange
    dispatcher.abort('closed')
    ;(exchange as Exchange).abort('timeout')
    await once(res, 'close')
    res.end('late')
    assert.deepEqual(reply.calls, [['cut', 'closed']])
    assert.equal(dispatcher.size, 0)
  })

  test('an exchange that has answered can not be aborted', async () => {
    const { reply, exchange } = run((_, res) => res.end())
    ;(exchange as Exchange).abort('hung-up')
    await once((exchange as Exchange).res, 'close')
    assert.deepEqual(reply.calls, [['head', 200], ['end']])
    assert.equal((exchange as Exchange).req.aborted, false)
  })
})

describe('a reply that is slow', () => {
  test('slows the handler, and finishes the response when it is done', async () => {
    const events: string[] = []
    const reply = new Recorder()
    reply.hold = true
    const listener: Listener = (_, res) => {
      for (const name of ['drain', 'finish', 'close']) res.on(name, () => events.push(name))
      events.push(String(res.write(Buffer.alloc(100_000), () => events.push('written'))))
    }
    const onError = assert.fail
    const dispatcher = new Dispatcher({ listener, service: 's', local, timeout: 8000, onError })
    const { res } = dispatcher.dispatch(get, reply) as Exchange
    await new Promise(setImmediate)
    assert.deepEqual(events, ['false'])
    assert.equal(res.writableNeedDrain, true)

    reply.held.shift()?.()
    await new Promise(setImmediate)
    assert.deepEqual(events.splice(0), ['false', 'drain', 'written'])

    res.end('last')
    await new Promise(setImmediate)
    assert.deepEqual(events, [])
    assert.equal(dispatcher.size, 1)
    assert.equal(reply.calls.at(-1)?.[0], 'data')
    const closed = once(res, 'close')
    reply.held.shift()?.()
    await closed
    assert.deepEqual(events, ['finish', 'close'])
    assert.deepEqual(reply.calls.at(-1), ['end'])
    assert.equal(dispatcher.size, 0)
  })

  test('that fails destroys the response', async () => {
    const reply = new Recorder()
    reply.hold = true
    const listener: Listener = (_, res) => res.end('never taken')
    const dispatcher = new Dispatcher({ listener, service: 's', local, timeout: 8000, onError: assert.fail })
    const { res } = dispatcher.dispatch(get, reply) as Exchange
    const closed = once(res, 'close')
    reply.held.shift()?.(new Error('the wire is gone'))
    await closed
    assert.deepEqual(reply.calls, [
      ['head', 200],
      ['data', 'never taken'],
      ['cut', 'destroyed'],
    ])
    assert.equal(dispatcher.size, 0)
  })
})

describe('a handler that never answers', () => {
  /** Timers that are set while time passes count from the end of a tick: it passes in small ones. */
  function pass(milliseconds: number): void {
    for (let left = milliseconds; left > 0; left -= 1000) mock.timers.tick(1000)
  }

  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))
  afterEach(() => mock.timers.reset())

  test('is given up after the time limit, as by a caller that hangs up', async () => {
    const seen: string[] = []
    const { dispatcher, reply, exchange } = run((req, res) => {
      req.socket.on('timeout', () => seen.push('timeout'))
      req.on('aborted', () => seen.push('aborted'))
      res.on('close', () => seen.push('close'))
    })
    pass(8000)
    assert.equal(dispatcher.size, 1)
    pass(1000)
    assert.equal(dispatcher.size, 0)
    assert.deepEqual(reply.calls, [['cut', 'timeout']])
    await once((exchange as Exchange).res, 'close')
    assert.deepEqual(seen, ['timeout', 'aborted', 'close'])
  })

  test('does not shorten the time of one that came later', () => {
    const { dispatcher } = run(() => {})
    pass(5000)
    const later = new Recorder()
    dispatcher.dispatch(get, later)
    pass(4000)
    assert.equal(dispatcher.size, 1)
    assert.deepEqual(later.calls, [])
    pass(5000)
    assert.deepEqual(later.calls, [['cut', 'timeout']])
  })

  test('leaves no timer behind', () => {
    const { dispatcher } = run(() => {})
    const spy = mock.method(globalThis, 'setTimeout')
    pass(20_000)
    assert.equal(dispatcher.size, 0)
    const armed = spy.mock.callCount()
    pass(20_000)
    assert.equal(spy.mock.callCount(), armed)
    spy.mock.restore()
  })
})

describe('what surrounds a request', () => {
  test('a context entered by one handler does not reach the next, and reaches its own end as over HTTP', async () => {
    const storage = new AsyncLocalStorage<string>()
    const seen: (string | undefined)[] = []
    const listener: Listener = (req, res) => {
      seen.push(storage.getStore())
      storage.enterWith(req.url as string)
      req.on('end', () => {
        seen.push(storage.getStore())
        setImmediate(() => res.end())
      })
      req.resume()
    }
    // From Node 24 on, a context that was entered ends with the listener.
    await viaHttp({ method: 'POST', url: '/1', body: 'x' }, listener)
    const [, atEnd] = seen.splice(0)
    const ends = atEnd === undefined ? [undefined, undefined] : ['/1', '/2']

    const dispatcher = new Dispatcher({ listener, service: 's', local, timeout: 8000, onError: assert.fail })
    const replies = ['/1', '/2'].map((url) => {
      const reply = new Recorder()
      dispatcher.dispatch({ ...get, method: 'POST', url, body: Buffer.from('x') }, reply)
      return reply
    })
    seen.push(storage.getStore())
    for (const reply of replies) await reply.ended
    assert.deepEqual(seen, [undefined, undefined, undefined, ...ends])
  })

  test('another prototype does not part a response from its reply', () => {
    const { reply } = run((req, res) => {
      const requestLike = Object.create(Object.getPrototypeOf(req) as object)
      const responseLike = Object.create(Object.getPrototypeOf(res) as object)
      Object.setPrototypeOf(req, requestLike)
      Object.setPrototypeOf(res, responseLike)
      responseLike.write = function (this: ServerResponse, chunk: string) {
        return Object.getPrototypeOf(responseLike).write.call(this, chunk.toUpperCase())
      }
      res.write('shout')
      res.end()
    })
    assert.deepEqual(reply.calls, [['head', 200], ['data', 'SHOUT'], ['end']])
  })

  test('whoever waits for the socket to close is told after the response', async () => {
    const order: string[] = []
    const { exchange } = run((req, res) => {
      req.socket.on('close', () => order.push('socket'))
      res.on('close', () => order.push('response'))
      res.end()
    })
    const { req } = exchange as Exchange
    assert.equal(req.socket.destroyed, false)
    await once(req.socket, 'close')
    assert.deepEqual(order, ['response', 'socket'])
    assert.equal(req.aborted, false)
  })

  test('nobody waiting, the socket stays as it would on a connection that is kept', async () => {
    const { exchange } = run((_, res) => res.end())
    const { req, res } = exchange as Exchange
    await once(res, 'close')
    await new Promise(setImmediate)
    assert.equal(req.socket.destroyed, false)
    assert.equal(res.socket, null)
  })
})

describe('a handler that writes to its socket', () => {
  const writes: [string, (socket: IncomingMessage['socket']) => void][] = [
    ['a whole answer as text', (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')],
    ['and ends it', (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n')],
    ['many pieces', (socket) => Array.from('HTTP', (one) => socket.write(one))],
    [
      'and answers by the response too',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n')
        ;(socket as unknown as { _httpMessage: ServerResponse })._httpMessage.end('twice')
      },
    ],
  ]
  for (const [what, write] of writes) {
    test(`${what}, before the head: fails with 500`, async () => {
      const { reply, dispatcher, errors, exchange } = run((req) => write(req.socket))
      await once((exchange as Exchange).res, 'close')
      assert.deepEqual(reply.calls[0], ['head', 500, 'failed'])
      assert.deepEqual(reply.calls.slice(2), [['end']])
      assert.deepEqual(
        errors.map((error) => (error as SleuthError).code),
        ['SLEUTH_SOCKET_WRITE'],
      )
      assert.equal(dispatcher.size, 0)
    })
  }

  test('nothing, but ends it: has cut its answer off', async () => {
    const { reply, dispatcher, errors } = run((req) => req.socket.end())
    await reply.ended
    assert.deepEqual(reply.calls, [['cut', 'destroyed']])
    assert.deepEqual(errors, [])
    assert.equal(dispatcher.size, 0)
  })
})
