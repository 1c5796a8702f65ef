import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MAX_UNMET_RETURNS, RETURN_MS } from '#src/machine/return-path.js'
import type { Effect } from '#src/machine/types.js'
import { RETURN_HEADER, type ReturnPath, returnRoutingId } from '#src/wire/return-path.js'
import { Bench, drops, find, numbered, OTHER, PEER, PEER_ENDPOINT, sent, types } from '../support/machine.js'

const OFF_NETWORK = { address: '172.17.0.2', port: 5670 }
const ON_NETWORK = { address: '10.0.0.2', port: 50000 }

const pathOf = (id = PEER, only = false): ReturnPath => ({ routingId: returnRoutingId(id), only })
const opened = (effects: readonly Effect[]) => effects.filter((effect) => effect.type === 'open')

/** A HELLO that does not prove anything yet. */
function ask(bench: Bench, back: ReturnPath, place = OFF_NETWORK, id = PEER): Effect[] {
  return bench.do({ type: 'beacon', id, ...place, said: true, back })
}

/** A HELLO that shows the token that we gave. */
function prove(bench: Bench, back: ReturnPath, endpoint = 'tcp://172.17.0.2:5670', id = PEER): Effect[] {
  const hello = { type: 'hello', endpoint, groups: ['g'], status: 1, name: 'x', headers: new Map() } as const
  return bench.do({ type: 'message', from: id, message: { ...hello, sequence: 1 }, proven: true, back })
}

function withReturning(back = pathOf()): Bench {
  const bench = new Bench()
  ask(bench, back)
  prove(bench, back)
  return bench
}

describe('a node that asks to be answered on its connection', () => {
  it('is answered there at once when no connection may be opened to its endpoint', () => {
    const bench = new Bench()
    const back = pathOf()
    const effects = ask(bench, back)
    assert.deepEqual(opened(effects), [
      { type: 'open', id: PEER, endpoint: 'tcp://172.17.0.2:5670', key: undefined, back: back.routingId },
    ])
    assert.deepEqual(numbered(effects), [['hello', 1]])
    const entered = find(prove(bench, back), 'enter').peer
    assert.deepEqual([entered.connections, entered.verified], ['theirs', false])
  })

  it('is answered there only when seeds do not lead to it, if there are any', () => {
    const bench = new Bench({ hasSeeds: true })
    const back = pathOf()
    const effects = ask(bench, back)
    assert.deepEqual(types(effects), ['stranger'])
    const newer = pathOf()
    assert.deepEqual(types(ask(bench, newer)), [])
    assert.equal(find(bench.wait(RETURN_MS), 'open').back, back.routingId)
    bench.do({ type: 'disconnected', id: PEER })
    assert.equal(find(bench.wait(RETURN_MS), 'open').back, newer.routingId)
    assert.equal(bench.state.awaited.size, 0)
  })

  it('is reached where a seed has led to it meanwhile, and else answered there a little later', () => {
    let known = false
    const isOnNetwork = () => known
    const bench = Bench.disconnected({ hasSeeds: true, isOnNetwork })
    const back = pathOf()
    ask(bench, back)
    bench.wait(500)
    known = true
    const found = bench.do({ type: 'found', id: PEER, endpoint: 'tcp://172.17.0.2:5670' })
    assert.equal(find(found, 'open').back, undefined)
    assert.deepEqual(opened(bench.wait(2 * RETURN_MS - 501)), [])
    assert.equal(find(bench.wait(1), 'open').back, back.routingId)
  })

  it('is answered there at once when it says that nobody can connect to it', () => {
    const bench = new Bench()
    assert.ok(find(ask(bench, pathOf(PEER, true), ON_NETWORK), 'open').back)
  })

  it('is connected to first, and answered there when that takes too long', () => {
    const bench = Bench.disconnected()
    const back = pathOf()
    assert.equal(find(ask(bench, back, ON_NETWORK), 'open').back, undefined)
    assert.deepEqual(opened(bench.wait(RETURN_MS - 1)), [])
    assert.equal(find(bench.wait(1), 'open').back, back.routingId)
  })

  it('is answered there when another node shakes hands at its endpoint', () => {
    const bench = new Bench()
    const back = pathOf()
    assert.equal(find(ask(bench, back, ON_NETWORK), 'open').back, undefined)
    assert.equal(find(bench.wait(RETURN_MS), 'open').back, back.routingId)
    const present = Bench.withPeer()
    assert.ok(find(ask(present, pathOf(OTHER), ON_NETWORK, OTHER), 'open').back)
    assert.ok(present.state.peers.get(PEER)?.view)
  })

  it('is not answered there when it is present in time', () => {
    const bench = new Bench()
    const back = pathOf()
    ask(bench, back, ON_NETWORK)
    assert.equal(find(prove(bench, back, PEER_ENDPOINT), 'enter').peer.connections, 'both')
    assert.deepEqual(opened(bench.wait(10 * RETURN_MS)), [])
  })

  it('keeps its place from others, and from the same node elsewhere while it answers', () => {
    const back = pathOf()
    const bench = withReturning(back)
    const effects = ask(bench, pathOf())
    assert.deepEqual(types(effects), ['send ping'])
    bench.message({ type: 'ping-ok' }, 2)
    bench.wait(5000)
    assert.equal(bench.state.peers.get(PEER)?.back, back)
  })

  it('has its place taken when it does not answer any more', () => {
    const bench = withReturning()
    const back = pathOf()
    ask(bench, back)
    const effects = bench.wait(3000)
    assert.equal(find(effects, 'exit').reason, 'replaced')
    assert.equal(find(effects, 'open').back, back.routingId)
    assert.equal(find(prove(bench, back), 'enter').peer.id, PEER)
    assert.equal(bench.state.awaited.size, 0)
  })

  it('has its place taken sooner when a message shows that it has begun anew, and it does not answer', () => {
    const bench = withReturning()
    const back = pathOf()
    ask(bench, back)
    assert.equal(find(bench.message({ type: 'ping' }, 1), 'exit').reason, 'broken')
    assert.equal(find(bench.wait(500), 'open').back, back.routingId)
    assert.equal(find(prove(bench, back), 'enter').peer.id, PEER)
  })

  it('is answered on a newer connection when the first that it has made since leads nowhere', () => {
    const bench = withReturning()
    const [back, newer] = [pathOf(), pathOf()]
    ask(bench, back)
    bench.wait(300)
    ask(bench, pathOf())
    ask(bench, newer)
    assert.equal(find(bench.wait(1800), 'open').back, back.routingId)
    bench.do({ type: 'disconnected', id: PEER })
    assert.equal(find(bench.wait(500), 'open').back, newer.routingId)
    prove(bench, newer)
    bench.wait(5000)
    assert.equal(bench.state.peers.get(PEER)?.back, newer)
  })

  it('does not keep an endpoint from the one who is there', () => {
    const bench = new Bench()
    const back = pathOf(PEER, true)
    ask(bench, back, ON_NETWORK)
    prove(bench, back, PEER_ENDPOINT)
    const effects = bench.beacon(OTHER)
    assert.deepEqual(drops(effects), [])
    assert.equal(find(effects, 'open').id, OTHER)
    assert.ok(bench.state.peers.get(PEER)?.view)
  })

  it('is lost when its connection is gone, and nothing is tried', () => {
    const bench = withReturning()
    const effects = bench.do({ type: 'disconnected', id: PEER })
    assert.equal(find(effects, 'exit').reason, 'lost')
    assert.deepEqual([opened(effects), bench.state.peers.size], [[], 0])
  })

  it('starts over on its connection, or on another that it has made since', () => {
    const back = pathOf()
    const bench = withReturning(back)
    bench.wait(2000)
    const same = prove(bench, back)
    assert.equal(find(same, 'exit').reason, 'restarted')
    assert.deepEqual([opened(same), numbered(same)[0]], [[], ['hello', 1]])
    const next = pathOf()
    const effects = prove(bench, next)
    assert.equal(find(effects, 'open').back, next.routingId)
    assert.equal(find(effects, 'enter').peer.connections, 'theirs')
  })

  it('is answered there when it shows our token without having asked before', () => {
    const bench = new Bench()
    const back = pathOf()
    const effects = prove(bench, back)
    assert.equal(find(effects, 'open').back, back.routingId)
    assert.equal(find(effects, 'enter').peer.connections, 'theirs')
  })

  it('is lost when we move: its connection led to the old address', () => {
    const bench = withReturning()
    const effects = bench.do({ type: 'moved', endpoint: 'tcp://10.0.0.9:5000' })
    assert.equal(find(effects, 'exit').reason, 'lost')
    assert.deepEqual([opened(effects), bench.state.peers.size], [[], 0])
  })

  it('is forgotten when it never shows that it reads there', () => {
    const bench = new Bench()
    ask(bench, pathOf())
    bench.wait(6000)
    assert.equal(bench.state.peers.size, 0)
  })

  it('is one of a limited number that have not shown who they are', () => {
    const bench = new Bench()
    const idOf = (at: number) => (at + 0x1000).toString(16).toUpperCase().padStart(32, '0')
    for (let at = 0; at < MAX_UNMET_RETURNS; at++) ask(bench, pathOf(idOf(at)), OFF_NETWORK, idOf(at))
    assert.deepEqual(drops(ask(bench, pathOf(), OFF_NETWORK)), ['greeting-limit'])
  })

  it('is answered where it asked first, until that leads nowhere', () => {
    const bench = new Bench()
    const first = pathOf()
    ask(bench, first)
    assert.deepEqual(types(ask(bench, first)), [])
    const next = pathOf()
    assert.deepEqual(drops(ask(bench, next)), ['endpoint-taken'])
    const effects = bench.wait(600)
    assert.equal(find(effects, 'open').back, next.routingId)
    assert.ok(types(effects).includes('close'))
  })

  it('is answered on the next that it made when the first leads nowhere, though it asked there at once', () => {
    const bench = new Bench()
    const [first, next] = [pathOf(), pathOf()]
    ask(bench, first)
    ask(bench, next)
    bench.do({ type: 'disconnected', id: PEER })
    assert.equal(find(bench.wait(500), 'open').back, next.routingId)
  })

  it('is the same node only with the same key', () => {
    const key = 'k'.repeat(40)
    const bench = new Bench()
    ask(bench, pathOf())
    bench.wait(600)
    const back = pathOf()
    const effects = bench.do({ type: 'beacon', id: PEER, ...OFF_NETWORK, said: true, back, key })
    const { key: opened, back: way } = find(effects, 'open')
    assert.deepEqual([opened, way], [key, back.routingId])
  })

  it('asks in vain for another way when it is present', () => {
    const back = pathOf()
    const bench = withReturning(back)
    assert.deepEqual(types(ask(bench, back)), [])
    const usual = Bench.withPeer()
    assert.deepEqual(types(ask(usual, pathOf(PEER, true), ON_NETWORK)), [])
  })

  it('is answered there when it was greeted where it can not be reached', () => {
    const bench = Bench.disconnected()
    bench.do({ type: 'beacon', id: PEER, ...ON_NETWORK })
    bench.wait(600)
    const back = pathOf(PEER, true)
    assert.equal(find(ask(bench, back, ON_NETWORK), 'open').back, back.routingId)
  })

  it('that waits for seeds is one of a limited number', () => {
    const bench = new Bench({ hasSeeds: true })
    const idOf = (at: number) => (at + 0x1000).toString(16).toUpperCase().padStart(32, '0')
    for (let at = 0; at < MAX_UNMET_RETURNS; at++) ask(bench, pathOf(idOf(at)), OFF_NETWORK, idOf(at))
    assert.equal(bench.state.awaited.size, MAX_UNMET_RETURNS)
    assert.deepEqual(drops(ask(bench, pathOf(), OFF_NETWORK)), ['greeting-limit'])
  })

  it('that waits for seeds has its own time, whoever else waits', () => {
    const bench = new Bench({ hasSeeds: true })
    ask(bench, pathOf(OTHER), OFF_NETWORK, OTHER)
    bench.wait(600)
    const back = pathOf()
    ask(bench, back)
    assert.deepEqual(
      opened(bench.wait(400)).map(({ id }) => id),
      [OTHER],
    )
    assert.deepEqual(opened(bench.wait(599)), [])
    assert.equal(find(bench.wait(1), 'open').back, back.routingId)
  })

  it('has no room among as many peers as there may be', () => {
    const bench = new Bench({ maxPeers: 1 })
    bench.beacon(OTHER)
    assert.deepEqual(drops(ask(bench, pathOf())), ['peer-limit'])
  })

  it('is asked again and again while its link is in use, and never probed', () => {
    const bench = withReturning()
    bench.do({ type: 'whisper', to: PEER, content: [] })
    const effects = bench.wait(3000)
    assert.ok(numbered(effects).filter(([type]) => type === 'ping').length > 3)
    assert.ok(!types(effects).includes('probe'))
    assert.ok(bench.state.peers.get(PEER)?.view)
  })
})

describe('our HELLO', () => {
  const helloTo = (effects: readonly Effect[]) => {
    const { message } = find(effects, 'send')
    return message.type === 'hello' ? message.headers.get(RETURN_HEADER) : 'no HELLO'
  }

  it('asks only a node of this library to answer on our connection', () => {
    const found = { type: 'found', id: PEER, endpoint: PEER_ENDPOINT } as const
    assert.equal(helloTo(new Bench().beacon()), undefined)
    assert.equal(helloTo(new Bench().do(found)), undefined)
    const asked = new Bench().do({ ...found, ours: true })
    assert.equal(helloTo(asked), '1')
    assert.equal(find(asked, 'open').asks, true)
    assert.equal(helloTo(new Bench({ unreachable: true }).do({ ...found, ours: true })), 'only')
    assert.equal(helloTo(new Bench({ unreachable: true }).beacon()), undefined)
  })

  it('is said again to a node that is there and silent: it may answer another in our name', () => {
    const bench = new Bench()
    bench.do({ type: 'found', id: PEER, endpoint: PEER_ENDPOINT, ours: true })
    const effects = bench.wait(12_000)
    assert.deepEqual(numbered(effects), [
      ['hello', 1],
      ['hello', 1],
    ])
    assert.deepEqual(opened(effects), [])
  })

  it('asks so when it is known that the node is one, and it beacons and has not answered', () => {
    const [silent, present] = [new Bench(), Bench.withPeer()]
    silent.beacon()
    // It may be busy, and a second HELLO would tell it that we have started over.
    silent.wait(600)
    for (const bench of [silent, present])
      assert.deepEqual(bench.do({ type: 'found', id: PEER, endpoint: PEER_ENDPOINT, ours: true }), [])
    const seconds = (bench: Bench, count: number) =>
      Array.from({ length: count }, () => [...bench.beacon(), ...bench.wait(1000)]).flat()
    assert.deepEqual(sent(seconds(silent, 4)), [])
    const effects = seconds(silent, 2)
    assert.equal(helloTo(effects), '1')
    assert.equal(find(effects, 'open').asks, true)
    assert.deepEqual(opened(seconds(present, 6)), [])
  })
})
