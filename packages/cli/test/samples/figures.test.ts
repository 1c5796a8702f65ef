import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { figuresOf, percentile, share, sum, Window } from '#src/samples/figures.js'
import { readSample, type Sample } from '#src/samples/sample.js'

const tally = (count: number, failed = 0, slots: number[] = []) => ({ count, failed, slots })

describe('figures', () => {
  test('are what happened between two samples', () => {
    const figures = figuresOf(tally(100, 10, [90, 10]), tally(150, 15, [120, 30]), 10_000)
    assert.deepEqual(figures, { rate: 5, failed: 0.1, slots: [30, 20] })
  })

  test('are unknown if the counters went back, or no time has passed', () => {
    assert.equal(figuresOf(tally(100), tally(5), 1000), undefined)
    assert.equal(figuresOf(tally(100, 9), tally(101, 3), 1000), undefined)
    assert.equal(figuresOf(tally(1), tally(2), 0), undefined)
  })

  test('of several weigh failures by how much each is called', () => {
    const both = sum([
      { rate: 90, failed: 0, slots: [9] },
      { rate: 10, failed: 0.5, slots: [0, 1] },
    ])
    assert.deepEqual(both, { rate: 100, failed: 0.05, slots: [9, 1] })
    assert.deepEqual(sum([]), { rate: 0, failed: 0, slots: [] })
  })

  test('never say that more failed than there was', () => {
    assert.equal(share(7, 5), 1)
    assert.equal(share(1, 0), 1)
    assert.equal(share(0, 0), 0)
  })
})

describe('percentiles', () => {
  test('lie in the slot that holds them, from its lower to its upper bound', () => {
    // 0.25, 0.5, 1, 2 ms
    assert.equal(percentile([0, 0, 100, 0, 0], 0.5), 0.75)
    assert.equal(percentile([50, 0, 0, 50, 0], 0.5), 0.25)
    assert.equal(percentile([50, 0, 0, 50, 0], 1), 2)
  })

  test('of what has no upper bound are the lower one', () => {
    assert.equal(percentile([...Array(17).fill(0), 4], 0.99), 16_384)
  })

  test('of nothing are unknown', () => {
    assert.equal(percentile([], 0.5), undefined)
    assert.equal(percentile([0, 0, 0], 0.5), undefined)
  })

  test('never go down as the share goes up', () => {
    const slots = [3, 0, 8, 1, 0, 22, 5]
    const values = Array.from({ length: 100 }, (_, i) => percentile(slots, (i + 1) / 100) as number)
    assert.deepEqual(
      values,
      values.toSorted((a, b) => a - b),
    )
  })
})

describe('the window', () => {
  const sample = (at: number, requests: number): Sample => readSample({ served: { requests } }, at)

  test('is as long as it is told, once it has lasted', () => {
    const window = new Window(3000)
    for (let second = 0; second <= 10; second++) {
      window.add(sample(second * 1000, second * 10))
      if (second === 0) assert.equal(window.span, undefined)
      else assert.equal(window.span?.ms, Math.min(second, 3) * 1000)
    }
  })

  test('begins anew with counters that went back', () => {
    const window = new Window(3000)
    window.add(sample(0, 100))
    window.add(sample(1000, 200))
    window.add(sample(2000, 4))
    assert.equal(window.span, undefined)
  })
})

describe('a report', () => {
  test('of any form is read without harm', () => {
    const broken: unknown[] = [
      undefined,
      null,
      7,
      'text',
      [],
      { stats: 1, served: 'x', calls: null, callers: {}, process: [] },
      { served: { requests: -1, statuses: { '5xx': 'many' }, slots: 'none' }, callers: [null, 4, { id: 5 }] },
      { served: { requests: Number.NaN, slots: [Number.POSITIVE_INFINITY, -4, {}] } },
    ]
    for (const report of broken) {
      const { served, calls, callers, refused } = readSample(report, 5)
      assert.equal(served.count, 0)
      assert.ok(served.slots.every((n) => n === 0))
      assert.equal(calls.size + callers.size + refused, 0)
    }
  })

  test('that names very many is cut', () => {
    const calls = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`s${i}`, { calls: 1 }]))
    const callers = Array.from({ length: 5000 }, (_, i) => ({ id: String(i), requests: 1 }))
    const sample = readSample({ calls, callers, served: { slots: Array(5000).fill(1) } }, 0)
    assert.deepEqual([sample.calls.size, sample.callers.size, sample.served.slots.length], [256, 256, 18])
  })

  test('of those that are summed up names no service', () => {
    const report = {
      calls: { '<other>': { calls: 3 }, users: { calls: 1 } },
      callers: [{ id: '<other>', name: '<other>', requests: 3 }],
    }
    const { calls, callers } = readSample(report, 0)
    assert.deepEqual([[...calls.keys()], callers.size], [['users'], 0])
  })
})
