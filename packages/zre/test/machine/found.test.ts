import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stop } from '#src/machine/step.js'
import type { Input } from '#src/machine/types.js'
import { Bench, drops, find, OTHER, PEER, PEER_ENDPOINT, types, US } from '../support/machine.js'

type Found = Input & { type: 'found' }

function found(bench: Bench, what: Partial<Found> = {}) {
  return bench.do({ type: 'found', id: PEER, endpoint: PEER_ENDPOINT, ...what })
}

function gone(bench: Bench, endpoint = PEER_ENDPOINT) {
  return bench.do({ type: 'gone', id: PEER, endpoint })
}

describe('a node that was found', () => {
  it('is greeted where it was found, and present when it greets', () => {
    const bench = new Bench()
    assert.deepEqual(types(found(bench)), ['open', 'send hello'])
    assert.equal(find(bench.hello(), 'enter').peer.endpoint, PEER_ENDPOINT)
  })

  it('again changes nothing, and is no sign of life', () => {
    const bench = Bench.disconnected()
    found(bench)
    const heardAt = bench.state.peers.get(PEER)?.heardAt
    bench.wait(1000)
    assert.deepEqual(found(bench), [])
    assert.equal(bench.state.peers.get(PEER)?.heardAt, heardAt)
  })

  it('is nothing new when it is present, whatever endpoint is said', () => {
    const bench = Bench.withPeer()
    assert.deepEqual(found(bench), [])
    assert.deepEqual(found(bench, { endpoint: 'tcp://10.0.0.9:1' }), [])
  })

  it('is ourselves, or says our endpoint: not greeted', () => {
    const bench = new Bench()
    assert.deepEqual(found(bench, { id: US }), [])
    assert.deepEqual(drops(found(bench, { endpoint: 'tcp://10.0.0.1:49152' })), ['own-endpoint'])
  })

  it('on no network of ours is not greeted', () => {
    const bench = new Bench()
    for (const endpoint of ['tcp://192.0.2.1:1', 'tcp://example.org:1', 'nonsense']) {
      assert.deepEqual(drops(found(bench, { endpoint })), ['found-off-network'])
    }
    assert.equal(bench.state.peers.size, 0)
  })

  it('in IPv6 is greeted if that is on our networks', () => {
    const bench = new Bench({ isOnNetwork: (address) => address === 'fd00::2' })
    assert.deepEqual(types(found(bench, { endpoint: 'tcp://[fd00::2]:5670' })), ['open', 'send hello'])
  })

  it('at the endpoint of another that is present leaves that one its place', () => {
    const bench = Bench.withPeer()
    assert.deepEqual(drops(found(bench, { id: OTHER })), ['endpoint-taken'])
  })

  it('under another key than it has is refused', () => {
    const bench = Bench.withPeer()
    assert.deepEqual(drops(found(bench, { key: 'k' })), ['key-mismatch'])
  })

  it('where many were found who are not there is counted against the address, as with beacons', () => {
    const bench = Bench.disconnected()
    const all = Array.from({ length: 300 }, (_, at) =>
      found(bench, {
        id: at.toString(16).toUpperCase().padStart(32, '0'),
        endpoint: `tcp://10.0.0.2:${at + 1}`,
      }),
    )
    assert.ok(drops(all.flat()).includes('greeting-limit'))
    assert.ok(bench.state.peers.size <= 256)
  })
})

describe('a node that was found by an alias', () => {
  const VIP = 'tcp://10.0.0.200:5670'

  function withAlias(): Bench {
    const bench = new Bench()
    found(bench, { endpoint: VIP, alias: true })
    bench.hello(PEER, { endpoint: 'tcp://192.0.2.1:5670' })
    assert.equal(bench.state.peers.get(PEER)?.view?.endpoint, VIP)
    return bench
  }

  it('is not sought there when its connection breaks: another may be there now', () => {
    const effects = withAlias().do({ type: 'disconnected', id: PEER })
    assert.deepEqual(types(effects), ['exit', 'close'])
  })

  it('and does not answer is forgotten, and not greeted there again', () => {
    const bench = new Bench()
    found(bench, { endpoint: VIP, alias: true })
    const effects = bench.wait(20_000)
    assert.ok(!types(effects).includes('open'))
  })

  it('stays one by its alias when that was checked', () => {
    const bench = Bench.disconnected()
    found(bench)
    const check = find(found(bench, { endpoint: VIP, alias: true }), 'check')
    bench.do({ ...check, type: 'checked', stands: true })
    assert.deepEqual([bench.state.peers.get(PEER)?.endpoint, bench.state.peers.get(PEER)?.alias], [VIP, true])
  })

  it('is sought where it says it is if that is on our network', () => {
    const bench = withAlias()
    bench.hello(PEER, { endpoint: PEER_ENDPOINT })
    const effects = bench.do({ type: 'disconnected', id: PEER })
    assert.equal(find(effects, 'open').endpoint, PEER_ENDPOINT)
    assert.equal(bench.state.peers.get(PEER)?.alias, false)
  })
})

describe('a node that greets us from another network', () => {
  const endpoint = 'tcp://192.0.2.1:5670'

  it('is turned away, and told of: a seed may have that address by now', () => {
    const bench = new Bench()
    const stranger = { type: 'stranger', id: PEER, endpoint, key: undefined }
    assert.deepEqual(bench.hello(PEER, { endpoint }), [
      { type: 'drop', reason: 'hello-endpoint', from: PEER },
      stranger,
    ])
    const said = bench.do({ type: 'beacon', id: PEER, address: '192.0.2.1', port: 5670, said: true })
    assert.deepEqual(said, [{ type: 'drop', reason: 'hello-endpoint', from: PEER }, stranger])
  })

  it('is not told of when it names no endpoint, or ours', () => {
    const bench = new Bench()
    for (const wrong of ['nonsense', 'tcp://10.0.0.1:49152']) {
      assert.deepEqual(types(bench.hello(PEER, { endpoint: wrong })), ['drop'])
    }
  })
})

describe('a node that is said to be gone', () => {
  it('is forgotten when it was not reached', () => {
    const bench = Bench.disconnected()
    found(bench)
    assert.deepEqual(types(gone(bench)), ['close'])
  })

  it('is not while the connection to it lives', () => {
    assert.deepEqual(gone(Bench.withPeer()), [])
    const bench = new Bench()
    found(bench)
    assert.deepEqual(gone(bench), [])
  })

  it('is not when it is elsewhere, or unknown', () => {
    const bench = Bench.disconnected()
    found(bench)
    assert.deepEqual(gone(bench, 'tcp://10.0.0.9:1'), [])
    assert.deepEqual(gone(new Bench()), [])
  })
})

describe('a node that leaves', () => {
  it('says so to those who have shown where they are, and to no node of another library', () => {
    const bench = Bench.withPeer()
    bench.beacon(OTHER, 50_001)
    const hello = {
      type: 'hello',
      endpoint: 'tcp://10.0.0.2:50001',
      groups: [],
      status: 0,
      name: 'o',
    } as const
    const message = { ...hello, headers: new Map(), sequence: 1 }
    bench.do({ type: 'message', from: OTHER, message, proven: true })
    const effects = stop(bench.state)
    assert.deepEqual(types(effects), ['close', 'send goodbye', 'close', 'beacon'])
    assert.equal(find(effects, 'send').id, OTHER)
  })
})
