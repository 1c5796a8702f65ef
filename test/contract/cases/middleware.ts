import assert from 'node:assert/strict'
import { gunzipSync } from 'node:zlib'
import { text } from '../apps/content.js'
import { type Case, group, test } from '../harness/case.js'
import { type Answer, get, head, header, request } from '../harness/message.js'
import { withCookies } from './headers.js'

export const compression = group('Compression', [
  test('gzip', 200, get('/compressed/text', { 'Accept-Encoding': 'gzip' }), {
    check: ([answer]) => {
      assert.equal(header(answer, 'content-encoding'), 'gzip')
      assert.equal(String(gunzipSync(answer?.body ?? '')), text)
    },
  }),
  test('brotli', 200, get('/compressed/text', { 'Accept-Encoding': 'br' })),
  test('deflate', 200, get('/compressed/text', { 'Accept-Encoding': 'deflate' })),
  test('the best that both know', 200, get('/compressed/text', { 'Accept-Encoding': 'gzip, deflate, br' })),
  test('not asked for', 200, get('/compressed/text'), {
    check: ([answer]) => assert.equal(String(answer?.body), text),
  }),
  test('not worth it', 200, get('/compressed/small', { 'Accept-Encoding': 'gzip' })),
  test('of a stream', 200, get('/compressed/stream', { 'Accept-Encoding': 'gzip' }), {
    check: ([answer]) => assert.equal(String(gunzipSync(answer?.body ?? '')), text + text),
  }),
  test('HEAD', 200, head('/compressed/text', { 'Accept-Encoding': 'gzip' })),
])

const preflight = {
  Origin: 'https://app.example.test',
  'Access-Control-Request-Method': 'PUT',
  'Access-Control-Request-Headers': 'x-own',
}

export const cors = group('CORS', [
  test('a simple request', 200, get('/cors', { Origin: 'https://app.example.test' }), {
    check: ([answer]) =>
      assert.equal(header(answer, 'access-control-allow-origin'), 'https://app.example.test'),
  }),
  test('another origin', 200, get('/cors', { Origin: 'https://evil.example.test' })),
  test('no origin', 200, get('/cors')),
  test('a preflight', 204, request('OPTIONS', '/cors', preflight)),
  test(
    'a preflight without a method',
    { express: 204, koa: 200, fastify: 400, hono: 204 },
    request('OPTIONS', '/cors', { Origin: 'https://app.example.test' }),
  ),
])

const limits = ['ratelimit', 'ratelimit-reset', 'x-ratelimit-reset', 'retry-after']

/** The seconds until a limit resets run on between two requests. */
const sinceReset: Case['blank'] = (answer) => blankHeaders(answer, limits, /\d+(?=\D*$)/g)
/** A session has an id, and a time to live, of its own. */
const sessionId: Case['blank'] = (answer) => blankHeaders(answer, ['set-cookie'], /=[^;]*/g)

function blankHeaders(answer: Answer, names: readonly string[], varying: RegExp): Answer {
  const headers = { ...answer.headers }
  for (const name of names) {
    const value = headers[name]
    if (value === undefined) continue
    headers[name] =
      typeof value === 'string' ? value.replace(varying, '…') : value.map((one) => one.replace(varying, '…'))
  }
  return { ...answer, headers }
}

const limited = ({ id }: { id: string }) => get('/limited', { 'X-Client': id })

export const helmet = group('Helmet', [
  test('its headers', 200, get('/secured'), {
    check: ([answer]) => assert.match(header(answer, 'content-security-policy'), /default-src 'self'/),
  }),
  test('HEAD', 200, head('/secured')),
])

export const sessions = group('Sessions', [
  test('a new one, and again', [200, 200], [get('/session'), withCookies('/session')], {
    blank: sessionId,
    check: ([first, second]) => {
      assert.equal(String(first?.body).replace(/\s/g, ''), '{"views":1}')
      assert.equal(String(second?.body).replace(/\s/g, ''), '{"views":2}')
    },
  }),
  test(
    'one that nobody knows',
    200,
    get('/session', { Cookie: 'connect.sid=s%3Aforged.forged; koa.sess=forged' }),
    {
      blank: sessionId,
    },
  ),
])

export const rateLimits = group('Rate limits', [
  test('within, and beyond', [200, 200, 429], [limited, limited, limited], { blank: sinceReset }),
])

const client = ({ id }: { id: string }) => ({ 'X-Client': id })

export const logs = group('Access logs', [
  test(
    'a line for each request',
    [200, 200, 200],
    [
      (run) => get('/logged/this', client(run)),
      (run) => get('/logged/that?with=query', client(run)),
      (run) => get('/log', client(run)),
    ],
    { check: ([, , log]) => assert.equal((JSON.parse(String(log?.body)) as unknown[]).length, 2) },
  ),
])
