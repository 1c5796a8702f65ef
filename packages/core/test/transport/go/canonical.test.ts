import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { canonicalName } from '#src/http/headers.js'

describe('canonicalName', () => {
  // From the documentation and tests of Go's net/textproto.
  const cases: [name: string, canonical: string][] = [
    ['content-type', 'Content-Type'],
    ['CONTENT-TYPE', 'Content-Type'],
    ['uSER-aGENT', 'User-Agent'],
    ['etag', 'Etag'],
    ['www-authenticate', 'Www-Authenticate'],
    ['x--a', 'X--A'],
    ['-a-', '-A-'],
    ['a_b', 'A_b'],
    ['1st-2nd', '1st-2nd'],
    ['a!b-c~d', 'A!b-C~d'],
    ['', ''],
    ['user agent', 'user agent'],
    ['café', 'café'],
    ['a:b', 'a:b'],
    ['__proto__', '__proto__'],
    ['constructor', 'Constructor'],
  ]
  for (const [name, canonical] of cases) {
    it(`${JSON.stringify(name)} is ${JSON.stringify(canonical)}, the second time too`, () => {
      assert.equal(canonicalName(name), canonical)
      assert.equal(canonicalName(name), canonical)
    })
  }

  it('stays right when more names were met than it keeps', () => {
    for (let i = 0; i < 3000; i++) assert.equal(canonicalName(`x-name-${i}`), `X-Name-${i}`)
    assert.equal(canonicalName('content-type'), 'Content-Type')
  })
})
