import { group, test } from '../harness/case.js'
import { get, head } from '../harness/message.js'

const odd = { exactPath: true }
/** The URL of a `Request` has no dots and no backslashes: its router sees another path. */
const resolved = (hono: number, others: number) => ({ express: others, koa: others, fastify: others, hono })

/** Paths that a URL parser would change: they have to reach the app as they were written. */
export const paths = group('Paths as they were written', [
  test('a doubled slash at the front', 404, get('//users/1'), odd),
  test('what looks like a host', 404, get('//evil.example.test/users/1'), odd),
  test('a doubled slash inside', 404, get('/users//1'), odd),
  test('dots', resolved(200, 404), get('/users/../text'), odd),
  test('one dot', resolved(200, 404), get('/./text'), odd),
  test('escaped dots', { express: 200, koa: 200, fastify: 200, hono: 200 }, get('/users/%2e%2e'), odd),
  test('an escaped dot in a wildcard', resolved(404, 200), get('/wild/%2e/%2E%2e/x'), odd),
  test('dots in a wildcard', resolved(404, 200), get('/wild/../../x'), odd),
  test('a bad escape', { express: 400, koa: 200, fastify: 400, hono: 200 }, get('/users/%zz'), odd),
  test('half an escape', { express: 400, koa: 200, fastify: 400, hono: 200 }, get('/users/%'), odd),
  test(
    'an escape that is not UTF-8',
    { express: 400, koa: 200, fastify: 400, hono: 200 },
    get('/users/%ff'),
    odd,
  ),
  test('an escaped zero', 200, get('/users/%00')),
  test('escaped Unicode', 200, get('/users/%E2%9C%93')),
  test('an escaped slash', 200, get('/users/a%2Fb')),
  test('a doubly escaped slash', 200, get('/users/a%252Fb')),
  test('a semicolon, a comma, a plus', 200, get("/users/a;b=c,d+e!$'()*~@:")),
  test('brackets and bars', 200, get('/users/[a]|{b}^`'), odd),
  test('a backslash', resolved(400, 200), get('/users/a\\b'), odd),
  test('quotes and angles', 200, get('/users/"<a>"'), odd),
  test('only a query mark', 200, get('/?'), odd),
  test('a query mark and nothing', 200, get('/query?'), odd),
  test(
    'a query with bad escapes',
    { express: 200, koa: 200, fastify: 200, hono: 200 },
    get('/query?a=%zz&b=%'),
    odd,
  ),
  test('a query with quotes', 200, get('/query?a="b"\'c\'<d>'), odd),
  test('a long path', { express: 200, koa: 200, fastify: 414, hono: 200 }, get(`/users/${'x'.repeat(4000)}`)),
  test('many segments', 200, get(`/wild${'/x'.repeat(1000)}`)),
  test('HEAD of an odd path', 404, head('//a/../b'), odd),
])
