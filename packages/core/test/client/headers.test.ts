import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RequestHeaders } from '#src/client/headers.js'
import { joinHeaders } from '#src/client/request.js'
import { SleuthError } from '#src/shared/errors.js'
import type { HeadersInput } from '#src/types.js'

/** The fields that were given: `accept` and `user-agent` are added behind them. */
function given(input: HeadersInput | undefined): string[] {
  const { fields } = RequestHeaders.from(input)
  assert.deepEqual(fields.slice(-4, -1), ['accept', '*/*', 'user-agent'])
  return fields.slice(0, -4)
}

describe('RequestHeaders', () => {
  const headers = new Headers([
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
    ['x-a', '1'],
  ])
  const right: [what: string, input: HeadersInput | undefined, raw: string[]][] = [
    ['nothing', undefined, []],
    ['an object', { a: '1', B: ['2', '3'], n: 5, no: undefined }, ['a', '1', 'B', '2', 'B', '3', 'n', '5']],
    [
      'pairs',
      [
        ['a', '1'],
        ['a', '2'],
      ],
      ['a', '1', 'a', '2'],
    ],
    [
      'a Map',
      new Map<string, string | string[]>([
        ['a', ['1', '2']],
        ['b', '3'],
      ]),
      ['a', '1', 'a', '2', 'b', '3'],
    ],
    ['a Headers', headers, ['set-cookie', 'a=1', 'set-cookie', 'b=2', 'x-a', '1']],
    ['padded values', { a: ' \t1 ' }, ['a', '1']],
    [
      'prototype keys',
      JSON.parse('{"__proto__":"1","constructor":"2"}'),
      ['__proto__', '1', 'constructor', '2'],
    ],
    ['a value of one byte a character', { a: 'é' }, ['a', 'é']],
  ]
  for (const [what, input, raw] of right) it(`takes ${what}`, () => assert.deepEqual(given(input), raw))

  const wrong: [what: string, input: unknown, says: RegExp][] = [
    ['a name that is no token', { 'a b': '1' }, /Header name must be a valid HTTP token/],
    ['an empty name', { '': '1' }, /valid HTTP token/],
    ['a value with a line break', { a: '1\r\nb: 2' }, /Invalid character in header content \["a"\]/],
    ['a value beyond one byte a character', { a: '€' }, /Invalid character/],
    ['text', 'a: 1', /must be an object/],
    ['a flat list', ['a', '1'], /list of pairs/],
    ['a pair of three', [['a', '1', '2']], /list of pairs/],
  ]
  for (const [what, input, says] of wrong) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => given(input as HeadersInput),
        (error) =>
          error instanceof SleuthError && error.code === 'SLEUTH_ARGUMENT' && says.test(error.message),
      )
    })
  }
})

describe('joinHeaders', () => {
  it('gives names and values as http.IncomingMessage.headers does', () => {
    const raw = [
      'X-A',
      '1',
      'x-a',
      '2',
      'Set-Cookie',
      'a',
      'Cookie',
      'c',
      'cookie',
      'd',
      'ETag',
      'e',
      'etag',
      'f',
    ]
    assert.deepEqual(joinHeaders(raw), { 'x-a': '1, 2', 'set-cookie': ['a'], cookie: 'c; d', etag: 'e' })
    assert.deepEqual(joinHeaders(['Set-Cookie', 'a', 'set-cookie', 'b']), { 'set-cookie': ['a', 'b'] })
    assert.deepEqual(joinHeaders([]), {})
  })

  it('holds __proto__ and constructor for names like any other', () => {
    const headers = joinHeaders(['__proto__', '1', 'constructor', '2', 'Constructor', '3'])
    assert.deepEqual(Object.entries(headers), [
      ['__proto__', '1'],
      ['constructor', '2, 3'],
    ])
    assert.equal(Object.getPrototypeOf(headers), Object.prototype)
  })

  it('lists as many cookies as there are, without copying the list for each', { timeout: 20_000 }, () => {
    const cookies = Array.from({ length: 200_000 }, (_, index) => `a=${index}`)
    assert.deepEqual(joinHeaders(cookies.flatMap((cookie) => ['Set-Cookie', cookie])), {
      'set-cookie': cookies,
    })
  })
})
