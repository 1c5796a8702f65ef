import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Asked, check, cookieOf } from '#src/map/guard.js'

const asked = (more: Partial<Asked> = {}): Asked => ({
  method: 'GET',
  host: 'localhost:8090',
  address: '127.0.0.1',
  isForwarded: false,
  site: undefined,
  mode: undefined,
  authorization: undefined,
  cookie: undefined,
  token: undefined,
  ...more,
})
const open = { hosts: [], token: undefined }
const closed = { hosts: ['map.example'], token: 'secret' }

/** The status of the refusal, or how it is let in. */
function answer(request: Asked, rules: Parameters<typeof check>[1]): unknown {
  const verdict = check(request, rules)
  return typeof verdict === 'object' ? verdict.status : verdict
}

describe('the map', () => {
  test('is only read', () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH', 'CONNECT', 'get']) {
      assert.equal(answer(asked({ method }), open), 405, method)
    }
    assert.equal(answer(asked({ method: 'HEAD' }), open), undefined)
  })

  test('goes by addresses and localhost, and by no name that a page of others could have', () => {
    for (const host of [
      'localhost',
      'LOCALHOST:1',
      'map.localhost',
      '127.0.0.1:8090',
      '[::1]:80',
      '10.1.2.3',
      'localhost.',
    ]) {
      assert.equal(answer(asked({ host }), open), undefined, host)
    }
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      'notlocalhost',
      '127.0.0.1.nip.io',
      '',
      ':80',
      undefined,
      'map.example',
    ]) {
      assert.equal(answer(asked({ host }), open), 421, host)
    }
    assert.equal(
      answer(asked({ host: 'map.example:443', authorization: 'Bearer secret' }), closed),
      undefined,
    )
  })

  test('is not read by pages of other sites', () => {
    assert.equal(answer(asked({ site: 'cross-site' }), open), 403)
    assert.equal(answer(asked({ site: 'cross-site', mode: 'no-cors' }), open), 403)
    assert.equal(
      answer(asked({ site: 'cross-site', mode: 'navigate' }), open),
      undefined,
      'a link is followed',
    )
    for (const site of ['same-origin', 'none', 'same-site'])
      assert.equal(answer(asked({ site }), open), undefined)
  })

  test('is seen from other machines with a token alone', () => {
    for (const address of ['10.0.0.1', '::', 'fe80::1', undefined, '128.0.0.1']) {
      assert.equal(answer(asked({ address }), open), 403, address)
    }
    for (const address of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1']) {
      assert.equal(answer(asked({ address }), open), undefined, address)
    }
  })

  test('with a token wants it of everybody, on the same machine too', () => {
    assert.equal(answer(asked(), closed), 401)
    assert.equal(answer(asked({ token: 'Secret' }), closed), 401)
    assert.equal(answer(asked({ token: '' }), closed), 401)
    assert.equal(answer(asked({ authorization: 'Basic secret' }), closed), 401)
    assert.equal(answer(asked({ cookie: 'sleuth-map=secret' }), closed), 401)
    assert.equal(answer(asked({ token: 'secret', address: '10.0.0.1' }), closed), 'enter')
    assert.equal(answer(asked({ authorization: 'bearer secret' }), closed), undefined)
    assert.equal(answer(asked({ cookie: `a=b; sleuth-map=${cookieOf('secret')}` }), closed), undefined)
    assert.equal(answer(asked({ cookie: `sleuth-map=${cookieOf('other')}` }), closed), 401)
  })
})
