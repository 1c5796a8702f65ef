import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { doCall } from '#src/client/do.js'
import type { RequestHeaders } from '#src/client/headers.js'
import { fetchResponse } from '#src/client/response.js'
import { SleuthError } from '#src/shared/errors.js'

/** Without `accept` and `user-agent`, which are added behind what was given. */
const given = ({ fields }: RequestHeaders) => fields.slice(0, -4)

describe('doCall', () => {
  it('reads a string, as URL does', () => {
    const call = doCall('sleuth://foo/a/../b?c#d')
    assert.deepEqual(call.target, { service: 'foo', url: '/b?c#d' })
    assert.equal(call.url, 'sleuth://foo/b?c#d')
    assert.deepEqual([call.method, given(call.headers), call.body], ['GET', [], undefined])
  })

  it('reads a URL', () => {
    assert.deepEqual(doCall(new URL('sleuth://Foo/a b')).target, { service: 'Foo', url: '/a%20b' })
  })

  for (const url of [
    'sleuth://foo:x/',
    'sleuth://foo:99999/',
    'sleuth://a[b/',
    'sleuth://a^b/',
    'sleuth://[::1/',
  ]) {
    it(`refuses what URL refuses, with a code: ${url}`, () => {
      assert.throws(
        () => doCall(url),
        (error) => error instanceof SleuthError && error.code === 'SLEUTH_URL',
      )
    })
  }

  it('reads a Request: method, headers, body, signal', async () => {
    const request = new Request('sleuth://foo/a', { method: 'post', headers: { 'x-a': '1' }, body: 'hello' })
    const call = doCall(request)
    assert.deepEqual(call.target, { service: 'foo', url: '/a' })
    assert.equal(call.method, 'POST')
    assert.deepEqual(given(call.headers), ['content-type', 'text/plain;charset=UTF-8', 'x-a', '1'])
    assert.equal(call.body, request.body)
    assert.equal(call.signal, request.signal)
  })

  it('puts init before what a Request says', () => {
    const { signal } = new AbortController()
    const request = new Request('sleuth://foo/a', { method: 'POST', headers: { 'x-a': '1' }, body: 'hello' })
    const init = {
      method: 'PUT',
      headers: { 'x-b': '2' },
      body: 'bye',
      signal,
      timeout: 7,
      duplex: 'half',
    } as const
    const { method, headers, body, timeout, signal: own } = doCall(request, init)
    assert.deepEqual([method, given(headers), body, timeout, own], ['PUT', ['x-b', '2'], 'bye', 7, signal])
    assert.equal(doCall(request, { signal: null }).signal, null)
    assert.equal(doCall(request, { body: null }).body, request.body)
  })

  it('refuses a Request whose body was read before', async () => {
    const request = new Request('sleuth://foo/a', { method: 'POST', body: 'hello' })
    await request.text()
    assert.throws(
      () => doCall(request),
      (error) =>
        error instanceof SleuthError && error.code === 'SLEUTH_ARGUMENT' && /read before/.test(error.message),
    )
  })

  it('puts the methods in upper case that fetch does, and no other', () => {
    const methods = ['get', 'Post', 'PUT', 'delete', 'head', 'options', 'patch', 'Query']
    assert.deepEqual(
      methods.map((method) => doCall('sleuth://foo/', { method }).method),
      ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'patch', 'Query'],
    )
  })
})

const get = (url: string) => ({ url, method: 'GET', redirects: 0, decompress: true })

const head = (url: string) => ({ ...get(url), method: 'HEAD' })

describe('fetchResponse', () => {
  const reply = (code: number, text = '', headers: string[] = [], message = '') => ({
    code,
    message,
    headers,
    body: Buffer.from(text),
  })
  const url = 'sleuth://foo/a?b'

  it('is a Response, with the URL less its fragment, on clones too', async () => {
    const response = fetchResponse(
      get(`${url}#c`),
      reply(201, '{"a":1}', ['content-type', 'application/json']),
    )
    const clone = response.clone()
    for (const each of [response, clone, clone.clone()]) {
      assert.ok(each instanceof Response)
      assert.deepEqual([each.url, each.status, each.statusText, each.ok], [url, 201, 'Created', true])
      assert.equal(each.redirected, false)
      assert.equal(each.headers.get('Content-Type'), 'application/json')
    }
    assert.deepEqual(await clone.json(), { a: 1 })
    assert.deepEqual(await response.json(), { a: 1 })
    assert.equal(response.bodyUsed, true)
  })

  it('has the text that the service wrote for the status, if an HTTP client would take it', () => {
    const textOf = (code: number, message: string) => {
      const response = fetchResponse(get(url), reply(code, 'x', [], message))
      assert.equal(response.clone().statusText, response.statusText)
      return response.statusText
    }
    assert.equal(textOf(200, 'ok'), 'ok')
    assert.equal(textOf(799, 'Quite \xe9 Fine'), 'Quite \xe9 Fine')
    assert.equal(textOf(204, 'Nothing'), 'Nothing')
    for (const message of ['', 'a\nb', '\0', '\u20ac']) assert.equal(textOf(201, message), 'Created')
    assert.equal(textOf(799, ''), '')
  })

  for (const code of [0, 100, 101, 199, 204, 205, 304, 600, 799, 1000]) {
    it(`gives the status ${code}, with a body and without`, async () => {
      const response = fetchResponse(get(url), reply(code, 'text'))
      assert.equal(response.status, code)
      assert.equal(response.ok, code >= 200 && code < 300)
      const clone = response.clone()
      assert.equal(clone.status, code)
      assert.equal(await response.text(), 'text')
      assert.equal(await clone.text(), 'text')
      assert.equal(await fetchResponse(get(url), reply(code)).text(), '')
    })
  }

  it('has no body where fetch has none, and an empty one where fetch has that', () => {
    assert.equal(fetchResponse(get(url), reply(204)).body, null)
    assert.equal(fetchResponse(head(url), reply(200)).body, null)
    assert.notEqual(fetchResponse(get(url), reply(200)).body, null)
  })

  it('keeps the values of a header apart where Headers can', () => {
    const { headers } = fetchResponse(
      get(url),
      reply(200, '', ['Set-Cookie', 'a=1', 'X-A', '1', 'Set-Cookie', 'b=2', 'X-A', '2']),
    )
    assert.deepEqual(headers.getSetCookie(), ['a=1', 'b=2'])
    assert.equal(headers.get('x-a'), '1, 2')
  })

  it('shows a value beyond one byte a character as HTTP would', () => {
    const { headers } = fetchResponse(get(url), reply(200, '', ['X-A', '€', 'X-B', 'é']))
    assert.equal(headers.get('x-a'), Buffer.from('€').toString('latin1'))
    assert.equal(headers.get('x-b'), 'é')
  })
})

describe('a Response that was read', () => {
  it('can be shown, and has a body that is locked', async () => {
    const reply = { code: 200, message: '', headers: [], body: Buffer.from('text') }
    const response = fetchResponse(get('sleuth://foo/'), reply)
    assert.match(inspect(response), /bodyUsed: false/)
    const other = fetchResponse(get('sleuth://foo/'), reply)
    await other.text()
    assert.match(inspect(other), /bodyUsed: true/)
    assert.equal(other.body?.locked, true)
    assert.throws(() => other.clone(), TypeError)
    for (const again of [other.text(), other.json(), other.arrayBuffer(), other.blob()]) {
      await assert.rejects(again, TypeError)
    }
  })
})
