import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FIRST_PAUSE, Health, LONGEST_PAUSE, PATIENCE } from '#src/directory/health.js'

/** In the middle: a pause is as long as it is said to be. */
const middle = 0.5

function failing(times: number, now = 1000): Health {
  const health = new Health()
  for (let i = 0; i < times; i++) health.failed(now, middle)
  return health
}

describe('Health', () => {
  it('bears failures up to its patience, and no further', () => {
    assert.equal(failing(PATIENCE - 1).until, 0)
    assert.equal(failing(PATIENCE).until, 1000 + FIRST_PAUSE)
  })

  it('counts failures in a row only', () => {
    const health = failing(PATIENCE - 1)
    health.succeeded()
    for (let i = 1; i < PATIENCE; i++) health.failed(1000, middle)
    assert.equal(health.until, 0)
    health.failed(1000, middle)
    assert.notEqual(health.until, 0)
  })

  it('spreads the ends of pauses by a quarter either way', () => {
    for (const [random, factor] of [
      [0, 0.75],
      [1, 1.25],
    ] as const) {
      const health = failing(PATIENCE - 1)
      health.failed(1000, random)
      assert.equal(health.until, 1000 + factor * FIRST_PAUSE)
    }
  })

  it('learns nothing from calls that were under way when the pause began', () => {
    const health = failing(PATIENCE + 50)
    assert.equal(health.until, 1000 + FIRST_PAUSE)
  })

  it('lets one call through when the pause is over, and none for as long again', () => {
    const health = failing(PATIENCE)
    const over = 1000 + FIRST_PAUSE
    health.chosen(over - 1)
    assert.equal(health.until, over)
    health.chosen(over)
    assert.equal(health.until, over + FIRST_PAUSE)
  })

  it('is well again when that call succeeds', () => {
    const health = failing(PATIENCE)
    health.chosen(1000 + FIRST_PAUSE)
    health.succeeded()
    assert.equal(health.until, 0)
    for (let i = 0; i < PATIENCE; i++) health.failed(5000, middle)
    assert.equal(health.until, 5000 + FIRST_PAUSE)
  })

  it('pauses twice as long each time that it fails, up to the longest', () => {
    const health = failing(PATIENCE)
    const pauses: number[] = []
    for (let i = 0; i < 8; i++) {
      const now = health.until
      health.chosen(now)
      health.failed(now, middle)
      pauses.push(health.until - now)
    }
    assert.deepEqual(pauses, [500, 1000, 2000, 4000, 8000, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE])
  })

  it('does not pause longer for calls that had nowhere else to go', () => {
    const health = failing(PATIENCE)
    health.chosen(1001)
    health.failed(1002, middle)
    assert.equal(health.until, 1000 + FIRST_PAUSE)
  })
})
