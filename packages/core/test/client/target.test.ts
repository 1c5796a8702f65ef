import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { splitUrl } from '#src/client/target.js'
import { SleuthError } from '#src/shared/errors.js'

describe('splitUrl', () => {
  const right: [text: string, service: string, url: string][] = [
    // The URLs that Go's recorded requests were made from.
    ['sleuth://foo/bar?baz=qux', 'foo', '/bar?baz=qux'],
    ['sleuth://foo', 'foo', ''],
    ['sleuth://foo/a%20b/%3Cx%3E?q=a&b=%26#frag', 'foo', '/a%20b/%3Cx%3E?q=a&b=%26#frag'],
    // What the app must see as it was written.
    ['sleuth://foo/', 'foo', '/'],
    ['sleuth://foo/a/../b/./c', 'foo', '/a/../b/./c'],
    ['sleuth://foo/%2e%2e/%2E/%zz', 'foo', '/%2e%2e/%2E/%zz'],
    ['sleuth://foo//a//b', 'foo', '//a//b'],
    ['sleuth://foo?a=/b@c', 'foo', '?a=/b@c'],
    ['sleuth://foo#a', 'foo', '#a'],
    ['sleuth://foo/a@b:c?d@e', 'foo', '/a@b:c?d@e'],
    ['sleuth://foo/a\\b', 'foo', '/a\\b'],
    // What no request line can hold.
    ['sleuth://foo/a b?c=é\n', 'foo', '/a%20b?c=%C3%A9%0A'],
    // The names of services.
    ['sleuth://Foo-Bar.1/', 'Foo-Bar.1', '/'],
    ['SLEUTH://foo/', 'foo', '/'],
    ['sleuth://foo:80/', 'foo:80', '/'],
    ['sleuth://__proto__/', '__proto__', '/'],
    ['sleuth://a%40b/', 'a%40b', '/'],
  ]
  for (const [text, service, url] of right) {
    it(JSON.stringify(text), () => assert.deepEqual(splitUrl(text), { service, url }))
  }

  const wrong: [text: string, code: string, number: number][] = [
    ['foo://bar/baz', 'SLEUTH_SCHEME', 916],
    ['http://foo/', 'SLEUTH_SCHEME', 916],
    ['/foo', 'SLEUTH_SCHEME', 916],
    ['', 'SLEUTH_SCHEME', 916],
    [' sleuth://foo/', 'SLEUTH_SCHEME', 916],
    ['sleuthy://foo/', 'SLEUTH_SCHEME', 916],
    ['sleuth:foo/bar', 'SLEUTH_URL', 1005],
    ['sleuth:///bar', 'SLEUTH_URL', 1005],
    ['sleuth://', 'SLEUTH_URL', 1005],
    // What may name another service than it seems to.
    ['sleuth://users@other/x', 'SLEUTH_USERINFO', 1040],
    ['SLEUTH://users@other', 'SLEUTH_USERINFO', 1040],
    ['sleuth://user:pw@foo/secret', 'SLEUTH_USERINFO', 1040],
    ['sleuth://a@b@foo/', 'SLEUTH_USERINFO', 1040],
    ['sleuth://@foo/', 'SLEUTH_USERINFO', 1040],
    ['sleuth://foo@?q', 'SLEUTH_USERINFO', 1040],
    ['sleuth://user@/bar', 'SLEUTH_USERINFO', 1040],
    ['sleuth://users\\@other/x', 'SLEUTH_USERINFO', 1040],
    ['sleuth://users\\other/x', 'SLEUTH_URL', 1005],
    ['sleuth://us\ters/x', 'SLEUTH_URL', 1005],
    ['sleuth://us\r\ners/x', 'SLEUTH_URL', 1005],
    ['sleuth://users /x', 'SLEUTH_URL', 1005],
    ['sleuth://users\0/x', 'SLEUTH_URL', 1005],
    ['sleuth:// /x', 'SLEUTH_URL', 1005],
    ['sleuth://?q', 'SLEUTH_URL', 1005],
  ]
  for (const [text, code, number] of wrong) {
    it(`refuses ${JSON.stringify(text)} with ${code}`, () => {
      assert.throws(
        () => splitUrl(text),
        (error) =>
          error instanceof SleuthError && error.code === code && error.codes.join() === String(number),
      )
    })
  }

  it('does not repeat a password in the error', () => {
    assert.throws(
      () => splitUrl('sleuth://user:secret@foo/path'),
      (error: Error) => /sleuth:\/\/…@foo$/.test(error.message) && !error.message.includes('secret'),
    )
  })
})
