import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { byteString, escapeAlphabets, escapeUrl, trim } from '#src/http/text.js'

describe('escapeUrl', () => {
  it('encodes what no request line can hold, and nothing else', () => {
    assert.equal(escapeUrl('/a b\n?q=é€😀'), '/a%20b%0A?q=%C3%A9%E2%82%AC%F0%9F%98%80')
    const asIs = '/a/../%2e/%zz//b"<>\\^`{|}?q=[]#f'
    assert.equal(escapeUrl(asIs), asIs)
  })

  it('takes half a surrogate pair without a throw', () => {
    assert.equal(escapeUrl('/\ud800'), '/%EF%BF%BD')
  })
})

describe('escapeAlphabets', () => {
  it('leaves spaces and control characters, which are refused later', () => {
    assert.equal(escapeAlphabets('/a b\n?q=é'), '/a b\n?q=%C3%A9')
  })
})

describe('trim', () => {
  it('takes off what is around a value, and nothing within', () => {
    const values = { a: 'a', ' a': 'a', '\t a b\t': 'a b', ' ': '', '': '', '\u00a0a': '\u00a0a' }
    for (const [value, trimmed] of Object.entries(values)) assert.equal(trim(value, ' \t'), trimmed)
  })

  it('looks at each character once: by the square of its length, this one would take hours', () => {
    const value = `a${' '.repeat(5_000_000)}b`
    assert.equal(trim(` ${value} `, ' \t'), value)
  })
})

describe('byteString', () => {
  it('leaves what fits a byte, and shows the rest as its UTF-8', () => {
    assert.equal(byteString('é'), 'é')
    assert.equal(byteString('€'), '\u00e2\u0082\u00ac')
  })
})
