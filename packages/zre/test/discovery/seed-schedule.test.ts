import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Candidate } from '#src/discovery/resolve.js'
import { SeedSchedule } from '#src/discovery/seed-schedule.js'

function candidates(...hosts: number[]): Candidate[] {
  return hosts.map((host) => {
    const address = `10.0.0.${host}`
    return { endpoint: `tcp://${address}:5670`, address, key: undefined }
  })
}

/** A schedule whose chance is always in the middle, and what it has dialled. */
class Bench {
  readonly schedule = new SeedSchedule(() => 0.5)
  readonly live = new Set<string>()

  dials(now: number): string[] {
    const isLive = (endpoint: string, id: string | undefined) =>
      this.live.has(endpoint) || (id !== undefined && this.live.has(id))
    return this.schedule.dialsDue(now, isLive).map(({ endpoint }) => endpoint)
  }

  /** Dials whoever is due, in vain unless the test says who is there. */
  dial(now: number, who?: { id: string } | 'own'): string[] {
    const due = this.dials(now)
    for (const endpoint of due) this.schedule.dialled(endpoint, who, now)
    return due
  }
}

describe('a seed', () => {
  it('is dialled at once, and then after 1, 2, 4 and up to 30 s', () => {
    const bench = new Bench()
    bench.schedule.resolved(candidates(1), 0)
    const times: number[] = []
    for (let now = 0; now <= 100_000; now += 500) if (bench.dial(now).length > 0) times.push(now)
    assert.deepEqual(times, [0, 1000, 3000, 7000, 15_000, 31_000, 61_000, 91_000])
  })

  it('is dialled at times that chance spreads by a quarter', () => {
    const schedule = new SeedSchedule(() => 0)
    schedule.resolved(candidates(1), 0)
    const dial = (now: number) => schedule.dialsDue(now, () => false)
    for (const { endpoint } of dial(0)) schedule.dialled(endpoint, undefined, 0)
    assert.deepEqual(dial(749), [])
    assert.equal(dial(750).length, 1)
  })

  it('is dialled at all of its addresses before any is dialled twice, and only then less often', () => {
    const bench = new Bench()
    const hosts = Array.from({ length: 8 }, (_, at) => at + 1)
    bench.schedule.resolved(candidates(...hosts), 0)
    const rounds = [0, 1000, 2000].map((now) => bench.dial(now))
    assert.deepEqual(
      rounds.flat().sort(),
      candidates(...hosts).map(({ endpoint }) => endpoint),
    )
    assert.deepEqual(bench.dial(2999), [])
    assert.equal(bench.dial(4000).length, 3)
  })

  it('is left alone while three of its nodes are linked to, or all if they are fewer', () => {
    const bench = new Bench()
    bench.schedule.resolved(candidates(1, 2, 3, 4, 5), 0)
    assert.equal(bench.dial(0).length, 3)
    for (const { endpoint } of candidates(1, 2, 3)) bench.live.add(endpoint)
    assert.deepEqual(bench.dial(5000), [])
    bench.live.delete('tcp://10.0.0.2:5670')
    assert.equal(bench.dial(6000).length, 1, 'at once: the link was there')
    bench.schedule.resolved(candidates(1), 7000)
    assert.deepEqual(bench.dial(20_000), [])
  })

  it('counts whom it led to, whatever endpoint that one calls its own', () => {
    const bench = new Bench()
    bench.schedule.resolved(candidates(1), 0)
    bench.dial(0, { id: 'A' })
    bench.live.add('A')
    assert.deepEqual(bench.dial(50_000), [])
    bench.live.delete('A')
    assert.equal(bench.dial(50_001).length, 1)
  })

  it('that is ourselves is not dialled again while its name has that address', () => {
    const bench = new Bench()
    bench.schedule.resolved(candidates(1), 0)
    bench.dial(0, 'own')
    assert.deepEqual(bench.dial(50_000), [])
    bench.schedule.resolved(candidates(1, 2), 50_000)
    assert.deepEqual(bench.dial(50_000), ['tcp://10.0.0.2:5670'])
    bench.schedule.resolved([], 60_000)
    bench.schedule.resolved(candidates(1), 70_000)
    assert.equal(bench.dial(70_000).length, 1)
  })

  it('that was ourselves is dialled again after a minute: when we move, it may become another', () => {
    const bench = new Bench()
    bench.schedule.resolved(candidates(1), 0)
    bench.dial(0, 'own')
    assert.deepEqual(bench.dial(59_999), [])
    assert.equal(bench.dial(60_000, { id: 'A' }).length, 1)
  })

  it('is dialled at once at an address that is new', () => {
    const bench = new Bench()
    bench.schedule.resolved(candidates(1), 0)
    for (let now = 0; now <= 31_000; now += 500) bench.dial(now)
    bench.schedule.resolved(candidates(1), 32_000)
    assert.deepEqual(bench.dial(32_000), [])
    bench.schedule.resolved(candidates(1, 2), 33_000)
    assert.equal(bench.dial(33_000).length, 2)
  })

  it('is not dialled again while it is being dialled', () => {
    const bench = new Bench()
    bench.schedule.resolved(candidates(1), 0)
    const [endpoint = ''] = bench.dials(0)
    assert.deepEqual(bench.dials(10_000), [])
    bench.schedule.dialled(endpoint, undefined, 10_000)
    assert.equal(bench.dials(10_000).length, 1)
  })

  it('is looked up anew after 1, 2, 4, 8 and each 10 s by a node that is alone, and else each 60 s', () => {
    const { schedule } = new Bench()
    const times: number[] = []
    for (let now = 0; now <= 40_000; now += 500) {
      if (!schedule.mustResolve(now, true)) continue
      schedule.resolving(now)
      times.push(now)
    }
    assert.deepEqual(times, [0, 1000, 3000, 7000, 15_000, 25_000, 35_000])
    assert.ok(!schedule.mustResolve(94_999, false))
    assert.ok(schedule.mustResolve(95_000, false))
  })

  it('is looked up often again by a node that has lost all', () => {
    const { schedule } = new Bench()
    for (let now = 0; now <= 40_000; now += 500) if (schedule.mustResolve(now, true)) schedule.resolving(now)
    assert.ok(!schedule.mustResolve(40_000, false))
    assert.ok(schedule.mustResolve(40_000, true))
  })
})
