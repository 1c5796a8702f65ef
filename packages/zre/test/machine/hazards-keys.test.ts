import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Bench, drops, find, PEER, PEER_ENDPOINT, types } from '../support/machine.js'

const OTHER_ENDPOINT = 'tcp://10.0.0.3:50000'

/** A HELLO of one who has shown to hold the key. */
function hello(bench: Bench, key: string, endpoint: string) {
  const said = { type: 'hello', endpoint, groups: [], status: 0, name: key, headers: new Map() } as const
  return bench.do({ type: 'message', from: PEER, message: { ...said, sequence: 1 }, key, proven: true })
}

describe('the id of a peer with a key', () => {
  it('stays its own when its connection breaks', () => {
    const bench = new Bench()
    hello(bench, 'its key', PEER_ENDPOINT)
    bench.do({ type: 'disconnected', id: PEER })
    const forged = { type: 'beacon', id: PEER, port: 50_000, address: '10.0.0.3', key: 'another' } as const
    assert.deepEqual(drops(bench.do(forged)), ['key-mismatch'])
    assert.deepEqual(drops(hello(bench, 'another', OTHER_ENDPOINT)), ['key-mismatch'])
    assert.deepEqual(types(hello(bench, 'its key', PEER_ENDPOINT)), ['enter'])
    assert.equal(bench.state.peers.get(PEER)?.view?.publicKey, 'its key')
  })

  it('is free for who holds a key when it was only claimed with another', () => {
    const bench = Bench.disconnected()
    bench.do({ type: 'beacon', id: PEER, port: 50_000, address: '10.0.0.3', key: 'another' })
    hello(bench, 'its key', PEER_ENDPOINT)
    bench.do({ type: 'connected', id: PEER })
    assert.equal(bench.state.peers.get(PEER)?.view?.publicKey, 'its key')
  })
})

describe('a peer whose key is not let in any more', () => {
  it('is told, since its connection to us can not be cut', () => {
    const bench = new Bench()
    hello(bench, 'its key', PEER_ENDPOINT)
    const effects = bench.do({ type: 'refused', id: PEER })
    assert.deepEqual(types(effects), ['drop', 'send goodbye', 'exit', 'close'])
    assert.equal(find(effects, 'exit').reason, 'refused')
    assert.equal(find(effects, 'close').flush, true)
  })

  it('greets over a new mailbox when it is let in again: the one that was refused does not try again', () => {
    const bench = new Bench()
    bench.do({ type: 'beacon', id: PEER, port: 50_000, address: '10.0.0.2', key: 'its key' })
    bench.do({ type: 'denied', id: PEER })
    const effects = hello(bench, 'its key', PEER_ENDPOINT)
    assert.deepEqual(types(effects).slice(0, 2), ['open', 'send hello'])
  })
})
