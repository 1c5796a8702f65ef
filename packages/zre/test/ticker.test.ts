import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Ticker } from '#src/ticker.js'

describe('a ticker', () => {
  it('never rings before something is due: a timer of the system leaves out fractions of a millisecond', () => {
    let now = 0.4
    let due = 500.9
    const delays: number[] = []
    let rung = 0
    let ring = () => {}
    const clock = {
      now: () => now,
      setTimeout: (run: () => void, delay: number) => {
        delays.push(delay)
        ring = run
      },
      clearTimeout() {},
    }
    const ticker = new Ticker(
      clock,
      () => due,
      () => {
        rung++
        due = now + 1000
      },
    )
    ticker.arm()
    const [first = 0] = delays
    assert.ok(Number.isInteger(first) && now + first >= 500.9, `${first}`)
    now += first
    ring()
    assert.deepEqual([rung, delays.length], [1, 2])
  })
})
