import assert from 'node:assert/strict'
import { group, type Run, test } from '../harness/case.js'
import { type Answer, get, head, header, type Request, request } from '../harness/message.js'
import { ownHost } from './whole.js'

export const headers = group('Headers', [
  test('of a reply: several values, an empty one', 200, get('/many-headers'), {
    check: ([answer]) => assert.equal(header(answer, 'x-many'), 'one, two'),
  }),
  test('of a reply to HEAD', 200, head('/many-headers')),
  test(
    'of a request',
    200,
    get('/headers', { Accept: 'text/html;q=0.9, */*;q=0.1', 'X-Own': 'yes', 'User-Agent': 'contract' }),
    {
      check: ([answer]) => assert.match(String(answer?.body), /"x-own":"yes"/),
    },
  ),
  test('of a request, in any case', 200, get('/headers', { 'x-lower': '1', 'X-UPPER': '2', 'x-MiXeD': '3' })),
  test(
    'of a request, several values',
    200,
    get('/headers', {
      'X-Many': ['one', 'two'],
      Cookie: ['a=1', 'b=2'],
      Accept: ['text/html', 'text/plain'],
    }),
  ),
  test('of a request, empty', 200, get('/headers', { 'X-Empty': '' })),
  test('of a request, long', 200, get('/headers', { 'X-Long': 'v'.repeat(8000) })),
  test(
    'of a request, many',
    200,
    get(
      '/headers',
      Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`X-Number-${index}`, `${index}`])),
    ),
  ),
  test('of a request, Latin-1', 200, get('/headers', { 'X-Latin': 'caf\u00e9' })),
  test(
    'authorization and the rest',
    200,
    get('/headers', {
      Authorization: 'Basic YTpi',
      Referer: 'https://example.test/',
      Origin: 'null',
      'Accept-Encoding': 'gzip',
    }),
  ),
  test(
    'what a framework makes of a request',
    200,
    get('/whoami', { Accept: 'text/html', 'Accept-Language': 'en', 'X-Requested-With': 'XMLHttpRequest' }),
  ),
  test('a host of its own', 200, get('/whoami?a=b', { Host: 'api.eu.example.test:8080' }), {
    check: ([answer]) => assert.match(String(answer?.body), /api\.eu\.example\.test/),
    sleuth: ownHost(200),
  }),
  test(
    'forwarded, and not trusted',
    200,
    get('/whoami', {
      'X-Forwarded-For': '203.0.113.9',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'other',
    }),
  ),
  test('a content type without a body', 200, get('/headers', { 'Content-Type': 'text/plain' })),
])

export const redirects = group('Redirects', [
  test('to a path', 302, get('/redirect'), {
    check: ([answer]) => assert.equal(header(answer, 'location'), '/text'),
  }),
  [301, 302, 303, 307, 308].map((status) =>
    test(`${status} to elsewhere`, status, get(`/redirect/${status}`)),
  ),
  test('HEAD', 302, head('/redirect')),
  test('in a form that the caller accepts', 302, get('/redirect', { Accept: 'text/html' })),
  test('back', 302, get('/back', { Referer: 'http://contract/origin' })),
  test('back, from nowhere', 302, get('/back')),
])

/** What a browser would send after the last answer. */
export function withCookies(path: string): (run: Run) => Request {
  return ({ answers }) => {
    const set = answers.flatMap((answer) => answer.headers['set-cookie'] ?? [])
    return get(path, { Cookie: set.map((cookie) => cookie.split(';')[0]).join('; ') })
  }
}

export const cookies = group('Cookies', [
  test('are set, several at once', 200, get('/cookies/set'), {
    check: ([answer]) => assert.ok(several(answer) >= 2),
  }),
  test('are read', 200, get('/cookies/read', { Cookie: 'plain=a%20b; other="quoted"; empty=' })),
  test('go and come back, signed', [200, 200], [get('/cookies/set'), withCookies('/cookies/read')], {
    check: ([, answer]) => assert.match(String(answer?.body), /"yes"|"signed":/),
  }),
  test('forged', 200, get('/cookies/read', { Cookie: 'signed=s%3Ayes.forged; signed.sig=forged' })),
  test('are cleared', 200, get('/cookies/clear'), { check: ([answer]) => assert.equal(several(answer), 1) }),
  test('none', 200, get('/cookies/read')),
  test('set by HEAD', 200, request('HEAD', '/cookies/set')),
])

function several(answer: Answer | undefined): number {
  return answer?.headers['set-cookie']?.length ?? 0
}
