import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { Discoveries, type DiscoveriesOptions, type UsedDiscovery } from '#src/discovery/discoveries.js'
import { checkOptions } from '#src/options.js'
import { Counters } from '#src/stats.js'
import type { Transport } from '#src/transport.js'
import type { Discovery, DiscoveryHost, Logger, NodeOptions } from '#src/types.js'
import type { Identity } from '#src/wire/identify.js'
import { FakeTransport } from '../support/fake-transport.js'
import { VirtualClock } from './clock.js'

const US = 'AA'.repeat(16)
const PEER = 'BB'.repeat(16)
const OTHER = 'CC'.repeat(16)
const there = 'tcp://10.0.0.2:5000'

/** A discovery that does what a test says. */
class Puppet implements Discovery {
  readonly name = 'puppet'
  host!: DiscoveryHost
  start(host: DiscoveryHost): void | Promise<void> {
    this.host = host
  }
  closed = 0
  close(): void | Promise<void> {
    this.closed++
  }
}

class Bench {
  readonly clock = new VirtualClock()
  readonly transport = new FakeTransport()
  readonly puppet = new Puppet()
  readonly warnings: string[] = []
  readonly found: unknown[] = []
  readonly gone: unknown[] = []
  readonly refused: string[] = []
  readonly peers = new Map<string, object>()
  /** Nodes that others have told of, and that there need be no link to. */
  readonly unwanted = new Set<string>()
  readonly counters: Counters
  /** Who answers at an endpoint. */
  readonly at = new Map<string, Identity>()
  readonly dialled: string[] = []
  onNetwork = (_address: string) => true
  readonly discoveries: Discoveries

  constructor(options: NodeOptions = {}, used?: readonly UsedDiscovery[]) {
    const logger: Logger = {
      trace() {},
      debug() {},
      info() {},
      warn: (_, text) => this.warnings.push(text),
      error() {},
    }
    this.counters = new Counters(logger)
    this.discoveries = new Discoveries({
      id: US,
      settings: checkOptions({ ...options, logger }),
      used: used ?? [{ discovery: this.puppet, required: true }],
      clock: this.clock,
      transport: this.#dialling(),
      counters: this.counters,
      peers: () => this.peers as ReturnType<DiscoveriesOptions['peers']>,
      endpoint: () => this.transport.endpoint,
      found: (node) => this.found.push(node),
      gone: (node) => this.gone.push(node),
      isGreeted: (id) => !this.unwanted.has(id),
      isIntroduced: (id) => this.unwanted.has(id),
      refused: ({ endpoint }) => this.refused.push(endpoint),
    })
  }

  #dialling(): Transport {
    const { transport } = this
    return Object.assign(Object.create(transport) as Transport, {
      isOnNetwork: (address: string) => this.onNetwork(address),
      identify: (endpoint: string, _key: unknown, answer: (identity?: Identity) => void) => {
        this.dialled.push(endpoint)
        answer(this.at.get(endpoint))
      },
    })
  }

  get dropped(): Record<string, number> {
    return this.counters.snapshot(0).dropped
  }

  async begin(): Promise<this> {
    await this.discoveries.start()
    this.discoveries.begin()
    return this
  }
}

describe('what a discovery finds', () => {
  let bench: Bench
  beforeEach(() => {
    bench = new Bench()
  })

  it('before the node begins is told then, unless it is gone by then', async () => {
    await bench.discoveries.start()
    const { host } = bench.puppet
    host.found({ id: PEER, endpoint: there })
    host.found({ id: OTHER, endpoint: 'tcp://10.0.0.3:5000' })
    host.gone({ id: OTHER, endpoint: 'tcp://10.0.0.3:5000' })
    assert.deepEqual(bench.found, [])
    bench.discoveries.begin()
    assert.deepEqual(bench.found, [{ id: PEER, endpoint: there, key: undefined }])
    assert.deepEqual(bench.gone, [])
    await bench.discoveries.close()
  })

  it('before the node begins is bounded: the rest is found again', async () => {
    await bench.discoveries.start()
    for (let port = 1; port <= 2000; port++)
      bench.puppet.host.found({ id: PEER, endpoint: `tcp://10.0.0.2:${port}` })
    bench.discoveries.begin()
    assert.equal(bench.found.length, 1024)
  })

  it('is told by its id, with its key, and as ours', async () => {
    await bench.begin()
    const publicKey = 'k'.repeat(40)
    bench.puppet.host.found({ id: PEER, endpoint: there, publicKey, ours: true })
    bench.puppet.host.gone({ id: PEER, endpoint: there })
    assert.deepEqual(bench.found, [{ id: PEER, endpoint: there, key: publicKey, ours: true }])
    assert.deepEqual(bench.gone, [{ id: PEER, endpoint: there }])
  })

  it('is no news of a peer that is present, or once the node has closed', async () => {
    await bench.begin()
    const { host } = bench.puppet
    bench.peers.set(PEER, { view: {}, endpoint: there })
    host.found({ id: PEER, endpoint: there })
    host.found({ endpoint: there })
    await bench.discoveries.close()
    host.found({ id: OTHER, endpoint: there })
    host.gone({ id: OTHER, endpoint: there })
    assert.deepEqual([bench.found, bench.gone, bench.dialled], [[], [], []])
  })

  it('may be no node at all: that is a warning, before the node begins and later', async () => {
    const junk: unknown[] = [{}, { endpoint: Symbol('a') }, { endpoint: there, id: Symbol('b') }]
    junk.push({ endpoint: there, id: PEER, publicKey: Symbol('c') }, { endpoint: there, id: 42 })
    await bench.discoveries.start()
    const { host } = bench.puppet
    for (const node of junk) host.found(node as never)
    bench.discoveries.begin()
    for (const node of junk) host.found(node as never)
    assert.deepEqual([bench.found, bench.dialled], [[], []])
    assert.ok(bench.warnings.length > 0)
    for (const warning of bench.warnings) assert.match(warning, /an endpoint, an id or a key that is none/)
    await bench.discoveries.close()
  })

  it('is told once when its id or its key is none', async () => {
    await bench.begin()
    const { host } = bench.puppet
    host.found({ id: 'nonsense', endpoint: there })
    host.found({ id: PEER, endpoint: there, publicKey: 'short' })
    for (let count = 0; count < 100; count++) host.found({ id: 'nonsense', endpoint: there })
    assert.deepEqual(bench.found, [])
    assert.ok(bench.warnings.length >= 2 && bench.warnings.length < 50)
    assert.match(bench.warnings[0] ?? '', /an id or a key that is none/)
  })

  it('without an id is asked who it is, not more often than each five seconds', async () => {
    bench.at.set(there, { id: PEER, endpoint: there })
    await bench.begin()
    const { host } = bench.puppet
    host.found({ endpoint: there })
    host.found({ endpoint: there })
    assert.deepEqual(bench.dialled, [there])
    assert.deepEqual(bench.found, [{ id: PEER, endpoint: there, key: undefined, alias: false, ours: true }])
    await bench.clock.pass(5000)
    host.found({ endpoint: there })
    assert.deepEqual(bench.dialled, [there, there])
  })

  it('without an id is asked where a peer was that is answered on its connection: it may be another', async () => {
    await bench.begin()
    bench.peers.set(OTHER, { view: {}, endpoint: there, returning: true })
    bench.puppet.host.found({ endpoint: there })
    assert.deepEqual(bench.dialled, [there])
  })

  it('of very many without an id keeps no record for each', async () => {
    await bench.begin()
    const { host } = bench.puppet
    for (let port = 1; port <= 1100; port++) host.found({ endpoint: `tcp://10.0.0.2:${port}` })
    const before = bench.dialled.length
    host.found({ endpoint: 'tcp://10.0.0.2:1' })
    host.found({ endpoint: 'tcp://10.0.0.2:1100' })
    await bench.clock.pass(0)
    assert.ok(bench.dialled.length >= before)
    await bench.discoveries.close()
  })

  it('and may not be connected to is counted: off the network, our own, or no endpoint', async () => {
    await bench.begin()
    bench.onNetwork = (address) => address.startsWith('10.')
    const { host } = bench.puppet
    for (const endpoint of ['tcp://192.0.2.1:5000', host.endpoint, 'nonsense']) host.found({ endpoint })
    assert.deepEqual(bench.dropped, { 'found-off-network': 3 })
    assert.deepEqual([bench.found, bench.dialled], [[], []])
  })
})

describe('a discovery', () => {
  it('that can not start is the failure of the node, or a warning if the node can do without', async () => {
    for (const [cause, why] of [
      [new Error('no permission'), 'no permission'],
      ['just text', 'just text'],
    ] as const) {
      const broken = new Puppet()
      broken.start = () => Promise.reject(cause)
      const required = new Bench({}, [{ discovery: broken, required: true }])
      await assert.rejects(required.discoveries.start(), {
        code: 'ZRE_DISCOVERY',
        message: `the discovery "puppet" can't start: ${why}`,
      })
      const bench = new Bench({}, [
        { discovery: broken, required: false },
        { discovery: new Puppet(), required: true },
      ])
      await bench.begin()
      assert.deepEqual(bench.warnings, ['zre: a discovery can not start; the others do'])
    }
  })

  it('that takes long to start is a warning, once', async () => {
    let go = () => {}
    const slow = new Puppet()
    slow.start = () => new Promise((resolve) => (go = resolve))
    const bench = new Bench({}, [{ discovery: slow, required: true }])
    const started = bench.discoveries.start()
    await bench.clock.pass(4999)
    assert.deepEqual(bench.warnings, [])
    await bench.clock.pass(24_999)
    assert.deepEqual(bench.warnings, ['zre: a discovery has not started yet, and the node waits for it'])
    go()
    await started
    assert.equal(bench.clock.pending, 0)
  })

  it('that never starts is the failure of the node after half a minute, and is closed', async () => {
    const stuck = new Puppet()
    stuck.start = () => new Promise(() => {})
    const bench = new Bench({}, [{ discovery: stuck, required: true }])
    const failed = assert.rejects(bench.discoveries.start(), {
      code: 'ZRE_DISCOVERY',
      message: `the discovery "puppet" can't start: it has not started within 30 seconds`,
    })
    await bench.clock.pass(30_000)
    await failed
    await bench.discoveries.close()
    assert.deepEqual([stuck.closed, bench.clock.pending], [1, 0])
  })

  it('that never starts, and that the node can do without, is a warning: what it still finds counts', async () => {
    const stuck = new Puppet()
    stuck.start = (host) => {
      stuck.host = host
      return new Promise(() => {})
    }
    const bench = new Bench({}, [{ discovery: stuck, required: false }])
    const begun = bench.begin()
    await bench.clock.pass(30_000)
    await begun
    assert.equal(bench.warnings.at(-1), 'zre: a discovery can not start; the others do')
    stuck.host.found({ id: PEER, endpoint: there })
    assert.equal(bench.found.length, 1)
    await bench.discoveries.close()
  })

  it('that does not close holds nobody up, and one that fails to is a warning', async () => {
    const [slow, broken] = [new Puppet(), new Puppet()]
    slow.close = () => new Promise(() => {})
    broken.close = () => Promise.reject(new Error('broken'))
    const bench = new Bench({}, [
      { discovery: slow, required: true },
      { discovery: broken, required: true },
    ])
    await bench.begin()
    let closed = false
    void bench.discoveries.close()?.then(() => (closed = true))
    await bench.clock.pass(999)
    assert.ok(!closed)
    await bench.clock.pass(1)
    assert.ok(closed)
    assert.deepEqual(bench.warnings, ['zre: a discovery failed to close'])
    assert.equal(bench.clock.pending, 0)
  })
})

describe('a node that there need be no link to', () => {
  it('is not greeted, however it is found', async () => {
    const bench = new Bench({ seeds: ['tcp://10.9.9.9:5000'] })
    bench.unwanted.add(PEER)
    bench.at.set('tcp://10.9.9.9:5000', { id: PEER, endpoint: 'tcp://10.9.9.9:5000' })
    await bench.begin()
    bench.puppet.host.found({ id: PEER, endpoint: 'tcp://10.9.9.9:5000' })
    await bench.clock.pass(100)
    assert.deepEqual(bench.dialled, ['tcp://10.9.9.9:5000'])
    assert.deepEqual(bench.found, [])
    // Its seed has led to somebody, and is dialled no more.
    await bench.clock.pass(60_000)
    assert.equal(bench.dialled.length, 1)
    // It is gone, as far as others tell.
    bench.unwanted.clear()
    await bench.clock.pass(60_000)
    assert.ok(bench.found.length > 0)
    await bench.discoveries.close()
  })
})

describe('a stranger', () => {
  const stranger = { id: PEER, endpoint: 'tcp://192.0.2.1:5000', key: undefined }

  it('is refused where there are no seeds, unless it is answered on its connection', async () => {
    const bench = await new Bench().begin()
    bench.discoveries.stranger({ ...stranger, returns: true })
    assert.deepEqual(bench.refused, [])
    bench.discoveries.stranger(stranger)
    assert.deepEqual(bench.refused, [stranger.endpoint])
  })

  it('is refused when the seeds do not lead to it', async () => {
    const bench = await new Bench({ seeds: ['tcp://10.9.9.9:5000'] }).begin()
    bench.onNetwork = () => false
    bench.discoveries.stranger(stranger)
    assert.deepEqual(bench.refused, [])
    await bench.clock.pass(100)
    assert.deepEqual(bench.refused, [stranger.endpoint])
    await bench.discoveries.close()
  })
})
