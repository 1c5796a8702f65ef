import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readListen } from '#src/command-line/listen.js'
import { namesOf, originOf, servicesOf } from '#src/gateway/read-options.js'

const usage = { name: 'UsageError' }

describe('the options of a gateway', () => {
  it('say where it listens', () => {
    assert.deepEqual(readListen('8080'), { host: '127.0.0.1', port: 8080 })
    assert.deepEqual(readListen('0.0.0.0:80'), { host: '0.0.0.0', port: 80 })
    assert.deepEqual(readListen('[::1]:0'), { host: '::1', port: 0 })
    assert.deepEqual(readListen('localhost:1'), { host: 'localhost', port: 1 })
    for (const wrong of ['', 'x', '::1:80', '[127.0.0.1]:80', 'example.org:80', '65536', ':80', '1.2.3:80'])
      assert.throws(() => readListen(wrong), usage, wrong)
  })

  it('name it', () => {
    assert.deepEqual(namesOf(['API.example.org']), ['api.example.org'])
    for (const wrong of ['', 'a:80', '10.0.0.1', 'http://a', '*.a/'])
      assert.throws(() => namesOf([wrong]), usage, wrong)
  })

  it('name its services', () => {
    assert.equal(servicesOf(undefined), undefined)
    assert.deepEqual(servicesOf(['a, b', 'c']), ['a', 'b', 'c'])
    assert.throws(() => servicesOf(['a,']), usage)
    assert.throws(() => servicesOf(['']), usage)
  })

  it('name origins', () => {
    assert.equal(originOf('http://LOCALHOST:5173/'), 'http://localhost:5173')
    for (const wrong of ['localhost:5173', 'http://a/b', '*', 'null'])
      assert.throws(() => originOf(wrong), usage, wrong)
  })
})
