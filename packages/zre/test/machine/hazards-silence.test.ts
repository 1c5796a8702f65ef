import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stop } from '#src/machine/step.js'
import { Bench, find, numbered, OTHER, PEER, sent, types } from '../support/machine.js'

// The hazards of the wire, by their names: what kills or loses a real peer, or us.

describe('silence', () => {
  const eventsOf = (effects: ReturnType<Bench['wait']>) =>
    effects.filter(({ type }) => ['evasive', 'exit'].includes(type))

  it('of a peer whose connection lives: evasive and pinged after 36 s, pinged each second, gone after a minute', () => {
    const bench = Bench.withPeer()
    bench.wait(0)
    assert.deepEqual(sent(bench.wait(35_999)), [])
    assert.deepEqual(
      types(bench.wait(1)).filter((type) => type !== 'beacon'),
      ['evasive', 'send ping'],
    )
    assert.deepEqual(
      types(bench.wait(1000)).filter((type) => type !== 'beacon'),
      ['send ping'],
    )
    assert.deepEqual(eventsOf(bench.wait(22_999)), [])
    const effects = bench.wait(1).filter(({ type }) => type !== 'beacon')
    assert.deepEqual(types(effects), ['exit', 'close'])
    assert.equal(find(effects, 'exit').reason, 'expired')
  })

  it('ends with a beacon, or any message in its turn, PING-OK above all', () => {
    for (const life of [(b: Bench) => b.beacon(), (b: Bench) => b.message({ type: 'ping-ok' }, 2)]) {
      const bench = Bench.withPeer()
      bench.wait(40_500)
      life(bench)
      assert.deepEqual(eventsOf(bench.wait(35_500)), [])
      assert.deepEqual(types(eventsOf(bench.wait(1000))), ['evasive'])
    }
  })

  it('ends with HELLO', () => {
    const bench = new Bench()
    bench.beacon()
    bench.wait(4900)
    bench.hello()
    assert.deepEqual(eventsOf(bench.wait(2900)), [])
  })

  it('a peer without beacons that answers each PING stays', () => {
    const bench = Bench.withPeer()
    let sequence = 2
    for (let second = 0; second < 600; second++) {
      const effects = bench.wait(1000)
      assert.ok(!effects.some(({ type }) => type === 'exit'))
      for (const { message } of sent(effects)) {
        if (message.type === 'ping') bench.message({ type: 'ping-ok' }, sequence++)
      }
    }
    assert.ok(sequence > 10)
  })

  it('PING is answered by PING-OK', () => {
    assert.deepEqual(numbered(Bench.withPeer().message({ type: 'ping' }, 2)), [['ping-ok', 2]])
  })

  it('of a node that was only greeted ends quietly', () => {
    const bench = Bench.disconnected()
    bench.beacon()
    assert.deepEqual(
      types(bench.wait(6000)).filter((type) => type !== 'beacon'),
      ['close'],
    )
    assert.equal(bench.state.peers.size, 0)
  })

  it('is noticed in time however short the times are', () => {
    const bench = Bench.withPeer({ evasive: 60, expired: 100 })
    assert.deepEqual(types(eventsOf(bench.wait(745))), ['evasive'])
    assert.deepEqual(types(eventsOf(bench.wait(480))), ['exit'])
  })
})

describe('our own troubles', () => {
  it('a lost mailbox: its numbers are gone, so the peer is, until its next beacon', () => {
    const bench = Bench.withPeer()
    const effects = bench.do({ type: 'lost', id: PEER })
    assert.deepEqual(types(effects), ['exit', 'close'])
    assert.equal(find(effects, 'exit').reason, 'broken')
    assert.deepEqual(numbered(bench.beacon()), [['hello', 1]])
    assert.deepEqual(bench.do({ type: 'lost', id: OTHER }), [])
  })

  it('an address of our own that moved: every peer is lost, and gets a fresh mailbox and the new endpoint', () => {
    const bench = Bench.withPeer()
    bench.hello(OTHER, { endpoint: 'tcp://10.0.0.3:3' })
    bench.plugs = false
    const effects = bench.do({ type: 'moved', endpoint: 'tcp://10.0.0.77:7' })
    assert.deepEqual(types(effects), ['exit', 'open', 'send hello', 'exit', 'open', 'send hello'])
    for (const { message } of sent(effects)) {
      assert.equal(message.type === 'hello' && message.endpoint, 'tcp://10.0.0.77:7')
    }
    assert.deepEqual(bench.hello(), [], 'an answer to that needs no answer')
    assert.deepEqual(types(bench.do({ type: 'connected', id: PEER })), ['enter'])
  })

  it('an address of our own that is on another network: who is not there is gone', () => {
    const config = { isOnNetwork: (address: string) => address.startsWith('10.0.0.') }
    const bench = Bench.withPeer(config)
    bench.hello(OTHER, { endpoint: 'tcp://10.0.0.3:3' })
    Object.assign(bench.state.config, { isOnNetwork: (address: string) => address === '10.0.0.3' })
    const effects = bench.do({ type: 'moved', endpoint: 'tcp://10.0.0.77:7' })
    assert.deepEqual(types(effects).slice(0, 4), ['exit', 'close', 'exit', 'open'])
    assert.deepEqual([...bench.state.peers.keys()], [OTHER])
  })

  it('a whisper to a peer that is gone, or not yet there, is not sent', () => {
    const bench = new Bench()
    const whisper = { type: 'whisper', to: PEER, content: [] } as const
    assert.deepEqual(bench.do(whisper), [])
    bench.beacon()
    assert.deepEqual(bench.do(whisper), [])
    bench.hello()
    bench.whisper(9)
    assert.deepEqual(bench.do(whisper), [])
  })

  it('stop: what is queued leaves, then the world is told', () => {
    const bench = Bench.withPeer()
    bench.beacon(OTHER, 1, '10.0.0.3')
    assert.deepEqual(stop(bench.state), [
      { type: 'close', id: PEER, flush: true },
      { type: 'close', id: OTHER, flush: true },
      { type: 'beacon', port: 'leaving' },
    ])
  })
})
