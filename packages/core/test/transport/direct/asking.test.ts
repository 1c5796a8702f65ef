import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Asking, OFFER_MS } from '#src/transport/direct/asking.js'
import { HANDSHAKE_MS } from '#src/transport/direct/listener.js'

describe('asking a peer for a direct connection', () => {
  it('takes one offer, and none that was not asked for', () => {
    const asking = new Asking()
    assert.equal(asking.accept(0), false)
    asking.ask(0, 0)
    assert.deepEqual([asking.accept(1), asking.accept(2)], [true, false])
  })

  it('rests while a connection is made', () => {
    const asking = new Asking()
    asking.ask(0, 1)
    assert.deepEqual([asking.mayAsk(999), asking.mayAsk(1000)], [false, true])
    asking.accept(900)
    assert.deepEqual([asking.mayAsk(899 + HANDSHAKE_MS), asking.mayAsk(900 + HANDSHAKE_MS)], [false, true])
  })

  it('rests while an offer of ours holds, by which the peer connects', () => {
    const asking = new Asking()
    asking.ask(0, 1)
    asking.offer(100)
    assert.equal(asking.accept(200), false)
    assert.deepEqual([asking.mayAsk(99 + OFFER_MS), asking.mayAsk(100 + OFFER_MS)], [false, true])
  })

  it('crosses that of the peer for a second: a peer that can make no offer gets one then', () => {
    const asking = new Asking()
    assert.equal(asking.crosses(0), false)
    asking.ask(5000, 0)
    assert.deepEqual([asking.crosses(5999), asking.crosses(6000)], [true, false])
    asking.accept(5100)
    assert.equal(asking.crosses(5200), false)
  })

  it('takes no offer more once a connection stands', () => {
    const asking = new Asking()
    asking.ask(0, 0)
    asking.stand()
    assert.equal(asking.accept(1), false)
  })

  it('begins anew after a connection that stood for a while, and not after one that broke at once', () => {
    const asking = new Asking()
    asking.ask(0, 1)
    asking.ask(0, 1)
    asking.close(9999)
    assert.deepEqual([asking.mayAsk(1999), asking.mayAsk(2000)], [false, true])
    asking.close(10_000)
    assert.equal(asking.mayAsk(0), true)
    asking.ask(0, 1)
    assert.equal(asking.mayAsk(1000), true)
  })
})
