import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  BASE_EJECTION_TIME,
  Health,
  MAX_CONSECUTIVE_FAILURES,
  MAX_EJECTION_TIME,
} from '#src/directory/endpoint.js'

/** In the middle: a pause is as long as it is said to be. */
const middle = 0.5

function failing(times: number, now = 1000): Health {
  const health = new Health()
  for (let i = 0; i < times; i++) health.failed(now, middle)
  return health
}

describe('Health', () => {
  it('bears failures up to its patience, and no further', () => {
    assert.equal(failing(MAX_CONSECUTIVE_FAILURES - 1).ejectedUntil, 0)
    assert.equal(failing(MAX_CONSECUTIVE_FAILURES).ejectedUntil, 1000 + BASE_EJECTION_TIME)
  })

  it('counts failures in a row only', () => {
    const health = failing(MAX_CONSECUTIVE_FAILURES - 1)
    health.succeeded()
    for (let i = 1; i < MAX_CONSECUTIVE_FAILURES; i++) health.failed(1000, middle)
    assert.equal(health.ejectedUntil, 0)
    health.failed(1000, middle)
    assert.notEqual(health.ejectedUntil, 0)
  })

  it('spreads the ends of pauses by a quarter either way', () => {
    for (const [random, factor] of [
      [0, 0.75],
      [1, 1.25],
    ] as const) {
      const health = failing(MAX_CONSECUTIVE_FAILURES - 1)
      health.failed(1000, random)
      assert.equal(health.ejectedUntil, 1000 + factor * BASE_EJECTION_TIME)
    }
  })

  it('learns nothing from calls that were under way when the pause began', () => {
    const health = failing(MAX_CONSECUTIVE_FAILURES + 50)
    assert.equal(health.ejectedUntil, 1000 + BASE_EJECTION_TIME)
  })

  it('lets one call through when the pause is over, and none for as long again', () => {
    const health = failing(MAX_CONSECUTIVE_FAILURES)
    const over = 1000 + BASE_EJECTION_TIME
    health.onPicked(over - 1)
    assert.equal(health.ejectedUntil, over)
    health.onPicked(over)
    assert.equal(health.ejectedUntil, over + BASE_EJECTION_TIME)
  })

  it('is well again when that call succeeds', () => {
    const health = failing(MAX_CONSECUTIVE_FAILURES)
    health.onPicked(1000 + BASE_EJECTION_TIME)
    health.succeeded()
    assert.equal(health.ejectedUntil, 0)
    for (let i = 0; i < MAX_CONSECUTIVE_FAILURES; i++) health.failed(5000, middle)
    assert.equal(health.ejectedUntil, 5000 + BASE_EJECTION_TIME)
  })

  it('pauses twice as long each time that it fails, up to the longest', () => {
    const health = failing(MAX_CONSECUTIVE_FAILURES)
    const pauses: number[] = []
    for (let i = 0; i < 8; i++) {
      const now = health.ejectedUntil
      health.onPicked(now)
      health.failed(now, middle)
      pauses.push(health.ejectedUntil - now)
    }
    assert.deepEqual(pauses, [
      500,
      1000,
      2000,
      4000,
      8000,
      MAX_EJECTION_TIME,
      MAX_EJECTION_TIME,
      MAX_EJECTION_TIME,
    ])
  })

  it('does not pause longer for calls that had nowhere else to go', () => {
    const health = failing(MAX_CONSECUTIVE_FAILURES)
    health.onPicked(1001)
    health.failed(1002, middle)
    assert.equal(health.ejectedUntil, 1000 + BASE_EJECTION_TIME)
  })
})
