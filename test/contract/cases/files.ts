import assert from 'node:assert/strict'
import { mebibyte } from '../apps/content.js'
import { group, type Run, test } from '../harness/case.js'
import { get, head, header, type Request } from '../harness/message.js'

/** Asks again, with what the first answer said of itself. */
function again(path: string, from: string, to: string): (run: Run) => Request {
  return ({ answers }) => get(path, { [to]: header(answers[0], from) })
}

export const conditional = group('Conditional GET', [
  test('an ETag, known', [200, 304], [get('/etag'), again('/etag', 'etag', 'If-None-Match')], {
    check: ([, answer]) => assert.equal(answer?.body.length, 0),
  }),
  test('an ETag, another', [200, 200], [get('/etag'), get('/etag', { 'If-None-Match': '"other"' })]),
  test('an ETag of the app', 304, get('/own-etag', { 'If-None-Match': '"other", "mine"' })),
  test('any ETag', 304, get('/own-etag', { 'If-None-Match': '*' })),
  test('HEAD with an ETag', [200], [head('/own-etag')]),
  test('not modified since', 304, get('/modified', { 'If-Modified-Since': 'Wed, 21 Oct 2015 07:28:00 GMT' })),
  test('modified since', 200, get('/modified', { 'If-Modified-Since': 'Tue, 20 Oct 2015 07:28:00 GMT' })),
  test(
    'no caching wanted',
    { express: 200, koa: 200, fastify: 304, hono: 304 },
    get('/own-etag', { 'If-None-Match': '"mine"', 'Cache-Control': 'no-cache' }),
  ),
])

export const statics = group('Static files', [
  test('a file', 200, get('/static/digits.txt')),
  test('HEAD of a file', 200, head('/static/digits.txt')),
  test('JSON', 200, get('/static/data.json')),
  test('a large file', 200, get('/static/big.bin'), {
    check: ([answer]) => assert.ok(answer?.body.equals(mebibyte)),
  }),
  test('an empty file', 200, get('/static/empty.txt')),
  test('a name with a space', 200, get('/static/with%20space.txt')),
  test('a name beyond ASCII', 200, get(`/static/${encodeURIComponent('ünïcode.txt')}`)),
  test('the index', 200, get('/static/')),
  test('the index of a folder', 200, get('/static/sub/')),
  test('a folder without its slash', { express: 301, koa: 200, fastify: 301, hono: 200 }, get('/static/sub')),
  test('nothing there', 404, get('/static/absent.txt')),
  test(
    'out of the root',
    { express: 404, koa: 403, fastify: 403, hono: 404 },
    get('/static/../package.json'),
    {
      exactPath: true,
    },
  ),
  test(
    'out of the root, escaped',
    { express: 404, koa: 403, fastify: 403, hono: 404 },
    get('/static/%2e%2e/%2e%2e/etc/passwd'),
    { exactPath: true },
  ),
  test('a hidden file', { express: 404, koa: 404, fastify: 404, hono: 200 }, get('/static/.hidden')),
  test('a hidden file that may be seen', 200, get('/dotfiles/.hidden')),
  test('known by its ETag', { express: [200, 304], koa: [200, 200], fastify: [200, 304], hono: [200, 200] }, [
    get('/static/digits.txt'),
    again('/static/digits.txt', 'etag', 'If-None-Match'),
  ]),
  test('known by its date', { express: [200, 304], koa: [200, 200], fastify: [200, 304], hono: [200, 200] }, [
    get('/static/digits.txt'),
    again('/static/digits.txt', 'last-modified', 'If-Modified-Since'),
  ]),
  test(
    'changed meanwhile',
    { express: 412, koa: 200, fastify: 412, hono: 200 },
    get('/static/digits.txt', { 'If-Match': '"other"' }),
  ),
])

const partial = { express: 206, koa: 200, fastify: 206, hono: 206 }

/** koa-static serves no ranges: it has to give the whole file over sleuth too. */
export const ranges = group('Ranges', [
  test('the first bytes', partial, get('/static/digits.txt', { Range: 'bytes=0-9' }), {
    check: ([answer], framework) => assert.equal(answer?.body.length, framework === 'koa' ? 100 : 10),
  }),
  test('from a byte on', partial, get('/static/digits.txt', { Range: 'bytes=95-' })),
  test('the last bytes', partial, get('/static/digits.txt', { Range: 'bytes=-5' })),
  test(
    'several',
    { express: 200, koa: 200, fastify: 200, hono: 206 },
    get('/static/digits.txt', { Range: 'bytes=0-1,5-6' }),
  ),
  test(
    'beyond the end',
    { express: 416, koa: 200, fastify: 416, hono: 416 },
    get('/static/digits.txt', { Range: 'bytes=200-' }),
  ),
  test(
    'nonsense',
    { express: 200, koa: 200, fastify: 200, hono: 206 },
    get('/static/digits.txt', { Range: 'lines=1-2' }),
  ),
  test('of a large file', partial, get('/static/big.bin', { Range: 'bytes=100000-899999' })),
  test(
    'HEAD',
    { express: 206, koa: 200, fastify: 206, hono: 200 },
    head('/static/digits.txt', { Range: 'bytes=0-9' }),
  ),
  test(
    'only if unchanged, and it changed',
    { express: 200, koa: 200, fastify: 200, hono: 206 },
    get('/static/digits.txt', { Range: 'bytes=0-9', 'If-Range': '"other"' }),
  ),
])
