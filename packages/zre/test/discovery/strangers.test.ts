import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Strangers } from '#src/discovery/strangers.js'
import { VirtualClock } from './clock.js'

const id = (at: number) => at.toString(16).toUpperCase().padStart(32, '0')

class Bench {
  readonly clock = new VirtualClock()
  readonly networks = new Set<string>()
  readonly known: string[] = []
  readonly unknown: string[] = []
  /** What a look at the seeds brings. */
  readonly names = new Set<string>()
  readonly refreshedAt: number[] = []
  readonly strangers = new Strangers({
    clock: this.clock,
    refresh: async () => {
      this.refreshedAt.push(this.clock.now())
      for (const address of this.names) this.networks.add(address)
    },
    isOnNetwork: (address) => this.networks.has(address),
    onKnown: (stranger) => this.known.push(stranger.id),
    onUnknown: (stranger) => this.unknown.push(stranger.id),
  })

  add(at: number): void {
    this.strangers.add({ id: id(at), endpoint: `tcp://10.1.0.${at}:5670`, key: undefined })
  }
}

describe('a stranger', () => {
  it('is let in when a seed has its address by now', async () => {
    const bench = new Bench()
    bench.names.add('10.1.0.1')
    bench.add(1)
    bench.add(2)
    await bench.clock.pass(0)
    assert.deepEqual([bench.known, bench.unknown], [[id(1)], [id(2)]])
  })

  it('has the seeds looked up once a second at most, and waits for that', async () => {
    const bench = new Bench()
    for (let at = 1; at < 10; at++) {
      bench.add(at)
      await bench.clock.pass(300)
    }
    await bench.clock.pass(2000)
    assert.deepEqual(bench.refreshedAt, [0, 1000, 2000, 3000])
    assert.equal(bench.unknown.length, 9)
  })

  it('is one of 64 that wait', async () => {
    const bench = new Bench()
    for (let at = 0; at < 200; at++) bench.add(at)
    await bench.clock.pass(0)
    assert.equal(bench.unknown.length, 64)
  })

  it('of a node that is closed waits no more', async () => {
    const bench = new Bench()
    bench.add(1)
    bench.strangers.close()
    bench.add(2)
    await bench.clock.pass(5000)
    assert.deepEqual([bench.refreshedAt, bench.clock.pending], [[], 0])
  })
})
