import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Durations, LAST_SLOT, SLOTS_PER_MS } from '#src/shared/durations.js'
import { Counters, MAX_SERVICES, OTHER_SERVICES } from '#src/shared/stats.js'
import { metricsText } from '#src/sleuth/metrics.js'
import type { Instance, Service } from '#src/types.js'
import { mirror, pair, settle } from '../harness.js'

/** The samples of a text, by name and labels. */
function samples(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  )
}

describe('sleuth.metrics()', () => {
  it('has the counters of stats()', async () => {
    const { sleuth, server } = await pair(mirror)
    await sleuth.request('sleuth://foo/')
    await assert.rejects(sleuth.request('sleuth://bar/'))
    await settle()
    const ours = samples(sleuth.metrics())
    const theirs = samples(server.sleuth.metrics())
    assert.equal(ours.get('sleuth_calls_total'), 2)
    assert.equal(ours.get('sleuth_answers_total'), 1)
    assert.equal(ours.get('sleuth_errors_total{code="SLEUTH_UNKNOWN_SERVICE"}'), 1)
    assert.equal(ours.get('sleuth_peers'), 1)
    assert.equal(ours.get('sleuth_instances{service="foo"}'), 1)
    assert.equal(theirs.get('sleuth_requests_total'), 1)
    assert.equal(theirs.get('sleuth_received_bytes_total'), server.sleuth.stats().bytesReceived)
  })

  it('has a histogram of the calls of each service, and one of requests', async () => {
    const { sleuth, server } = await pair(mirror)
    for (let count = 0; count < 3; count++) await sleuth.request('sleuth://foo/')
    await assert.rejects(sleuth.request('sleuth://bar/'))
    await settle()
    const ours = samples(sleuth.metrics())
    assert.equal(ours.get('sleuth_call_duration_seconds_count{service="foo"}'), 3)
    assert.equal(ours.get('sleuth_call_duration_seconds_bucket{service="foo",le="+Inf"}'), 3)
    assert.equal(ours.get('sleuth_call_duration_seconds_bucket{service="foo",le="16.384"}'), 3)
    assert.ok((ours.get('sleuth_call_duration_seconds_sum{service="foo"}') ?? 0) > 0)
    // A call that was never sent took no time.
    assert.equal(ours.get('sleuth_call_duration_seconds_count{service="bar"}'), undefined)
    const theirs = samples(server.sleuth.metrics())
    assert.equal(theirs.get('sleuth_request_duration_seconds_count'), 3)
    assert.equal(theirs.get('sleuth_request_duration_seconds_bucket{le="+Inf"}'), 3)
  })

  it('is OpenMetrics: each family is told of once, each sample belongs to the last, and EOF ends it', async () => {
    const { sleuth } = await pair(mirror)
    await sleuth.request('sleuth://foo/')
    const lines = sleuth.metrics().split('\n')
    assert.deepEqual(lines.slice(-2), ['# EOF', ''])
    const families = new Set<string>()
    let family = ''
    for (const line of lines.slice(0, -2)) {
      const told = /^# (TYPE|UNIT|HELP) (\S+) (.+)$/.exec(line)
      if (told?.[1] === 'TYPE') {
        family = told[2] as string
        assert.ok(!families.has(family), family)
        families.add(family)
      } else if (told) {
        assert.equal(told[2], family)
        if (told[1] === 'UNIT') assert.ok(family.endsWith(`_${told[3]}`))
      } else {
        const sample = /^([a-z_]+)(?:\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})? [\d.e+-]+$/.exec(line)
        assert.ok(sample, line)
        assert.match((sample[1] as string).slice(family.length), /^(_total|_bucket|_count|_sum)?$/)
      }
    }
    assert.ok(families.size > 15)
  })

  it('counts a duration in the first slot whose bound it does not pass', () => {
    const counts = (ms: number) => {
      const durations = new Durations()
      const slot = Math.min(LAST_SLOT, 32 - Math.clz32(ms * SLOTS_PER_MS))
      durations.slots[slot] = 1
      return [...durations.cumulative()].find(([, count]) => count === 1)?.[0]
    }
    assert.deepEqual([0, 0.2, 0.3, 0.9, 1.1, 100, 16_000, 17_000, 1e9].map(counts), [
      0.00025,
      0.00025,
      0.0005,
      0.001,
      0.002,
      0.128,
      16.384,
      undefined,
      undefined,
    ])
  })

  it('has no more labels than it has room for, however many services there are', () => {
    const counters = new Counters()
    const instance = {} as Instance
    const services: Service[] = []
    for (let count = 0; count < MAX_SERVICES + 5; count++) {
      counters.newService(`service-${count}`).slots[0] = 1
      services.push({ service: `service-${count}`, instances: [instance] })
    }
    assert.equal(counters.callsOf.size, MAX_SERVICES + 1)
    const text = metricsText({
      stats: counters.snapshot(0, undefined),
      services,
      calls: counters.callsOf,
      requests: counters.requestDurations,
    })
    assert.equal(samples(text).get(`sleuth_instances{service="${OTHER_SERVICES}"}`), 5)
  })

  it('escapes what a label may not hold', () => {
    const counters = new Counters()
    counters.dropped('a "b"\\\n')
    const text = metricsText({
      stats: counters.snapshot(0, undefined),
      services: [],
      calls: new Map(),
      requests: new Durations(),
    })
    assert.ok(text.includes('sleuth_dropped_total{reason="a \\"b\\"\\\\\\n"} 1\n'))
  })
})
