import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, mock, test } from 'node:test'
import type { Exchange } from '#src/server/exchange.js'
import { HANDLER_TIME_MS } from '#src/server/timeouts.js'
import type { Listener } from '#src/server/types.js'
import type { SleuthError } from '#src/shared/errors.js'
import type { AbortReason, Done, IncomingRequest } from '#src/transport/transport.js'
import { pass } from '../harness.js'
import { viaHttp } from './both.js'
import { get, peerAt, Sink, serverOf } from './callers.js'
import { withThen } from './thenables.js'

const caller = peerAt(1)

/** Keeps what it is told; takes data at once, unless it is told to hold it. */
class Recorder extends Sink {
  override readonly streams = false
  readonly calls: unknown[][] = []
  readonly held: Done[] = []
  hold = false
  #over: () => void = () => {}
  readonly ended = new Promise<void>((resolve) => {
    this.#over = resolve
  })

  override head(status: number, _message: string, headers: string[]): void {
    const at = headers.indexOf('X-Sleuth-Error')
    this.calls.push(at === -1 ? ['head', status] : ['head', status, headers[at + 1]])
  }

  override data(chunks: readonly Buffer[], done: Done): void {
    this.calls.push(['data', Buffer.concat(chunks).toString()])
    if (this.hold) this.held.push(done)
    else done()
  }

  override end(): void {
    this.calls.push(['end'])
    super.end()
    this.#over()
  }

  override abort(reason: AbortReason): void {
    this.calls.push(['abort', reason])
    super.abort(reason)
    this.#over()
  }
}

function run(listener: Listener, request: IncomingRequest = get) {
  const { server, errors, counters } = serverOf(listener)
  const reply = new Recorder()
  server.accept(caller, request, reply)
  return { server, reply, exchange: reply.exchange as Exchange, errors, counters }
}

describe('exactly one reply', () => {
  test('an answer given at once leaves at once', () => {
    const { server, reply, exchange } = run((_, res) => res.end('hello'))
    assert.deepEqual(reply.calls, [['head', 200], ['data', 'hello'], ['end']])
    assert.equal(server.busy, false)
    assert.ok(exchange)
  })

  test('a request that Node would not let through never reaches the listener', () => {
    const refused: [Partial<IncomingRequest>, string, number][] = [
      [{ method: 'get' }, 'method', 400],
      [{ url: '/a b' }, 'url', 400],
      [{ url: 'http://x/admin' }, 'url', 400],
      [{ headers: ['a b', ''] }, 'header-name', 400],
      [{ headers: ['a', '\n'] }, 'header-value', 400],
      [{ headers: ['expect', 'x'] }, 'expectation', 417],
    ]
    for (const [part, reason, status] of refused) {
      const listener = mock.fn()
      const { reply, exchange, server } = run(listener, { ...get, ...part })
      assert.equal(exchange, undefined)
      assert.equal(listener.mock.callCount(), 0)
      assert.equal(server.busy, false)
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
    for (const { reply, errors, server } of [thrown, rejected]) {
      await reply.ended
      assert.deepEqual(errors, [error])
      assert.deepEqual(reply.calls[0], ['head', 500, 'failed'])
      assert.equal(reply.calls.length, 3)
      assert.equal(server.busy, false)
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
    await once(exchange.res, 'close')
    assert.deepEqual(events, ['aborted', 'close'])
  })

  test('a head that was made but not sent is given up for the 500', () => {
    const { reply } = run((_, res) => {
      res.writeHead(200)
      throw new Error('boom')
    })
    assert.deepEqual(reply.calls[0], ['head', 500, 'failed'])
  })

  test('a listener that throws after its head aborts the response', () => {
    const { reply, errors } = run((_, res) => {
      res.write('part')
      throw new Error('boom')
    })
    assert.deepEqual(reply.calls, [
      ['head', 200],
      ['abort', 'failed'],
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

  test('a destroyed response is aborted', () => {
    const { reply, server } = run((_, res) => res.destroy())
    assert.deepEqual(reply.calls, [['abort', 'destroyed']])
    assert.equal(server.busy, false)
  })

  test('an aborted exchange is reported once, and what the handler does then goes nowhere', async () => {
    const { reply, exchange, server } = run(() => {})
    const { res } = exchange
    server.abort('closed')
    exchange.abort('timeout')
    await once(res, 'close')
    res.end('late')
    assert.deepEqual(reply.calls, [['abort', 'closed']])
    assert.equal(server.busy, false)
  })

  test('an exchange that has answered can not be aborted', async () => {
    const { reply, exchange } = run((_, res) => res.end())
    exchange.abort('client-disconnected')
    await once(exchange.res, 'close')
    assert.deepEqual(reply.calls, [['head', 200], ['end']])
    assert.equal(exchange.req.aborted, false)
  })
})

describe('a reply that is slow', () => {
  test('is finished by a wire that takes what is left at once when it hears of the end', async () => {
    const reply = new Recorder()
    reply.hold = true
    const take = (): void => {
      for (const done of reply.held.splice(0)) done()
    }
    const end = reply.end.bind(reply)
    reply.end = () => {
      end()
      take()
    }
    const { server, errors } = serverOf((_, res) => res.end('hello'))
    server.accept(caller, get, reply)
    const { res } = reply.exchange as Exchange
    if (!res.closed) await once(res, 'close')
    assert.deepEqual(reply.calls, [['head', 200], ['data', 'hello'], ['end']])
    assert.deepEqual(errors, [])
    assert.equal(server.busy, false)
  })

  test('slows the handler, and finishes the response when it is done', async () => {
    const events: string[] = []
    const reply = new Recorder()
    reply.hold = true
    const listener: Listener = (_, res) => {
      for (const name of ['drain', 'finish', 'close']) res.on(name, () => events.push(name))
      events.push(String(res.write(Buffer.alloc(100_000), () => events.push('written'))))
    }
    const { server } = serverOf(listener)
    server.accept(caller, get, reply)
    const { res } = reply.exchange as Exchange
    await new Promise(setImmediate)
    assert.deepEqual(events, ['false'])
    assert.equal(res.writableNeedDrain, true)

    reply.held.shift()?.()
    await new Promise(setImmediate)
    assert.deepEqual(events.splice(0), ['false', 'drain', 'written'])

    res.end('last')
    await new Promise(setImmediate)
    assert.deepEqual(events, [])
    assert.deepEqual(
      reply.calls.slice(-2).map(([name]) => name),
      ['data', 'end'],
    )
    const closed = once(res, 'close')
    reply.held.shift()?.()
    await closed
    assert.deepEqual(events, ['finish', 'close'])
    assert.deepEqual(reply.calls.at(-1), ['end'])
    assert.equal(server.busy, false)
  })

  test('that fails destroys the response', async () => {
    const reply = new Recorder()
    reply.hold = true
    const listener: Listener = (_, res) => res.end('never taken')
    const { server } = serverOf(listener)
    server.accept(caller, get, reply)
    const { res } = reply.exchange as Exchange
    const closed = once(res, 'close')
    reply.held.shift()?.(new Error('the wire is gone'))
    await closed
    assert.deepEqual(reply.calls, [['head', 200], ['data', 'never taken'], ['end'], ['abort', 'destroyed']])
    assert.equal(server.busy, false)
  })
})

describe('a handler that never answers', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))
  afterEach(() => mock.timers.reset())

  test('is given up after the time limit, as by a caller that hangs up', async () => {
    const seen: string[] = []
    const { server, reply, exchange } = run((req, res) => {
      req.socket.on('timeout', () => seen.push('timeout'))
      req.on('aborted', () => seen.push('aborted'))
      res.on('close', () => seen.push('close'))
    })
    pass(mock.timers, HANDLER_TIME_MS)
    assert.equal(server.busy, true)
    pass(mock.timers, 100)
    assert.equal(server.busy, false)
    assert.deepEqual(reply.calls, [['abort', 'timeout']])
    await once(exchange.res, 'close')
    assert.deepEqual(seen, ['timeout', 'aborted', 'close'])
  })

  test('does not shorten the time of one that came later', () => {
    const { server, reply } = run(() => {})
    pass(mock.timers, HANDLER_TIME_MS / 2)
    const later = new Recorder()
    server.accept(caller, get, later)
    pass(mock.timers, HANDLER_TIME_MS / 2 + 100)
    assert.equal(server.busy, true)
    assert.deepEqual(reply.calls, [['abort', 'timeout']])
    assert.deepEqual(later.calls, [])
    pass(mock.timers, HANDLER_TIME_MS / 2 + 100)
    assert.deepEqual(later.calls, [['abort', 'timeout']])
  })

  test('leaves no timer behind', () => {
    const { server } = run(() => {})
    const spy = mock.method(globalThis, 'setTimeout')
    pass(mock.timers, HANDLER_TIME_MS + 100)
    assert.equal(server.busy, false)
    const armed = spy.mock.callCount()
    pass(mock.timers, 20_000)
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

    const { server } = serverOf(listener)
    const replies = ['/1', '/2'].map((url) => {
      const reply = new Recorder()
      server.accept(caller, { ...get, method: 'POST', url, body: Buffer.from('x') }, reply)
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
    const { req } = exchange
    assert.equal(req.socket.destroyed, false)
    await once(req.socket, 'close')
    assert.deepEqual(order, ['response', 'socket'])
    assert.equal(req.aborted, false)
  })

  test('nobody waiting, the socket stays as it would on a connection that is kept', async () => {
    const { exchange } = run((_, res) => res.end())
    const { req, res } = exchange
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
      const { reply, server, errors, exchange } = run((req) => write(req.socket))
      await once(exchange.res, 'close')
      assert.deepEqual(reply.calls[0], ['head', 500, 'failed'])
      assert.deepEqual(reply.calls.slice(2), [['end']])
      assert.deepEqual(
        errors.map((error) => (error as SleuthError).code),
        ['SLEUTH_SOCKET_WRITE'],
      )
      assert.equal(server.busy, false)
    })
  }

  test('nothing, but ends it: has cut its answer off', async () => {
    const { reply, server, errors } = run((req) => req.socket.end())
    await reply.ended
    assert.deepEqual(reply.calls, [['abort', 'destroyed']])
    assert.deepEqual(errors, [])
    assert.equal(server.busy, false)
  })
})
