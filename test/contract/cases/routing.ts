import assert from 'node:assert/strict'
import http from 'node:http'
import { group, test } from '../harness/case.js'
import { get, head, header, request } from '../harness/message.js'

// CONNECT asks for a tunnel: Node hands it to no request listener.
const methods = http.METHODS.filter((method) => method !== 'CONNECT')

function inFastify(method: string): number {
  // It insists on a content-type.
  if (method === 'QUERY') return 400
  return ['GET', 'HEAD', 'TRACE', 'DELETE', 'OPTIONS', 'PATCH', 'PUT', 'POST'].includes(method) ? 200 : 404
}

export const routing = group('Routing, params, queries, methods', [
  test('the root', 200, get('/')),
  test('a parameter', 200, get('/users/42')),
  test('two parameters', 200, get('/users/42/books/moby-dick')),
  test('a parameter with escapes', 200, get('/users/a%20b%2Fc%3F%C3%A9')),
  test('a wildcard', 200, get('/wild/a/b/c.txt')),
  test('a query', 200, get('/query?a=1&b=two&a=3&empty=&bare')),
  test('a nested query', 200, get('/query?filter[name]=x&list[]=1&list[]=2')),
  test('an escaped query', 200, get('/query?q=a+b%20c%26d%3D%C3%A9&%E2%9C%93=yes')),
  test('a query with more question marks and slashes', 200, get('/query?a=/b?c=d/../e')),
  test('a long query', 200, get(`/query?q=${'x'.repeat(6000)}`)),
  test('parameter and query', 200, get('/users/7?sort=desc')),
  test('a trailing slash', { express: 200, koa: 200, fastify: 404, hono: 404 }, get('/text/')),
  test('another case', { express: 200, koa: 200, fastify: 404, hono: 404 }, get('/TEXT')),
  test('nothing there', 404, get('/nowhere/at/all?really=yes')),
  test(
    'a method that the route lacks',
    { express: 404, koa: 405, fastify: 404, hono: 404 },
    request('DELETE', '/text'),
  ),
  test(
    'OPTIONS of a route',
    { express: 200, koa: 200, fastify: 400, hono: 404 },
    request('OPTIONS', '/text'),
  ),
  test('HEAD of a route', 200, head('/json'), {
    check: ([answer], framework) => {
      assert.equal(answer?.body.length, 0)
      // Hono makes no length of a body that it does not send.
      if (framework !== 'hono') assert.match(header(answer, 'content-length'), /^\d+$/)
    },
  }),
  test('HEAD of a missing page', 404, head('/nowhere')),
  test('HEAD of a large reply', 200, head('/large')),
  test('HEAD of a stream', 200, head('/stream/chunks')),
  test('HEAD of a route that fails', 500, head('/throw')),
  methods.map((method) => {
    return test(
      `method ${method}`,
      { express: 200, koa: 200, fastify: inFastify(method), hono: 200 },
      request(method, '/method'),
      {
        check: ([answer], framework) =>
          assert.ok(framework !== 'express' || header(answer, 'x-method') === method),
      },
    )
  }),
])

export const mounts = group('Mounted apps', [
  test('the root of a mounted app', 200, get('/sub')),
  test('the root, with a slash', { express: 200, koa: 200, fastify: 200, hono: 404 }, get('/sub/')),
  test('a parameter inside', 200, get('/sub/things/one?x=y')),
  test('an app within the app', 200, get('/sub/deeper/still')),
  test('an error inside', 409, get('/sub/throw')),
  test('nothing there, inside', 404, get('/sub/nowhere')),
])
