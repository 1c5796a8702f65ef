import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, Server } from 'node:http'
import { PassThrough, pipeline } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { noteEvents, same } from './both.js'

const lifecycle = ['data', 'end', 'aborted', 'error', 'close']

/** The header fields of a request but those of the connection, which are not carried. */
function headersOf(req: IncomingMessage): unknown {
  const { connection, ...headers } = req.headers
  return headers
}

describe('a request, as over HTTP', () => {
  test('its line and version', async () => {
    const seen = await same({ method: 'DELETE', url: '/a/../b//c%2e?x=1&x=2' }, (req, res, { log }) => {
      log(req.method, req.url, req.httpVersion, req.httpVersionMajor, req.httpVersionMinor)
      log((req as unknown as { upgrade: unknown }).upgrade, req.statusCode, req.statusMessage)
      res.end()
    })
    assert.deepEqual(seen.log[0], ['DELETE', '/a/../b//c%2e?x=1&x=2', '1.1', 1, 1])
  })

  test('its headers: lower case, joined, listed or first one wins, by Node’s rules', async () => {
    const headers = [
      ['X-One', '1', 'x-one', '2', 'Accept', 'text/html', 'accept', 'text/plain'],
      ['Cookie', 'a=1', 'cookie', 'b=2', 'Set-Cookie', 'c=3', 'Set-Cookie', 'd=4'],
      [
        'Content-Type',
        'text/plain',
        'Content-Type',
        'text/html',
        'User-Agent',
        'first',
        'User-Agent',
        'second',
      ],
      ['Authorization', 'Basic QQ==', 'authorization', 'Bearer x', 'X-Empty', '', 'X-Padded', ' \t a  b\t '],
      ['__proto__', 'data', 'constructor', 'data', 'X-Latin', 'caf\u00e9'],
    ].flat()
    await same({ headers }, (req, res, { log }) => {
      log(headersOf(req))
      log(Object.entries(req.headersDistinct).filter(([name]) => name !== 'connection'))
      const raw = req.rawHeaders
      log(raw.filter((_, i) => raw[i - (i % 2)] !== 'Connection'))
      log(req.trailers, req.trailersDistinct, req.rawTrailers)
      res.end()
    })
  })

  test('content-length and host are there', async () => {
    const seen = await same({ method: 'POST', body: 'twelve bytes' }, (req, res, { log }) => {
      log(headersOf(req))
      req.resume()
      req.on('end', () => res.end())
    })
    assert.deepEqual(seen.log[0], { host: 'article-service', 'content-length': '12' })
    await same({ method: 'POST' }, (req, res, { log }) => {
      log(headersOf(req))
      res.end()
    })
    await same({ method: 'GET' }, (req, res, { log }) => {
      log(headersOf(req))
      res.end()
    })
  })

  test('its socket', async () => {
    const seen = await same({}, (req, res, { log }) => {
      const { socket } = req
      log(socket.remoteAddress, socket.remoteFamily, socket.localAddress, socket.localFamily)
      log(typeof socket.remotePort, typeof socket.localPort, Object.keys(socket.address()).sort())
      log('encrypted' in socket, socket.destroyed, socket.readable, socket.writable, socket.readyState)
      log(socket.connecting, socket.pending, socket.timeout, socket.writableLength)
      log(typeof socket.bytesRead, typeof socket.bytesWritten, socket.allowHalfOpen, socket.errored)
      const { server } = socket as unknown as { server: unknown }
      log(server instanceof Server, 'authorized' in socket, 'getPeerCertificate' in socket)
      log(
        req.connection === socket,
        (req as unknown as { client: unknown }).client === socket,
        res.socket === socket,
      )
      log(
        socket.setNoDelay() === socket,
        socket.setKeepAlive() === socket,
        socket.ref() === socket,
        socket.unref() === socket,
      )
      res.end()
    })
    assert.deepEqual(seen.log[0], ['127.0.0.1', 'IPv4', '127.0.0.1', 'IPv4'])
  })

  test('reading by events', async () => {
    await same({ method: 'POST', body: 'hello' }, (req, res, probe) => {
      noteEvents(probe, 'req', req, lifecycle)
      noteEvents(probe, 'res', res, ['prefinish', 'finish', 'close'])
      probe.log(req.complete, req.readableFlowing, req.readableEnded, req.read())
      req.on('data', (chunk) => probe.log(String(chunk), req.complete))
      req.on('end', () => {
        probe.log(req.complete, req.readableEnded, req.destroyed)
        res.end('read', () => probe.log('end callback'))
      })
    })
  })

  test('reading with an encoding, by "readable", by async iteration, by pipe', async () => {
    const sent = { method: 'POST', body: 'h\u00e9llo w\u00f6rld' }
    await same(sent, (req, res, { log }) => {
      req.setEncoding('utf8')
      req.on('data', (chunk) => log(typeof chunk, chunk))
      req.on('end', () => res.end())
    })
    await same(sent, (req, res, { log }) => {
      req.on('readable', () => {
        for (let chunk = req.read(3); chunk !== null; chunk = req.read(3)) log(String(chunk))
      })
      req.on('end', () => res.end())
    })
    await same(sent, async (req, res, { log }) => {
      for await (const chunk of req) log(String(chunk))
      log(req.complete, req.readableEnded)
      res.end()
    })
    await same(sent, (req, res, { log }) => {
      pipeline(req, new PassThrough(), res, (error) => log('piped', error?.message))
    })
    const seen = await same(sent, async (req, res) => res.end(await text(req)))
    assert.equal(seen.body, Buffer.from(sent.body).toString('latin1'))
  })

  test('paused and resumed', async () => {
    await same({ method: 'POST', body: 'late' }, (req, res, { log }) => {
      req.on('data', (chunk) => log(String(chunk)))
      req.pause()
      log(req.isPaused())
      setImmediate(() => {
        log('resume', req.complete)
        req.resume()
      })
      req.on('end', () => res.end())
    })
  })

  test('a body that nobody reads', async () => {
    for (const sent of [{ method: 'POST', body: 'unread' }, { method: 'POST' }, {}]) {
      await same(sent, (req, res, probe) => {
        noteEvents(probe, 'req', req, ['end', 'aborted', 'error', 'close'])
        noteEvents(probe, 'res', res, ['prefinish', 'finish', 'close'])
        res.end('done')
      })
    }
  })

  test('a body that is read after the response', async () => {
    await same({ method: 'POST', body: 'afterwards' }, (req, res, probe) => {
      noteEvents(probe, 'req', req, ['end', 'aborted', 'close'])
      req.on('data', (chunk) => probe.log(String(chunk)))
      req.pause()
      res.end('first')
      res.on('close', () => req.resume())
    })
  })

  test('expect: 100-continue', async () => {
    await same({ method: 'POST', headers: ['Expect', '100-continue'], body: 'x' }, (req, res, { log }) => {
      log(req.headers.expect, (res as unknown as { _sent100: boolean })._sent100)
      req.resume()
      req.on('end', () => res.end('ok'))
    })
  })

  test('destroyed by the handler', async () => {
    for (const error of [undefined, new Error('enough')]) {
      const seen = await same({ method: 'POST', body: 'x' }, (req, res, probe) => {
        noteEvents(probe, 'req', req, lifecycle)
        noteEvents(probe, 'res', res, ['finish', 'error', 'close'])
        noteEvents(probe, 'socket', req.socket, ['close'])
        req.destroy(error)
        probe.log(req.destroyed, req.aborted, req.socket.destroyed, res.destroyed, res.writable)
      })
      assert.equal(seen.cut, true)
    }
  })

  test('destroyed by the handler after it was read, and after the response', async () => {
    await same({ method: 'POST', body: 'x' }, async (req, res, probe) => {
      noteEvents(probe, 'req', req, ['end', 'aborted', 'close'])
      await text(req)
      await once(res.end('whole'), 'finish')
      req.destroy()
      probe.log(req.aborted, req.destroyed)
    })
  })

  test('its timeout', async () => {
    const seen = await same({ method: 'POST', body: 'x' }, (req, res, { log }) => {
      const returned = req.setTimeout(10, () => log('never: the request is complete'))
      log(returned === req)
      res.setTimeout(10, () => {
        log('response timed out', req.complete)
        res.end('late')
      })
    })
    assert.equal(seen.body, 'late')
  })
})
