import assert from 'node:assert/strict'
import { group, test } from '../harness/case.js'
import { get, head, header, post, request, whole } from '../harness/message.js'
import { noCut, noTrailers, ownHost } from './whole.js'

const json = 'application/json'

export const fastify = group('Fastify itself', [
  test('reply.sendFile', 200, get('/send-file')),
  test('reply.sendFile, a range', 206, get('/send-file', { Range: 'bytes=10-19' })),
  test('reply.download', 200, get('/download'), {
    check: ([answer]) => assert.match(header(answer, 'content-disposition'), /count\.txt/),
  }),
  test('a body that fits its schema', 200, post('/schema', json, '{"name":"a","age":"7"}'), {
    check: ([answer]) => assert.deepEqual(JSON.parse(String(answer?.body)), { name: 'a', age: 7 }),
  }),
  test('a body that does not', 400, post('/schema', json, '{"age":"seven"}')),
  test('a parameter that fits', 200, get('/schema/7')),
  test('a parameter that does not', 400, get('/schema/seven')),
  test('a query that does not fit', 400, get('/schema/query?n=x')),
  test('reply.hijack', 201, get('/hijacked')),
  test('reply.hijack, with headers', 200, get('/hijacked/headers')),
  test('reply.raw', 200, get('/raw')),
  test('a web Response', 201, get('/web/response')),
  test('a web stream', 200, get('/web/stream')),
  test('a stream that fails in the middle', 'cut', get('/stream/failing'), { whole: noCut }),
  test('early hints', 200, get('/early-hints')),
  test(
    'constrained to a host',
    [404, 200],
    [get('/constrained'), get('/constrained', { Host: 'other.example.test' })],
    { sleuth: ownHost(404) },
  ),
  test(
    'constrained to a version',
    [404, 200, 200],
    [
      get('/versioned'),
      get('/versioned', { 'Accept-Version': '2.0.0' }),
      get('/versioned', { 'Accept-Version': '2.x' }),
    ],
  ),
  test('callNotFound', 404, get('/not-found')),
  test('a parameter that is too long', 414, get(`/max-param/${'x'.repeat(101)}`)),
  test('hooks', 200, get('/hooked'), {
    check: ([answer]) => assert.equal(String(answer?.body), '{"wrapped":{"hooked":true}}\n'),
  }),
  test('hooks, HEAD', 200, head('/hooked')),
  test('hooks around 304', 304, get('/hooked/removed')),
  test('hooks around an error', 500, get('/hooked/error')),
  test('a hook that answers', 401, get('/hooked', { 'X-Turn-Away': 'yes' })),
  test('an announced trailer', 200, get('/trailer'), { sleuth: noTrailers }),
  test('a body of an unknown type', 415, post('/schema', 'application/x-unknown', '?')),
  test('a body with __proto__', 400, post('/schema', json, '{"__proto__":{"a":1}}')),
  test('a GET with a body', 200, request('GET', '/query', { 'Content-Type': json }, whole('{}'))),
])
