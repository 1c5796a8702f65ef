import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { CallerList, MAX_CALLERS } from '#src/shared/caller-counts.js'
import { Durations, LAST_SLOT, SLOTS_PER_MS } from '#src/shared/durations.js'

describe('CallerList', () => {
  it('counts so many callers apart; a newcomer takes the place of one that has left, and no request is lost', () => {
    const callers = new CallerList()
    const ask = (id: string) => {
      const counts = callers.of(id, id, undefined)
      counts.requests++
      counts.statuses[2] = (counts.statuses[2] ?? 0) + 1
      counts.slots[0] = (counts.slots[0] ?? 0) + 1
      return counts
    }
    for (let caller = 0; caller < MAX_CALLERS; caller++) ask(`caller ${caller}`)
    assert.equal(ask('late'), callers.others)
    callers.gone('caller 7')
    assert.equal(ask('later').id, 'later')
    assert.equal(callers.all().length, MAX_CALLERS)
    assert.ok(!callers.all().some(({ id }) => id === 'caller 7'))
    assert.equal(callers.others.requests, 2)
    const total = callers.total()
    assert.equal(total.requests, MAX_CALLERS + 2)
    assert.equal(total.statuses[2], MAX_CALLERS + 2)
    assert.equal(total.count, MAX_CALLERS + 2)
  })

  it('keeps the place of one that comes back', () => {
    const callers = new CallerList()
    const before = callers.of('bear', 'bear', undefined)
    callers.gone('bear')
    callers.gone('nobody')
    assert.equal(callers.of('bear', 'bear', undefined), before)
    assert.equal(before.isGone, false)
  })
})

describe('Durations.quantile', () => {
  it('is right within a factor of 2, and grows with the share', () => {
    const times = fc.array(fc.double({ min: 0.01, max: 16_000, noNaN: true }), { minLength: 1 })
    fc.assert(
      fc.property(times, fc.double({ min: 0.01, max: 1, noNaN: true }), (given, share) => {
        const durations = new Durations()
        for (const ms of given) {
          const slot = Math.min(LAST_SLOT, 32 - Math.clz32(ms * SLOTS_PER_MS))
          durations.slots[slot] = (durations.slots[slot] ?? 0) + 1
        }
        const sorted = [...given].sort((one, other) => one - other)
        const exact = sorted[Math.ceil(share * given.length) - 1] as number
        const estimate = durations.quantile(share)
        assert.ok(estimate <= Math.max(0.25, 2 * exact) + 1e-9, `${estimate} for ${exact}`)
        assert.ok(estimate >= (exact <= 0.25 ? 0 : exact / 2) - 1e-9, `${estimate} for ${exact}`)
        assert.ok(durations.quantile(share / 2) <= estimate)
      }),
    )
  })

  it('is 0 without any, and the last bound for what took longer than that', () => {
    const durations = new Durations()
    assert.equal(durations.quantile(0.5), 0)
    durations.slots[LAST_SLOT] = 3
    assert.equal(durations.quantile(0.5), 16_384)
  })
})
