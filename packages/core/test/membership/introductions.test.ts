import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { afterEach, describe, it } from 'node:test'
import type { NodeEvents, Peer, ZreNode } from '@sleuth/zre'
import { Directory } from '#src/directory/directory.js'
import { decode, encode, MembershipKind, type Payload } from '#src/membership/format.js'
import { Introductions } from '#src/membership/introductions.js'
import type { MemberRecord } from '#src/membership/record.js'
import { checkOptions } from '#src/shared/options/options.js'
import { Counters } from '#src/shared/stats.js'
import { mockTime, restoreTime, tick } from '../harness.js'
import { idOf, recordOf } from './records.js'

const group = 'SLEUTH-v1'

function peerOf(letter: string, more: Partial<Peer> = {}): Peer {
  const { id, endpoint, name, service, version } = recordOf(letter)
  const headers = { group, node: id, type: service, version, 'sleuth-wire': '2' }
  return {
    id,
    name,
    endpoint,
    announced: endpoint,
    address: endpoint.slice(6, -5),
    verified: true,
    connections: 'both',
    headers: new Map(Object.entries(headers)),
    groups: new Set([group]),
    ...more,
  }
}

/** Introductions of a node that a test holds in its hands. */
class Bench extends EventEmitter<NodeEvents> {
  readonly id = idOf('a')
  readonly name = 'a'
  endpoint = 'tcp://10.0.0.97:5670'
  readonly there: Peer[] = []
  readonly said: { to: string; frames: readonly Payload[] }[] = []
  readonly greeted: { id: string; publicKey: string | undefined; ours: boolean }[] = []
  readonly counters = new Counters()
  failure: Error | undefined
  readonly parted: string[] = []
  readonly directory = new Directory(
    { group, wire: 2 },
    { balance: 'round-robin', now: () => 1, random: () => 0.5 },
    { up: () => {}, down: () => {} },
  )
  readonly introductions: Introductions

  constructor(...there: Peer[]) {
    super()
    this.there.push(...there)
    this.introductions = new Introductions({
      node: this as unknown as ZreNode,
      options: checkOptions({ interface: 'loopback' }),
      counters: this.counters,
      send: (to, frames) => {
        if (this.failure) throw this.failure
        this.said.push({ to, frames })
      },
      isBusy: () => false,
      directory: this.directory,
      now: () => performance.now(),
    })
    this.introductions.listen()
  }

  peers(): Peer[] {
    return this.there
  }

  hears(): boolean {
    return false
  }

  readonly found = (node: (typeof this.greeted)[number]) => this.greeted.push(node)

  mayConnect(): boolean {
    return true
  }

  link: (node: { id: string }) => Promise<boolean> = async () => assert.fail()

  isIntroduced(): boolean {
    return true
  }

  part(id: string): void {
    this.parted.push(id)
  }

  kinds(to: string): (string | undefined)[] {
    return this.said
      .filter((one) => one.to === idOf(to))
      .flatMap(({ frames }) => frames.map(({ kind, bytes }) => decode(kind, bytes)?.message.type))
  }
}

describe('introductions', () => {
  afterEach(restoreTime)

  it('begin with the peers that are there, and with those that enter or join', () => {
    mockTime()
    const bench = new Bench(peerOf('b'), peerOf('x', { groups: new Set() }))
    bench.emit('enter', peerOf('c'))
    bench.emit('enter', peerOf('d', { groups: new Set() }))
    bench.emit('join', peerOf('d'), 'other')
    tick(3000)
    assert.deepEqual([bench.kinds('x'), bench.kinds('d')], [[], []])
    assert.ok(bench.kinds('b').includes('digest') && bench.kinds('c').includes('digest'))
    bench.emit('join', peerOf('d'), group)
    bench.emit('join', peerOf('d'), group)
    tick(3000)
    assert.ok(bench.kinds('d').includes('digest'))
    bench.introductions.close()
  })

  it('count whom they know and whom they only hear, of whom few count: there may be nobody', () => {
    const bench = new Bench(peerOf('b'))
    for (let count = 0; count < 300; count++) {
      if (count === 10) assert.equal(bench.introductions.count, 11)
      bench.introductions.greets(idOf(`stranger ${count}`).slice(0, 32), 0)
    }
    assert.equal(bench.introductions.count, 257)
    bench.introductions.close()
  })

  /** What it answers to one that knows nothing. */
  function recordsOf(bench: Bench, asker: string): MemberRecord[] {
    const before = bench.said.length
    for (const { kind, bytes } of encode({ type: 'have', keys: [] }))
      bench.introductions.receive(idOf(asker), kind, bytes)
    const frames = bench.said.slice(before).flatMap(({ frames }) => frames)
    const messages = frames.map(({ kind, bytes }) => decode(kind, bytes)?.message)
    return messages
      .flatMap((message) => (message?.type === 'know' ? message.told : []))
      .map(({ record }) => record)
  }

  it('tell the endpoint that a peer names, wherever it was found, and that one can not be reached', () => {
    mockTime()
    const found = { endpoint: 'tcp://10.9.9.9:1' }
    const bench = new Bench(
      peerOf('b'),
      peerOf('c', found),
      peerOf('d', { ...found, announced: 'tcp://no-address:1', connections: 'theirs' }),
    )
    tick(3000)
    const records = recordsOf(bench, 'b')
    const told = (letter: string) => records.find(({ id }) => id === idOf(letter))
    assert.equal(told('c')?.endpoint, recordOf('c').endpoint)
    assert.deepEqual([told('d')?.endpoint, told('d')?.unreachable], [found.endpoint, true])
    assert.equal(told('a')?.unreachable, false)
    bench.introductions.close()
  })

  it('tell that this node can not be reached once a peer answers on its connection, until it moves', () => {
    mockTime()
    const bench = new Bench(peerOf('b'))
    bench.emit('enter', peerOf('c', { connections: 'ours' }))
    tick(3000)
    const self = () => recordsOf(bench, 'b').find(({ id }) => id === bench.id)
    assert.equal(self()?.unreachable, true)
    bench.endpoint = 'tcp://10.0.1.97:5670'
    tick(30_000)
    bench.introductions.receive(
      idOf('b'),
      MembershipKind.digest,
      encode({ type: 'digest', digest: 1n })[0]?.bytes as Buffer,
    )
    tick(30_000)
    assert.equal(self()?.unreachable, false)
    bench.introductions.close()
  })

  it('count what is no message, and go on', () => {
    mockTime()
    const bench = new Bench(peerOf('b'))
    bench.introductions.receive(idOf('b'), MembershipKind.digest, Buffer.from('short'))
    bench.introductions.receive(idOf('b'), 0x1f, Buffer.alloc(8))
    assert.equal(bench.counters.snapshot(0, undefined).dropped['membership-message'], 2)
    const record = recordOf('d', { publicKey: 'k'.repeat(40) })
    for (const { kind, bytes } of encode({ type: 'know', told: [{ record, age: 0 }] }))
      bench.introductions.receive(idOf('b'), kind, bytes)
    tick(3000)
    assert.deepEqual(
      bench.greeted.map(({ id, publicKey, ours }) => [id, publicKey, ours]),
      [[idOf('d'), 'k'.repeat(40), true]],
    )
    bench.introductions.close()
  })

  it('survive a peer that can not be sent to, and say nothing once they are closed', () => {
    mockTime()
    const bench = new Bench(peerOf('b'))
    bench.failure = new Error('the queue is full')
    tick(3000)
    bench.failure = undefined
    for (const { kind, bytes } of encode({ type: 'digest', digest: 7n }))
      bench.introductions.receive(idOf('b'), kind, bytes)
    assert.deepEqual(bench.kinds('b'), ['have'])
    bench.introductions.close()
    const before = bench.said.length
    bench.emit('enter', peerOf('c'))
    tick(60_000)
    assert.equal(bench.said.length, before)
  })

  it('tell that a peer has ended, and not that it starts over', () => {
    mockTime()
    const bench = new Bench(peerOf('b'), peerOf('c'), peerOf('d'))
    tick(3000)
    bench.emit('exit', peerOf('c'), 'restarted')
    bench.emit('exit', peerOf('x'), 'lost')
    tick(1000)
    assert.ok(!bench.kinds('b').includes('gone'))
    bench.emit('exit', peerOf('d'), 'expired')
    tick(1000)
    assert.ok(bench.kinds('b').includes('gone'))
    bench.introductions.close()
  })

  it('tell that a peer has ended at whose endpoint another is: this node may have said before that it lives', () => {
    mockTime()
    const bench = new Bench(peerOf('b'), peerOf('c'))
    tick(3000)
    bench.emit('exit', peerOf('c'), 'replaced')
    tick(1000)
    assert.ok(bench.kinds('b').includes('gone'))
    assert.deepEqual(
      recordsOf(bench, 'b').map(({ id }) => id),
      [idOf('a'), idOf('b')],
    )
    bench.introductions.close()
  })

  it('send much in several packets, so that other messages go in between', () => {
    mockTime()
    const bench = new Bench(peerOf('b'))
    for (let count = 0; count < 1200; count++) {
      const id = (0xd0000000000000000000000000000000n + BigInt(count)).toString(16).toUpperCase()
      bench.emit('enter', peerOf('z', { id, name: 'n'.repeat(60), groups: new Set([group]) }))
    }
    tick(3000)
    const before = bench.said.length
    const [{ kind, bytes }] = encode({ type: 'have', keys: [] }) as [Payload]
    bench.introductions.receive(idOf('b'), kind, bytes)
    const packets = bench.said.slice(before).filter(({ to }) => to === idOf('b'))
    assert.ok(packets.length > 1)
    for (const { frames } of packets)
      assert.ok(frames.reduce((sum, frame) => sum + frame.bytes.length, 0) <= 64 * 1024)
    bench.introductions.close()
  })

  let offered: boolean | undefined

  /** In a network so large that not all have links to each other: whom it greets after it has made one link. */
  async function greetedAfter(
    service: string,
    make: (bench: Bench, id: string) => Promise<unknown> | undefined,
  ) {
    mockTime()
    const bench = new Bench(peerOf('b'), peerOf('c'))
    const idAt = (at: number) => String(at).padStart(3, '0').repeat(11).slice(0, 32)
    const told = Array.from({ length: 200 }, (_, at) => ({
      record: { ...recordOf('d'), id: idAt(at), service },
      age: 0,
    }))
    for (const { kind, bytes } of encode({ type: 'know', told }))
      bench.introductions.receive(idOf('b'), kind, bytes)
    for (let at = 0; at < 200; at++) bench.introductions.greets(idAt(at), 100)
    tick(6000)
    bench.greeted.length = 0
    const linked: string[] = []
    bench.link = async (node) => {
      linked.push(node.id)
      return false
    }
    await make(bench, idAt(150))
    assert.deepEqual(linked, [idAt(150)])
    offered = bench.directory.services().some(({ instances }) => instances.some(({ id }) => id === idAt(150)))
    tick(1000)
    bench.introductions.close()
    return bench.greeted.length
  }

  it('make links to all instances of a service of which one is called', async () => {
    assert.ok((await greetedAfter('foo', ({ introductions }, id) => introductions.link({ id }))) > 0)
    // There is none, so no other call waits for one.
    assert.equal(offered, false)
  })

  it('make one link to a node that is asked, and to one without a service', async () => {
    assert.equal(await greetedAfter('foo', ({ introductions }, id) => introductions.reach(id)), 0)
    assert.equal(offered, true)
    restoreTime()
    assert.equal(await greetedAfter('', ({ introductions }, id) => introductions.link({ id })), 0)
  })
})
