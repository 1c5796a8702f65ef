import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Admission, Place, ResetBudget } from '#src/server/admission.js'

describe('ResetBudget', () => {
  const spend = (budget: ResetBudget, count: number) => {
    for (let spent = 0; spent < count; spent++) budget.spend()
  }

  it('is spent after 1000 at once, and gets 33 a second', () => {
    let now = 0
    const budget = new ResetBudget(() => now)
    spend(budget, 999)
    assert.equal(budget.isSpent, false)
    spend(budget, 1)
    assert.equal(budget.isSpent, true)
    now = 1000
    spend(budget, 32)
    assert.equal(budget.isSpent, false)
    spend(budget, 1)
    assert.equal(budget.isSpent, true)
  })

  it('never owes, and never has more than 1000', () => {
    let now = 0
    const budget = new ResetBudget(() => now)
    spend(budget, 5000)
    now = 100
    assert.equal(budget.isSpent, false)
    now = 1_000_000
    assert.equal(budget.isFull, true)
    for (let answered = 0; answered < 100; answered++) budget.earn()
    spend(budget, 1000)
    assert.equal(budget.isSpent, true)
  })

  it('an answer earns a reset', () => {
    const budget = new ResetBudget(() => 0)
    spend(budget, 1000)
    budget.earn()
    assert.equal(budget.isSpent, false)
    spend(budget, 1)
    assert.equal(budget.isSpent, true)
  })
})

describe('Admission', () => {
  it('forgets peers that hold nothing and owe nothing, and no others', () => {
    let now = 0
    const counts = { inflight: 0, abandoned: 0 }
    const places = new Admission({ counts, pendingTime: 1000, silentTime: 1000, now: () => now })
    const acquire = (peer: string) => new Place(places, places.client(peer))
    const state = () => [places.client('holds').inflight, places.client('resets').resets.isSpent]
    const held = acquire('holds')
    const resets = acquire('resets')
    for (let count = 0; count < 2000; count++) resets.aborted('client-disconnected', false)
    resets.leave()
    for (let peer = 0; peer < 10_000; peer++) acquire(`peer ${peer}`).leave()
    assert.deepEqual(state(), [1, true])
    assert.ok(places.known <= 1024, `${places.known} are known`)
    now = 60_000
    for (let peer = 0; peer < 2000; peer++) acquire(`later ${peer}`).leave()
    assert.deepEqual(state(), [1, false])
    held.leave()
    held.leave()
    assert.deepEqual([places.client('holds').inflight, counts.inflight], [0, 0])
  })
})
