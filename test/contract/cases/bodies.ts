import assert from 'node:assert/strict'
import { binary, mebibyte, unicode } from '../apps/content.js'
import { type Framework, group, test } from '../harness/case.js'
import { type Answer, chunks, get, head, post, request, whole } from '../harness/message.js'
import { multipart } from '../harness/multipart.js'

const json = 'application/json'
const bytes = 'application/octet-stream'

function got(value: unknown) {
  return { check: ([answer]: readonly Answer[]) => assert.deepEqual(parse(answer), { got: value }) }
}

function parse(answer: Answer | undefined): unknown {
  return JSON.parse(String(answer?.body))
}

function same(content: Buffer) {
  return { check: ([answer]: readonly Answer[]) => assert.ok(answer?.body.equals(content)) }
}

const large = JSON.stringify({ large: 'x'.repeat(1024 * 1024) })

export const jsonBodies = group('JSON bodies', [
  test('an object', 200, post('/json-body', json, '{"a":[1,{"b":null}]}'), got({ a: [1, { b: null }] })),
  test('an array', 200, post('/json-body', json, '[1,2]'), got([1, 2])),
  test('Unicode', 200, post('/json-body', json, JSON.stringify({ unicode })), got({ unicode })),
  test('with a charset', 200, post('/json-body', `${json}; charset=utf-8`, '{"a":1}'), got({ a: 1 })),
  test(
    'by PUT',
    200,
    request('PUT', '/json-body', { 'content-type': json }, whole('{"a":1}')),
    got({ a: 1 }),
  ),
  test(
    'by PATCH',
    200,
    request('PATCH', '/json-body', { 'content-type': json }, whole('{"a":1}')),
    got({ a: 1 }),
  ),
  test('by DELETE', 200, request('DELETE', '/json-body', { 'content-type': json }, whole('{"a":1}'))),
  test(
    'in chunks',
    200,
    request('POST', '/json-body', { 'content-type': json }, chunks('{"a"', ':1', '}')),
    got({ a: 1 }),
  ),
  test('that is broken', 400, post('/json-body', json, '{"a":')),
  test('that is empty', { express: 200, koa: 200, fastify: 400, hono: 400 }, post('/json-body', json, '')),
  test('that is too long', 413, post('/small-json', json, JSON.stringify({ a: 'x'.repeat(200) }))),
  test('of one MiB', 200, post('/json-body', json, large)),
  test(
    'of another type',
    { express: 200, koa: 200, fastify: 415, hono: 200 },
    post('/json-body', 'application/x-other', '{"a":1}'),
  ),
  test(
    'without a type',
    { express: 200, koa: 200, fastify: 415, hono: 200 },
    request('POST', '/json-body', {}, whole('{"a":1}')),
  ),
  test('none at all', 200, request('POST', '/json-body')),
])

export const otherBodies = group('Other bodies: urlencoded, text, binary, multipart', [
  test('a form', 200, post('/form', 'application/x-www-form-urlencoded', 'a=1&b=two+words&c=%C3%A9&a=3')),
  test(
    'a nested form',
    200,
    post('/form', 'application/x-www-form-urlencoded', 'user[name]=x&user[tags][]=1'),
  ),
  test('an empty form', 200, post('/form', 'application/x-www-form-urlencoded', '')),
  test('text', 200, post('/text-body', 'text/plain; charset=utf-8', unicode), got(unicode)),
  test('binary', 200, post('/raw', bytes, binary), same(binary)),
  test('binary of one MiB', 200, post('/raw', bytes, mebibyte), same(mebibyte)),
  test('binary in chunks', 200, request('POST', '/raw', { 'Content-Type': bytes }, chunks(binary, binary)), {
    check: same(Buffer.concat([binary, binary])).check,
  }),
  test('read chunk by chunk', 200, post('/digest', bytes, mebibyte), { check: complete }),
  test(
    'sent and read in chunks',
    200,
    request('POST', '/digest', { 'Content-Type': bytes }, chunks('a', 'b', mebibyte)),
  ),
  test('nothing to read', 200, request('POST', '/digest'), {
    check: ([answer]) => assert.match(String(answer?.body), /"length":0/),
  }),
  test(
    'piped back',
    200,
    post('/pipe', 'text/x-own', 'through and back'),
    same(Buffer.from('through and back')),
  ),
  test('piped back, one MiB', 200, post('/pipe', bytes, mebibyte), same(mebibyte)),
  test(
    'piped back, in chunks',
    200,
    request('PUT', '/pipe', { 'Content-Type': bytes }, chunks('one ', 'two ', 'three')),
  ),
  test('that nobody reads', 202, post('/unread', bytes, binary)),
  test('a large one that nobody reads', 202, post('/unread', bytes, mebibyte)),
  test(
    'an upload',
    200,
    multipart('/upload', [
      { name: 'title', content: 'naïve' },
      { name: 'file', filename: 'a.bin', type: bytes, content: binary },
      { name: 'file', filename: 'b.txt', type: 'text/plain', content: '' },
    ]),
    { check: uploaded },
  ),
  test(
    'a large upload',
    200,
    multipart('/upload', [{ name: 'file', filename: 'm', type: bytes, content: mebibyte.subarray(9000) }]),
  ),
  test(
    'an upload of fields only',
    200,
    multipart('/upload', [
      { name: 'a', content: '1' },
      { name: 'b', content: '2' },
    ]),
  ),
])

export const replyKinds = group('Replies of every kind', [
  test('text', 200, get('/text')),
  test('HTML', 200, get('/html')),
  test('JSON', 200, get('/json')),
  test('Unicode', 200, get('/unicode'), same(Buffer.from(unicode))),
  test('binary', 200, get('/binary'), same(binary)),
  test('one MiB', 200, get('/large'), same(mebibyte)),
  test('204', 204, get('/nothing'), same(Buffer.alloc(0))),
  test('200 without a body', 200, get('/empty'), same(Buffer.alloc(0))),
  test('an empty string', 200, get('/empty-string'), same(Buffer.alloc(0))),
  test(
    'HEAD of each kind',
    [200, 200, 204, 200],
    [head('/text'), head('/binary'), head('/nothing'), head('/empty')],
  ),
  [201, 202, 203, 206, 299, 400, 401, 403, 410, 418, 422, 429, 451, 500, 501, 503, 599].map((status) => {
    return test(`status ${status}`, status, get(`/status/${status}`))
  }),
  [204, 205, 304].map((status) => test(`status ${status} takes no body`, status, get(`/status/${status}`))),
  test('a phrase of its own (the code is what counts)', 200, get('/phrase')),
  test('after a wait', 200, get('/async')),
])

function complete([answer]: readonly Answer[], _framework: Framework): void {
  assert.match(String(answer?.body), /"length":1048576.*"complete":true/)
}

function uploaded([answer]: readonly Answer[]): void {
  const { fields, files } = parse(answer) as { fields: object; files: { size: number }[] }
  assert.deepEqual({ ...fields }, { title: 'naïve' })
  assert.deepEqual(
    files.map(({ size }) => size),
    [1024, 0],
  )
}
