import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { without } from '#src/http/headers.js'
import { SleuthError } from '#src/shared/errors.js'
import type { RequestOptions } from '#src/types.js'
import { attacked, deceived, wires } from './peers.js'

const connection = [
  ['Connection', 'close, X-Named'],
  ['X-Named', '1'],
  ['Keep-Alive', 'timeout=5'],
  ['Transfer-Encoding', 'chunked'],
  ['TE', 'trailers'],
  ['Trailer', 'X-Sum'],
  ['Proxy-Authorization', 'Basic YTpi'],
  ['Proxy-Connection', 'keep-alive'],
] as const

for (const wire of wires) {
  describe(`what our own callers send on wire ${wire}`, () => {
    async function sent(init: RequestOptions): Promise<string[]> {
      const { sleuth, asked } = await deceived(wire, () => ({}))
      await sleuth.request('sleuth://foo/', init)
      const headers = asked[0]?.headers ?? []
      return without(headers, (name) => /^(accept|user-agent)$/i.test(name))
    }

    it('is nothing about a connection, and no host', async () => {
      const headers = [...connection, ['Host', 'example.test'], ['X-A', '1']] as [string, string][]
      assert.deepEqual(await sent({ headers }), ['X-A', '1'])
    })

    it('is refused with a code where it holds a line end, a NUL or no name', async () => {
      const { sleuth, asked } = await deceived(wire, () => ({}))
      const odd = ['a\r\nX-B: 2', 'a\nb', 'a\rb', 'a\0b', '\0', '\x7f', '\u2028']
      const inits: RequestOptions[] = [
        ...odd.map((value) => ({ headers: { 'x-a': value } })),
        ...[...odd, '', 'a b', 'a:', 'é', '\u2603'].map((name) => ({ headers: { [name]: '1' } })),
        ...['GE T', 'GET\r\n', 'GET /x HTTP/1.1', '', 'é'].map((method) => ({ method })),
      ]
      for (const init of inits) {
        for (const call of [sleuth.request, sleuth.do]) {
          const refused = (error: unknown) => error instanceof SleuthError && error.code === 'SLEUTH_ARGUMENT'
          await assert.rejects(call('sleuth://foo/', init as never), refused, JSON.stringify(init))
        }
      }
      assert.deepEqual(asked, [])
    })

    it('has no line end at either end of a value', async () => {
      assert.deepEqual(await sent({ headers: { 'x-a': '\r\n\t a\n' } }), [wire === 1 ? 'X-A' : 'x-a', 'a'])
    })

    it('keeps a space that is none to HTTP', async () => {
      const [, value] = await sent({ headers: { 'x-a': '\u00a0a\u00a0' } })
      assert.equal(value, '\u00a0a\u00a0')
    })
  })

  describe(`what a service is sent on wire ${wire}`, () => {
    it('reaches the handler without what is about a connection, and with the service for a host', async () => {
      const { seen, send } = await attacked(wire)
      const headers = [...connection.flat(), 'Host', 'example.test', 'X-A', '1', 'Upgrade', 'websocket']
      assert.equal(await send({ headers }), 200)
      assert.deepEqual(seen[0]?.rawHeaders, ['Host', 'foo', 'X-A', '1'])
    })

    it('has its framing made anew, whatever it says', async () => {
      const { seen, send } = await attacked(wire)
      const lengths = ['Content-Length', '999', 'content-length', 'many', 'Transfer-Encoding', 'chunked']
      assert.equal(await send({ method: 'POST', headers: lengths, body: 'four' }), 200)
      assert.deepEqual(seen[0]?.rawHeaders, ['Host', 'foo', 'Content-Length', '4'])
      assert.equal(seen[0]?.body, 'four')
    })

    it('comes several times as over HTTP', async () => {
      const { seen, send } = await attacked(wire)
      const fields = [
        ['Cookie', 'a=1', 'b=2'],
        ['Content-Type', 'text/plain', 'text/html'],
        ['Authorization', 'one', 'two'],
        ['X-Many', '1', '2'],
        ['Host', 'a.test', 'b.test'],
      ] as const
      const headers = fields.flatMap(([name, ...values]) => values.flatMap((value) => [name, value]))
      assert.equal(await send({ headers }), 200)
      assert.deepEqual(
        { ...seen[0]?.headers },
        {
          host: 'foo',
          cookie: 'a=1; b=2',
          'content-type': 'text/plain',
          authorization: 'one',
          'x-many': '1, 2',
        },
      )
    })

    it('is carried as data where a proxy would have said it', async () => {
      const { seen, send } = await attacked(wire)
      const forwarded = [
        'X-Forwarded-For',
        '203.0.113.9',
        'X-Forwarded-Host',
        'a.test',
        'Forwarded',
        'for=_x',
      ]
      assert.equal(await send({ headers: forwarded }), 200)
      assert.deepEqual(seen[0]?.rawHeaders.slice(2), forwarded)
    })

    const refused: [what: string, Parameters<Awaited<ReturnType<typeof attacked>>['send']>[0]][] = [
      ['a line end in a value', { headers: ['X-A', '1\r\nX-B: 2'] }],
      ['a bare line feed in a value', { headers: ['X-A', '1\nX-B: 2'] }],
      ['a NUL in a value', { headers: ['X-A', 'a\0b'] }],
      ['a line end in a name', { headers: ['X-A\r\nX-B', '1'] }],
      ['a line end in what is not carried', { headers: ['Connection', 'close\r\nX-B: 2'] }],
      ['an empty name', { headers: ['', '1'] }],
      ['a name with a colon', { headers: ['X-A: 1', '1'] }],
      ['a line end in the URL', { url: '/ HTTP/1.1\r\nX-B: 2' }],
      ['a space in the URL', { url: '/a b' }],
      ['a control character in the URL', { url: '/a\x01b' }],
      ['a URL without a slash', { url: 'a' }],
      ['a line end in the method', { method: 'GET / HTTP/1.1\r\nX-B: 2' }],
      ['a method in lower case', { method: 'get' }],
      ['a method that is none', { method: 'JUMP' }],
      ['CONNECT', { method: 'CONNECT' }],
    ]
    for (const [what, request] of refused) {
      it(`is refused and counted: ${what}`, async () => {
        const { seen, send, service } = await attacked(wire)
        assert.equal(await send(request), 400)
        assert.deepEqual(seen, [])
        const { dropped, requests } = service.sleuth.stats()
        assert.equal(requests, 0)
        assert.equal(Object.values(dropped)[0], 1, JSON.stringify(dropped))
      })
    }
  })
}
