import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, test } from 'node:test'
import { codeOf, same, viaSeam } from './both.js'

type Change = (res: ServerResponse, req: IncomingMessage) => void

/** What a handler may set once its head is written. */
const changes: Record<string, Change> = {
  'the status': (res) => {
    res.statusCode = 200
  },
  'the status, to one without a body': (res) => {
    res.statusCode = 204
  },
  'the message': (res) => {
    res.statusMessage = 'Fine'
  },
  sendDate: (res) => {
    res.sendDate = false
  },
  shouldKeepAlive: (res) => {
    res.shouldKeepAlive = false
  },
  strictContentLength: (res) => {
    res.strictContentLength = true
  },
  'the method, to HEAD': (_, req) => {
    req.method = 'HEAD'
  },
  'the method, to GET': (_, req) => {
    req.method = 'GET'
  },
  'the headers of the request': (_, req) => {
    req.headers['content-length'] = '1'
    req.rawHeaders.length = 0
  },
}

/** How a handler writes its head. */
const heads: Record<string, (res: ServerResponse) => void> = {
  writeHead: (res) => void res.writeHead(403),
  'writeHead with a message and headers': (res) => void res.writeHead(403, 'No', { 'X-A': '1' }),
  'writeHead with a length': (res) => void res.writeHead(403, { 'Content-Length': 5 }),
  flushHeaders: (res) => {
    res.statusCode = 403
    res.setHeader('X-A', ['1', '2'])
    res.flushHeaders()
  },
  'its first bytes': (res) => {
    res.statusCode = 403
    res.write('first')
  },
}

describe('what a handler changes once its head is written changes nothing, as over HTTP', () => {
  for (const [written, write] of Object.entries(heads)) {
    for (const [what, change] of Object.entries(changes)) {
      test(`${what}, after ${written}`, async () => {
        for (const method of ['GET', 'HEAD', 'POST']) {
          const seen = await same({ method }, (req, res, { log }) => {
            write(res)
            change(res, req)
            log(codeOf(() => res.setHeader('X-B', 'late')))
            log(codeOf(() => res.end('after')))
            log(res.statusCode, res.statusMessage, res.headersSent)
          })
          assert.equal(seen.status, 403)
        }
      })
    }
  }

  test('the head that it gave', async () => {
    await same({}, (_, res) => {
      const given: Record<string, string | string[]> = { 'X-A': ['1'], 'X-B': 'b' }
      res.writeHead(200, given)
      ;(given['X-A'] as string[]).push('2')
      given['X-C'] = 'c'
      res.end()
    })
    await same({}, (_, res) => {
      const pairs = ['X-A', '1']
      res.writeHead(200, pairs)
      pairs.push('X-C', 'c')
      res.end()
    })
  })

  test('and when it changes the method before its head, HEAD has no body and no other has none', async () => {
    for (const [sent, becomes] of [
      ['HEAD', 'GET'],
      ['GET', 'HEAD'],
      ['POST', 'DELETE'],
    ] as const) {
      const seen = await same({ method: sent }, (req, res) => {
        req.method = becomes
        res.end('body')
      })
      assert.equal(seen.body, sent === 'HEAD' ? '' : 'body')
    }
  })

  test('whether the connection ends with the response', async () => {
    const ends: ((res: ServerResponse) => void)[] = [
      (res) => {
        res.shouldKeepAlive = false
      },
      (res) => res.setHeader('Connection', 'close'),
      (res) => {
        res.setHeader('Connection', 'keep-alive')
        res.removeHeader('Connection')
        res.shouldKeepAlive = false
      },
      (res) => {
        res.removeHeader('Content-Length')
        res.removeHeader('Transfer-Encoding')
      },
      (res) => {
        res.useChunkedEncodingByDefault = false
      },
      (res) => {
        res.statusCode = 204
        res.setHeader('Transfer-Encoding', 'chunked')
      },
      () => {},
    ]
    for (const [place, prepare] of ends.entries()) {
      await same({}, (_, res, { log }) => {
        prepare(res)
        res.write('x')
        log(place, (res as unknown as { _last: boolean })._last, res.shouldKeepAlive)
        res.end()
      })
    }
  })

  test('a value that gives another text each time can not add a header, as it could over HTTP', async () => {
    const seen = await viaSeam({}, (_, res, { log }) => {
      let asked = 0
      const value = { toString: () => (asked++ === 0 ? 'fine' : 'a\r\nX-Forged: 1') }
      log(codeOf(() => res.writeHead(200, { 'X-A': value as string })))
      res.end()
    })
    assert.deepEqual(seen.log, ['ERR_INVALID_CHAR'])
  })
})
