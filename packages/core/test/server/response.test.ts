import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { OutgoingHttpHeader, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, test } from 'node:test'
import { codeOf, noteEvents, same } from './both.js'

const lifecycle = ['prefinish', 'finish', 'drain', 'error', 'close', 'pipe', 'unpipe']

/** All that a handler can ask a response about its state. */
function stateOf(res: ServerResponse): unknown[] {
  const inner = res as unknown as Record<string, unknown>
  return [
    [
      res.statusCode,
      res.statusMessage,
      res.headersSent,
      Boolean(inner._header),
      inner._headerSent,
      inner._hasBody,
    ],
    [
      res.writable,
      res.writableEnded,
      res.writableFinished,
      res.finished,
      res.destroyed,
      res.closed,
      inner._closed,
    ],
    [
      res.writableObjectMode,
      res.writableHighWaterMark,
      res.writableCorked,
      res.writableNeedDrain,
      res.errored,
    ],
    [res.socket === null, res.connection === null, res.listenerCount('finish'), inner._contentLength],
  ]
}

describe('the head of a response, as over HTTP', () => {
  test('defaults', async () => {
    const seen = await same({}, (_, res, { log }) => {
      log(...stateOf(res))
      res.end()
      log(...stateOf(res))
      res.on('close', () => log(...stateOf(res)))
    })
    assert.deepEqual(seen.headers, ['Date', 'now', 'Content-Length', '0'])
  })

  test('statuses', async () => {
    for (const status of [200, 201, 204, 205, 301, 304, 404, 418, 500, 599, 799, 999]) {
      await same({}, (_, res, { log }) => {
        res.statusCode = status
        res.end('body')
        log(res.statusMessage)
      })
    }
  })

  test('statuses and messages that Node refuses', async () => {
    await same({}, (_, res, { log }) => {
      for (const status of [0, 99, 1000, -1, 'x']) log(codeOf(() => res.writeHead(status as number)))
      log(codeOf(() => res.writeHead(200, 'a\nb')))
      res.statusMessage = 'Fine'
      res.end()
      log(
        codeOf(() => res.writeHead(200)),
        codeOf(() => res.setHeader('a', 'b')),
        codeOf(() => res.removeHeader('a')),
      )
      log(
        codeOf(() => res.appendHeader('a', 'b')),
        codeOf(() => res.setHeaders(new Map())),
      )
    })
  })

  test('headers set one by one', async () => {
    await same({}, (_, res, { log }) => {
      log(res.setHeader('X-Number', 7) === res, res.appendHeader('X-List', 'a') === res)
      res.appendHeader('x-list', ['b', 'c'])
      res.setHeader('Set-Cookie', ['a=1', 'b=2'])
      res.setHeader('Cookie', ['a', 'b'])
      res.setHeader('X-Empty', [])
      res.setHeader('x-gone', 'soon')
      log(res.getHeader('X-NUMBER'), res.getHeader('x-list'), res.hasHeader('X-Gone'), res.getHeaderNames())
      res.removeHeader('X-Gone')
      log(res.getHeaders(), res.hasHeader('x-gone'))
      res.setHeaders(
        new Headers([
          ['x-from', 'headers'],
          ['set-cookie', 'c=3'],
          ['set-cookie', 'd=4'],
        ]),
      )
      for (const [name, value] of [
        ['', 'x'],
        ['a b', 'x'],
        ['ok', 'a\nb'],
        ['ok', '\u2603'],
        ['ok', undefined],
      ]) {
        log(codeOf(() => res.setHeader(name as string, value as string)))
      }
      res.end('body')
    })
  })

  const forms: [string, (res: ServerResponse) => unknown][] = [
    ['a status', (res) => res.writeHead(201)],
    ['a message', (res) => res.writeHead(201, 'Made')],
    ['an object', (res) => res.writeHead(201, { 'X-A': '1', 'X-B': ['2', '3'], 'Content-Length': 4 })],
    ['a message and an object', (res) => res.writeHead(201, 'Made', { 'X-A': '1' })],
    ['a flat list', (res) => res.writeHead(201, ['X-A', '1', 'x-a', '2', 'Set-Cookie', 'c'])],
    [
      'a list of pairs',
      (res) =>
        res.writeHead(201, [
          ['X-A', '1'],
          ['X-A', '2'],
        ] as unknown as OutgoingHttpHeader[]),
    ],
    ['an odd list', (res) => res.writeHead(201, ['X-A'])],
    ['a bad name', (res) => res.writeHead(201, { 'X A': '1' })],
    ['a bad value', (res) => res.writeHead(201, { 'X-A': 'a\r\nb' })],
    ['no value', (res) => res.writeHead(201, { 'X-A': undefined })],
    ['nothing', (res) => (res as unknown as { writeHead(): unknown }).writeHead()],
  ]
  for (const [name, form] of forms) {
    test(`writeHead with ${name}`, async () => {
      for (const before of [false, true]) {
        await same({}, (_, res, { log }) => {
          if (before) res.setHeader('X-A', 'before').setHeader('X-Kept', 'yes')
          log(codeOf(() => log(form(res) === res)))
          log(res.headersSent, res.statusCode, res.statusMessage)
          res.end('body')
        })
      }
    })
  }

  test('Date, content-length and their removal', async () => {
    await same({}, (_, res) => {
      res.sendDate = false
      res.end('no date')
    })
    await same({}, (_, res) => {
      res.setHeader('date', 'mine').removeHeader('content-length')
      res.end('chunked')
    })
    await same({}, (_, res) => {
      res.removeHeader('date')
      res.removeHeader('transfer-encoding')
      res.end('sized')
    })
    await same({}, (_, res) => {
      res.write('in two ')
      res.end('parts')
    })
    await same({}, (_, res) => {
      res.setHeader('Content-Length', '5')
      res.write('he')
      res.end('llo')
    })
    await same({}, (_, res) => {
      res.setHeader('Transfer-Encoding', 'chunked')
      res.end('chunked')
    })
    await same({}, (_, res, { log }) => {
      res.writeHead(204, { 'Transfer-Encoding': 'chunked' })
      log(res.shouldKeepAlive)
      res.end()
    })
    await same({}, (_, res) => {
      res.setHeader('Content-Disposition', 'attachment; filename="a.txt"')
      res.end('file')
    })
  })

  test('HEAD, 204 and 304 have no body', async () => {
    for (const method of ['HEAD', 'GET']) {
      for (const status of [200, 204, 304]) {
        for (const length of [undefined, 4]) {
          await same({ method }, (_, res, { log }) => {
            if (length !== undefined && status === 200) res.setHeader('Content-Length', length)
            res.statusCode = status
            log(res.write('bo', () => log('written')))
            res.end('dy', () => log('ended'))
          })
          await same({ method }, (_, res) => {
            res.statusCode = status
            res.end('body')
          })
        }
      }
    }
  })

  test('informational responses: not carried, their callbacks run', async () => {
    await same({}, (_, res, { log }) => {
      res.writeContinue(() => log('continue'))
      res.writeProcessing(() => log('processing'))
      res.writeEarlyHints({ session: '</style.css>; rel=preload' }, () => log('hints'))
      log(codeOf(() => res.writeEarlyHints({ session: 'nonsense' })))
      log(res.headersSent)
      setImmediate(() => res.end('final', () => log('ended')))
    })
  })

  test('flushHeaders', async () => {
    await same({}, (_, res, { log }) => {
      res.setHeader('X-A', '1')
      res.flushHeaders()
      log(
        ...stateOf(res),
        codeOf(() => res.setHeader('X-B', '2')),
      )
      res.flushHeaders()
      setImmediate(() => res.end('later'))
    })
  })

  test('trailers', async () => {
    await same({}, (_, res, { log }) => {
      res.write('body')
      res.addTrailers({ 'X-Sum': '1' })
      log(
        codeOf(() => res.addTrailers({ 'X Sum': '1' })),
        codeOf(() => res.addTrailers({ 'X-Sum': 'a\nb' })),
      )
      res.end()
    })
    await same({}, (_, res, { log }) => {
      res.setHeader('Trailer', 'X-Sum').setHeader('Content-Length', '2')
      log(codeOf(() => res.write('no')))
      res.removeHeader('Trailer')
      res.end('no')
    })
  })
})

describe('the body of a response, as over HTTP', () => {
  test('chunks of every kind', async () => {
    const seen = await same({}, (_, res, { log }) => {
      log(
        res.write('caf\u00e9 '),
        res.write('636166e9', 'hex'),
        res.write('\u00e9', 'latin1'),
        res.write('4pyT', 'base64'),
      )
      log(res.write(Buffer.from(' buffer')), res.write(new Uint8Array([32, 33])), res.write(''))
      res.end('end', 'utf8')
    })
    assert.equal(Buffer.from(seen.body, 'latin1').subarray(0, 6).toString(), 'caf\u00e9 ')
  })

  test('chunks that Node refuses', async () => {
    await same({}, (_, res, { log }) => {
      for (const chunk of [null, undefined, 7, {}, []]) log(codeOf(() => res.write(chunk)))
      for (const chunk of [7, {}, true]) log(codeOf(() => res.end(chunk as unknown as string)))
      res.end()
    })
    await same({}, (_, res, { log }) => {
      res.writeHead(200, { 'Content-Length': 2 }).write('ok')
      log(codeOf(() => res.write('x', 'nonsense' as BufferEncoding)))
      res.end()
    })
  })

  test('end in all its forms, callbacks and their order', async () => {
    const forms: ((res: ServerResponse, done: (error?: unknown) => void) => unknown)[] = [
      (res, done) => res.end(done),
      (res, done) => res.end('a', done),
      (res, done) => res.end('a', 'utf8', done),
      (res, done) => res.end(null, done),
      (res, done) => res.end(Buffer.from('a'), done),
      (res, done) => res.write('a') && res.end(done),
      (res, done) => res.write('a', done) && res.end(done),
      (res, done) => res.write('a', 'utf8', done) && res.end('b', 'utf8', done),
    ]
    for (const form of forms) {
      await same({}, (_, res, probe) => {
        noteEvents(probe, 'res', res, lifecycle)
        form(res, (error) =>
          probe.log('callback', error === undefined || error === null, res.writableFinished),
        )
        probe.log('returned', ...stateOf(res))
      })
    }
  })

  test('after the end', async () => {
    await same({}, (_, res, probe) => {
      noteEvents(probe, 'res', res, lifecycle)
      res.end('first')
      const note = (label: string) => (error?: Error | null) =>
        probe.log(label, (error as NodeJS.ErrnoException)?.code)
      res.end(note('second end'))
      probe.log(res.write('more', note('write')))
      probe.log(res.end('more', note('end with a chunk')) === res)
      res.on('finish', () => {
        res.end(note('end after finish'))
        probe.log(codeOf(() => res.flushHeaders()))
      })
      res.on('close', () => probe.log(res.write('after close', note('write after close'))))
    })
  })

  test('backpressure', async () => {
    await same({}, async (_, res, probe) => {
      noteEvents(probe, 'res', res, lifecycle)
      const big = Buffer.alloc(200_000, 'x')
      probe.log(res.write(big), res.writableNeedDrain)
      await once(res, 'drain')
      probe.log('drained', res.writableNeedDrain, res.writableLength)
      probe.log(res.write('small'), res.writableNeedDrain)
      res.end()
    })
  })

  test('a stream piped into it', async () => {
    const chunks = Array.from({ length: 40 }, (_, i) => Buffer.alloc(10_000, String(i % 10)))
    const seen = await same({}, (_, res, probe) => {
      noteEvents(probe, 'res', res, ['pipe', 'unpipe', 'prefinish', 'finish', 'close'])
      Readable.from(chunks).pipe(res)
    })
    assert.equal(seen.body.length, 400_000)
    await same({}, async (_, res, { log }) => {
      await pipeline(Readable.from(chunks), res)
      log('done', res.writableFinished)
    })
  })

  test('a stream that fails into it', async () => {
    const seen = await same({}, async (_, res, probe) => {
      noteEvents(probe, 'res', res, ['finish', 'error', 'close'])
      const source = Readable.from(
        (async function* () {
          yield 'begin'
          throw new Error('broken source')
        })(),
      )
      await pipeline(source, res).catch((error) => probe.log(error.message))
    })
    assert.equal(seen.cut, true)
  })

  test('corked', async () => {
    await same({}, (_, res, { log }) => {
      res.cork()
      res.write('a')
      res.write('b')
      log(res.headersSent)
      setImmediate(() => {
        res.uncork()
        res.end('c')
      })
    })
  })

  test('strictContentLength', async () => {
    for (const act of [
      (res: ServerResponse) => res.write('four'),
      (res: ServerResponse) => res.end('four'),
    ]) {
      const seen = await same({}, (_, res, { log }) => {
        res.strictContentLength = true
        res.writeHead(200, { 'Content-Length': 3 })
        log(codeOf(() => act(res)))
        res.destroy()
      })
      assert.deepEqual(seen.log, ['ERR_HTTP_CONTENT_LENGTH_MISMATCH'])
    }
    await same({}, (_, res, { log }) => {
      res.strictContentLength = true
      res.setHeader('Content-Length', 3)
      res.write('thr', () => log('written'))
      log(codeOf(() => res.end()))
      res.strictContentLength = false
      res.end()
    })
  })

  test('pipe from it', async () => {
    await same({}, (_, res, probe) => {
      noteEvents(probe, 'res', res, ['error'])
      res.pipe(res)
      res.end()
    })
  })

  test('events from the first byte to the end, the body in parts over several turns', async () => {
    await same({ method: 'POST', body: 'x' }, (req, res, probe) => {
      noteEvents(probe, 'req', req, ['data', 'end', 'close'])
      noteEvents(probe, 'res', res, lifecycle)
      noteEvents(probe, 'socket', req.socket, ['close', 'end', 'finish'])
      req.on('end', async () => {
        for (const part of ['a', 'b', 'c']) {
          res.write(part, () => probe.log(`wrote ${part}`))
          await new Promise(setImmediate)
        }
        res.end(() => probe.log('ended'))
      })
    })
  })
})

describe('a response that is destroyed, as over HTTP', () => {
  const moments: [string, (res: ServerResponse, error?: Error) => unknown][] = [
    ['before its head', (res, error) => res.destroy(error)],
    ['after its head', (res, error) => res.writeHead(200).destroy(error)],
    ['after a part', (res, error) => res.write('part') && setImmediate(() => res.destroy(error))],
    ['by its socket', (res, error) => res.socket?.destroy(error)],
    ['by the end of its socket', (res) => res.socket?.end()],
    ['by destroySoon', (res) => res.socket?.destroySoon()],
    ['by resetAndDestroy', (res) => res.socket?.resetAndDestroy()],
  ]
  for (const [name, destroy] of moments) {
    test(name, async () => {
      for (const error of [undefined, new Error('enough')]) {
        const seen = await same({}, (req, res, probe) => {
          noteEvents(probe, 'req', req, ['end', 'aborted', 'error', 'close'])
          noteEvents(probe, 'res', res, lifecycle)
          destroy(res, error)
          res.on('close', () => {
            const note = (label: string) => (error?: Error | null) =>
              probe.log(label, (error as NodeJS.ErrnoException)?.code)
            probe.log(...stateOf(res).slice(0, 3), res.errored?.message)
            probe.log(res.write('more', note('write')))
            res.end(note('end'))
            probe.log(res.writableEnded, res.destroyed)
          })
        })
        assert.equal(seen.cut, true)
      }
    })
  }

  test('at once after its end: it is whole', async () => {
    const seen = await same({}, (req, res, probe) => {
      noteEvents(probe, 'res', res, ['finish', 'close'])
      noteEvents(probe, 'req', req, ['aborted', 'close'])
      res.end('whole')
      req.socket.destroy()
    })
    assert.equal(seen.body, 'whole')
  })
})

describe('a caller that hangs up, as over HTTP', () => {
  test('before the response', async () => {
    const seen = await same({ method: 'POST', body: 'x' }, (req, res, probe) => {
      noteEvents(probe, 'req', req, ['data', 'end', 'aborted', 'error', 'close'])
      noteEvents(probe, 'res', res, lifecycle)
      req.on('end', () => probe.hangUp())
      res.on('close', () => {
        probe.log(
          req.aborted,
          req.destroyed,
          res.destroyed,
          res.writableEnded,
          res.writableFinished,
          res.writable,
        )
        probe.log(req.socket.destroyed, res.socket === null)
        probe.log(res.write('late', (error) => probe.log('write', (error as NodeJS.ErrnoException)?.code)))
        res.end('later')
      })
    })
    assert.equal(seen.cut, true)
  })

  test('while the request is unread', async () => {
    for (const listen of [true, false]) {
      await same({ method: 'POST', body: 'x' }, (req, res, probe) => {
        noteEvents(probe, 'req', req, listen ? ['aborted', 'error', 'close'] : ['aborted', 'close'])
        noteEvents(probe, 'res', res, lifecycle)
        probe.hangUp()
      })
    }
  })

  test('after a part of the response', async () => {
    await same({}, (req, res, probe) => {
      noteEvents(probe, 'req', req, ['aborted', 'error', 'close'])
      noteEvents(probe, 'res', res, lifecycle)
      res.write('part', () => probe.hangUp())
    })
  })

  test('and `req.signal`, where Node has it', async () => {
    type Signalled = { signal?: AbortSignal }
    await same({}, (req, res, probe) => {
      const { signal } = req as Signalled
      signal?.addEventListener('abort', () => probe.log('signal'))
      probe.hangUp()
      res.on('close', () => probe.log(signal?.aborted))
    })
    await same({}, (req, res, probe) => {
      const { signal } = req as Signalled
      res.end()
      res.on('close', () => setImmediate(() => probe.log(signal?.aborted)))
    })
  })
})

describe('timeouts, as over HTTP', () => {
  test('without a listener the socket is destroyed', async () => {
    const seen = await same({}, (req, res, probe) => {
      noteEvents(probe, 'res', res, ['timeout', 'finish', 'close'].slice(1))
      probe.log(req.socket.setTimeout(5) === req.socket, req.socket.timeout)
    })
    assert.equal(seen.cut, true)
  })

  test('with one on the response it is up to that', async () => {
    await same({}, (req, res, { log }) => {
      res.setTimeout(5, (...args: unknown[]) => {
        log(args.length, args[0] === req.socket)
        res.end('timed out')
      })
    })
  })

  test('0 stops it, and what Node refuses is refused', async () => {
    await same({}, (_, res, { log }) => {
      res.setTimeout(5)
      res.setTimeout(0)
      for (const time of ['5', -1, Number.NaN, Infinity]) log(codeOf(() => res.setTimeout(time as number)))
      setTimeout(() => res.end('in time'), 20)
    })
  })
})
