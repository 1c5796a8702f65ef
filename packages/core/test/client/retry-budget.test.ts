import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MIN_PER_SECOND, RetryBudget, TTL_MS } from '#src/client/retry-policy.js'

/** How many further tries it allows at this moment. */
function taken(budget: RetryBudget, now: number): number {
  let count = 0
  for (; budget.allows(now) && count < 100_000; count++) budget.spend()
  return count
}

const floor = (MIN_PER_SECOND * TTL_MS) / 1000

describe('RetryBudget', () => {
  it('allows the floor where there are few calls', () => {
    const budget = new RetryBudget(0.2, 5)
    assert.equal(taken(budget, 5), floor)
    assert.equal(budget.allows(5), false)
  })

  it('allows a share of the calls, and not one more', () => {
    const budget = new RetryBudget(0.2, 0)
    budget.calls = 5000
    assert.equal(taken(budget, 0), 1000)
    budget.calls += 5
    assert.equal(taken(budget, 0), 1)
  })

  it('allows the floor exactly as long as it is more than the share', () => {
    for (const [calls, allowed] of [
      [floor * 5 - 5, floor],
      [floor * 5, floor],
      [floor * 5 + 5, floor + 1],
    ] as const) {
      const budget = new RetryBudget(0.2, 0)
      budget.calls = calls
      assert.equal(taken(budget, 0), allowed)
    }
  })

  it('allows the share in the long run, whatever is asked', () => {
    const budget = new RetryBudget(0.2, 0)
    let spent = 0
    for (let second = 1; second <= 600; second++) {
      budget.calls += 1000
      spent += taken(budget, second * 1000)
    }
    // The first seconds start from nothing, and a memory that fades lets each be spent a little before it has come.
    assert.ok(spent > 0.19 * 600_000 && spent < 0.22 * 600_000, String(spent))
  })

  it('allows the floor in the long run where there are no calls', () => {
    const budget = new RetryBudget(0.2, 0)
    let spent = 0
    for (let second = 1; second <= 600; second++) spent += taken(budget, second * 1000)
    assert.ok(spent > 590 * MIN_PER_SECOND * 0.9 && spent < 620 * MIN_PER_SECOND * 1.1, String(spent))
  })

  it('forgets calls that are long past', () => {
    const budget = new RetryBudget(0.2, 0)
    budget.calls = 100_000
    assert.equal(budget.allows(0), true)
    assert.equal(taken(budget, 20 * TTL_MS), floor)
  })

  it('takes calls since the last look to have come evenly', () => {
    const budget = new RetryBudget(0.2, 0)
    // 1,000 a second for a hundred times its memory: 10,000 are in it.
    budget.calls = TTL_MS * 100
    const allowed = taken(budget, 100 * TTL_MS)
    assert.ok(Math.abs(allowed - 0.2 * TTL_MS) <= 1, String(allowed))
  })

  it('allows nothing when the share is nothing, and all when it is all', () => {
    const none = new RetryBudget(0, 0)
    none.calls = 1000
    assert.equal(none.allows(0), false)
    const all = new RetryBudget(1, 0)
    all.calls = 1000
    assert.equal(taken(all, 0), 1000)
  })

  it('bears a clock that stands still or goes back', () => {
    const budget = new RetryBudget(0.2, 1000)
    budget.calls = 1000
    assert.equal(taken(budget, 900), 200)
    assert.equal(taken(budget, 1000), 0)
  })
})
