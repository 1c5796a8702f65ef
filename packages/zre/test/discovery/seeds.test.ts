import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DialResult } from '#src/discovery/dialler.js'
import { parseSeed, type Seed } from '#src/discovery/seed.js'
import { Seeds } from '#src/discovery/seeds.js'
import { VirtualClock } from './clock.js'

const NAME = 'dns://api'

/** Seeds, and the names, files and nodes that there are. */
class Bench {
  readonly clock = new VirtualClock()
  readonly names = new Map<string, readonly string[] | Error>()
  readonly files = new Map<string, string>()
  readonly nodes = new Map<string, DialResult>()
  readonly live = new Set<string>()
  readonly addresses = new Set<string>()
  readonly lookups: [at: number, name: string][] = []
  readonly dials: [at: number, endpoint: string][] = []
  readonly lines: string[] = []
  readonly seeds: Seeds

  constructor(...texts: string[]) {
    const log = (_fields: object, text: string) => this.lines.push(text)
    this.seeds = new Seeds({
      seeds: texts.map((text) => parseSeed(text) as Seed),
      clock: this.clock,
      random: () => 0.5,
      logger: { trace() {}, debug() {}, info: log, warn: log, error: log },
      resolver: {
        addresses: async (name) => {
          this.lookups.push([this.clock.now(), name])
          const found = this.names.get(name) ?? []
          if (found instanceof Error) throw found
          return found
        },
        services: async () => [],
      },
      readFile: async (path) => {
        const text = this.files.get(path)
        if (text === undefined) throw new Error(`no ${path}`)
        return text
      },
      onAddress: (address) => this.addresses.add(address),
      dial: ({ endpoint }, done) => {
        this.dials.push([this.clock.now(), endpoint])
        done(this.nodes.get(endpoint))
      },
      isAlone: () => this.live.size === 0,
      live: () => (endpoint) => this.live.has(endpoint),
    })
  }

  endpoints(): string[] {
    return this.dials.map(([, endpoint]) => endpoint)
  }
}

describe('seeds', () => {
  it('are looked up and dialled at once', async () => {
    const bench = new Bench('tcp://10.0.0.5:1', NAME)
    bench.names.set('api', ['10.0.0.6', 'fd00::6'])
    bench.seeds.start()
    await bench.clock.pass(0)
    assert.deepEqual(bench.endpoints().sort(), [
      'tcp://10.0.0.5:1',
      'tcp://10.0.0.6:5670',
      'tcp://[fd00::6]:5670',
    ])
    assert.deepEqual([...bench.addresses].sort(), ['10.0.0.5', '10.0.0.6', 'fd00::6'])
  })

  it('that are down are dialled ever more rarely until they are up', async () => {
    const bench = new Bench('tcp://10.0.0.5:1')
    bench.seeds.start()
    await bench.clock.pass(60_000)
    assert.equal(bench.dials.length, 6)
    bench.live.add('tcp://10.0.0.5:1')
    await bench.clock.pass(120_000)
    assert.equal(bench.dials.length, 6)
  })

  it('are looked up ever more rarely while nobody is there, and then each 60 s', async () => {
    const bench = new Bench(NAME)
    bench.seeds.start()
    await bench.clock.pass(15_500)
    assert.equal(bench.lookups.length, 5)
    bench.live.add('tcp://10.0.0.6:5670')
    bench.names.set('api', ['10.0.0.6'])
    await bench.clock.pass(61_000)
    assert.equal(bench.lookups.length, 6)
  })

  it('that lead to a node later are dialled when they do', async () => {
    const bench = new Bench(NAME)
    bench.seeds.start()
    await bench.clock.pass(5000)
    bench.names.set('api', ['10.0.0.6'])
    await bench.clock.pass(6000)
    assert.deepEqual(bench.dials[0], [7000, 'tcp://10.0.0.6:5670'])
  })

  it('that nobody answers for keep the addresses that they had', async () => {
    const bench = new Bench(NAME)
    bench.names.set('api', ['10.0.0.6'])
    bench.seeds.start()
    await bench.clock.pass(0)
    bench.names.set('api', new Error('the server is gone'))
    await bench.clock.pass(12_000)
    assert.ok(bench.endpoints().length > 3)
  })

  it('that can not be looked up are told once, and when they can', async () => {
    const bench = new Bench(NAME)
    bench.seeds.start()
    await bench.clock.pass(25_000)
    bench.names.set('api', ['10.0.0.6'])
    await bench.clock.pass(25_000)
    assert.deepEqual(bench.lines, [
      'zre: the seed can not be used; the node goes on and tries again',
      'zre: the seed can be used now',
    ])
  })

  it('in a file come and go with its lines', async () => {
    const bench = new Bench('file:///seeds')
    bench.seeds.start()
    await bench.clock.pass(5000)
    assert.deepEqual(bench.dials, [])
    bench.files.set('/seeds', 'tcp://10.0.0.5:1\n')
    await bench.clock.pass(6000)
    assert.equal(bench.dials[0]?.[1], 'tcp://10.0.0.5:1')
    bench.dials.length = 0
    bench.files.set('/seeds', 'tcp://10.0.0.7:1\n')
    await bench.clock.pass(10_000)
    bench.dials.length = 0
    bench.files.delete('/seeds')
    await bench.clock.pass(60_000)
    assert.deepEqual(
      [...new Set(bench.endpoints())],
      ['tcp://10.0.0.7:1'],
      'a file that is missing may come back',
    )
  })

  it('are all looked up when they are asked for', async () => {
    const bench = new Bench(NAME, 'file:///seeds')
    bench.files.set('/seeds', 'dns://other\n')
    bench.seeds.start()
    await bench.clock.pass(5000)
    bench.names.set('api', ['10.0.0.9'])
    bench.lookups.length = 0
    await bench.seeds.refresh()
    assert.deepEqual(bench.lookups.map(([, name]) => name).sort(), ['api', 'other'])
    assert.ok(bench.addresses.has('10.0.0.9'))
  })

  it('that are closed do nothing more', async () => {
    const bench = new Bench(NAME)
    bench.names.set('api', ['10.0.0.6'])
    bench.seeds.start()
    bench.seeds.close()
    await bench.clock.pass(60_000)
    assert.deepEqual([bench.dials, bench.clock.pending], [[], 0])
  })
})
