import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SleuthError } from '#src/shared/errors.js'
import { pair } from '../harness.js'
import { deceived, wires } from './peers.js'

for (const wire of wires) {
  describe(`what a handler answers on wire ${wire}`, () => {
    it('goes without what is about a connection', async () => {
      const { sleuth } = await pair(
        (_req, res) => {
          res.setHeader('Connection', ['close', 'x-named, X-Other'])
          res.setHeader('X-Named', '1').setHeader('x-other', '2').setHeader('Keep-Alive', 'timeout=5')
          res.setHeader('Proxy-Authenticate', 'Basic').setHeader('TE', 'x').setHeader('Upgrade', 'x')
          res.removeHeader('Date')
          res.sendDate = false
          res.setHeader('X-A', '1').end('hello')
        },
        { wire },
      )
      const { headers } = await sleuth.request('sleuth://foo/')
      assert.deepEqual(headers, { 'x-a': '1', 'content-length': '5' })
    })

    it('is not text that it writes to its socket', async () => {
      const { sleuth, server } = await pair(
        (_req, res) => void res.socket?.write('HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nok'),
        { wire },
      )
      const { status, headers } = await sleuth.request('sleuth://foo/')
      assert.deepEqual([status, headers['x-a']], [500, undefined])
      const codes = server.problems().map(({ fields }) => (fields.err as { code?: unknown }).code)
      assert.deepEqual(codes, ['SLEUTH_SOCKET_WRITE'])
    })

    it('can not hold a line end or a NUL: the handler is told, as over HTTP', async () => {
      const codes: unknown[] = []
      const note = (action: () => void) => {
        try {
          action()
        } catch (error) {
          codes.push((error as { code?: unknown }).code)
        }
      }
      const { sleuth } = await pair(
        (_req, res) => {
          for (const value of ['a\r\nX-B: 2', 'a\nb', 'a\0b']) {
            note(() => res.setHeader('X-A', value))
            note(() => res.writeHead(200, { 'X-A': value }))
            note(() => res.writeHead(200, ['X-A', value]))
            note(() => res.writeHead(200, `OK ${value}`))
          }
          note(() => res.setHeader('X-A\r\nX-B', '1'))
          res.writeHead(200, 'OK').end()
        },
        { wire },
      )
      const { status, headers } = await sleuth.request('sleuth://foo/')
      assert.deepEqual([status, headers['x-b']], [200, undefined])
      assert.equal(codes.length, 13)
      assert.deepEqual(new Set(codes), new Set(['ERR_INVALID_CHAR', 'ERR_INVALID_HTTP_TOKEN']))
    })
  })

  describe(`what a service answers that heeds no rule, on wire ${wire}`, () => {
    it('is given to the caller without the headers that HTTP could not carry, which is counted', async () => {
      const headers = ['X-A', '1\r\nX-B: 2', 'X-C', 'a\0b', 'X D', '1', '', '1', 'X-E\r\n', '1', 'X-F', 'é']
      const { sleuth } = await deceived(wire, () => ({ headers }))
      const lean = await sleuth.request('sleuth://foo/')
      assert.deepEqual(lean.headers, { 'x-f': 'é' })
      const response = await sleuth.do('sleuth://foo/')
      assert.deepEqual([...response.headers], [['x-f', 'é']])
      assert.deepEqual(sleuth.stats().dropped, { 'reply-header': 2 })
    })

    it('has no larger head than a request may have: the call fails, and it is counted', async () => {
      const limits = { headers: 10, headerBytes: 300 }
      const fields = (count: number) => Array.from({ length: count }, () => ['set-cookie', 'a']).flat()
      let headers: string[] = []
      const { sleuth } = await deceived(wire, () => ({ headers }), { limits })
      for (headers of [fields(10), ['x', 'v'.repeat(299)]]) {
        assert.equal((await sleuth.request('sleuth://foo/')).status, 200)
      }
      const cases = { headers: fields(11), headerBytes: ['x', 'v'.repeat(300)] }
      for (const [limit, large] of Object.entries(cases)) {
        headers = large
        for (const call of [sleuth.request('sleuth://foo/'), sleuth.do('sleuth://foo/')]) {
          await assert.rejects(call, (error: SleuthError) => {
            assert.equal(error.code, 'SLEUTH_TOO_LARGE')
            assert.deepEqual([error.codes, error.mayHaveRun], [[1007, 934], true])
            assert.match(
              error.message,
              new RegExp(`limits\\.${limit} \\(${limit === 'headers' ? '10 headers' : '300 bytes'}\\)`),
            )
            return true
          })
        }
      }
      assert.deepEqual(sleuth.stats().dropped, { 'reply-head': 4 })
      assert.equal(sleuth.stats().pending, 0)
    })

    it('is given without what is about a connection', async () => {
      const headers = ['Connection', 'X-Named', 'x-named', '1', 'Transfer-Encoding', 'chunked', 'X-A', '1']
      const { sleuth } = await deceived(wire, () => ({ headers: [...headers, 'Trailer', 'X-Sum'] }))
      assert.deepEqual((await sleuth.request('sleuth://foo/')).headers, { 'x-a': '1' })
      assert.deepEqual(sleuth.stats().dropped, {})
    })

    it('has the true content-length, if it has one', async () => {
      const said = [['99'], ['1', '2'], ['4', '4'], ['many'], ['-4'], ['4']]
      for (const lengths of said) {
        const headers = lengths.flatMap((length) => ['Content-Length', length])
        const { sleuth } = await deceived(wire, () => ({ headers, body: 'four' }))
        const { headers: got, body } = await sleuth.request('sleuth://foo/')
        assert.deepEqual([got, String(body)], [{ 'content-length': '4' }, 'four'], String(lengths))
      }
      const { sleuth } = await deceived(wire, () => ({ body: 'four' }))
      assert.deepEqual((await sleuth.request('sleuth://foo/')).headers, {})
    })

    it('has that of another body, to HEAD and with 304', async () => {
      const { sleuth } = await deceived(wire, () => ({ status: 304, headers: ['Content-Length', '9'] }))
      assert.equal((await sleuth.request('sleuth://foo/')).headers['content-length'], '9')
      const head = await deceived(wire, () => ({ headers: ['Content-Length', '9'] }))
      const { headers } = await head.sleuth.request('sleuth://foo/', { method: 'HEAD' })
      assert.equal(headers['content-length'], '9')
    })

    it('comes several times as over HTTP', async () => {
      const headers = [
        'Set-Cookie',
        'a=1',
        'set-cookie',
        'b=2',
        'ETag',
        '1',
        'etag',
        '2',
        'Vary',
        'a',
        'vary',
        'b',
      ]
      const { sleuth } = await deceived(wire, () => ({ headers }))
      assert.deepEqual((await sleuth.request('sleuth://foo/')).headers, {
        'set-cookie': ['a=1', 'b=2'],
        etag: '1',
        vary: 'a, b',
      })
    })
  })
}
