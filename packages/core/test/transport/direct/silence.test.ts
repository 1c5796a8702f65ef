import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Silence } from '#src/transport/direct/silence.js'

describe('the silence of a direct connection', () => {
  it('means that it is lost when the peer answers by ZeroMQ in more checks than its time has', () => {
    const silence = new Silence(1500)
    assert.equal(silence.check(false, 100), 'fine')
    for (const reachedAt of [600, 1100, 1600]) assert.equal(silence.check(true, reachedAt), 'silent')
    assert.equal(silence.check(true, 2100), 'lost')
  })

  it('means nothing while the peer is not heard by ZeroMQ either', () => {
    const silence = new Silence(1500)
    for (let count = 0; count < 20; count++) assert.equal(silence.check(true, 100), 'silent')
  })

  it('begins anew with whatever comes', () => {
    const silence = new Silence(1000)
    let reachedAt = 0
    for (let count = 0; count < 20; count++) {
      assert.equal(silence.check(true, ++reachedAt), 'silent')
      assert.equal(silence.check(true, ++reachedAt), 'silent')
      assert.equal(silence.check(false, ++reachedAt), 'fine')
    }
  })

  it('takes more than one check, however short the time is: the two ways are not read at the same moment', () => {
    const silence = new Silence(300)
    silence.check(false, 1)
    assert.equal(silence.check(true, 2), 'silent')
    assert.equal(silence.check(true, 3), 'lost')
  })
})
