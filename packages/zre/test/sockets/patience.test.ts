import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { waitPatiently } from '#src/sockets/patience.js'

/** A clock whose timers ring late. `turns`: the outcome is told after so many. */
class LateClock {
  time = 0
  turns = 0
  #run: (() => void) | undefined

  now = () => this.time

  setTimeout = (run: () => void, delay: number): number => {
    this.#run = run
    return delay
  }

  clearTimeout = (): void => {
    this.#run = undefined
  }

  /** Rings so many milliseconds late. False if nothing waits. */
  ring(delay: number, late: number): boolean {
    const run = this.#run
    this.#run = undefined
    this.time += delay + late
    this.turns++
    run?.()
    return run !== undefined
  }
}

/** The time that has passed when the wait for 150 ms is over, and how it ends. `late`: by how much each turn is. */
function waited(late: (turn: number) => number): { time: number; ran: boolean | undefined } {
  const clock = new LateClock()
  let ran: boolean | undefined
  waitPatiently(clock, 150, (outcome) => {
    ran = outcome
  })
  while (ran === undefined && clock.ring(10, late(clock.turns)));
  return { time: clock.time, ran }
}

describe('a wait of 150 ms', () => {
  it('takes as long where the process has its turn in time', () => {
    assert.deepEqual(
      waited(() => 0),
      { time: 150, ran: true },
    )
  })

  it('takes longer by the time for which the process has no turn, though each is missed by little', () => {
    assert.deepEqual(
      waited(() => 40),
      { time: 750, ran: true },
    )
  })

  it('goes on after a time for which the process stood still, be it at its end', () => {
    assert.deepEqual(
      waited((turn) => (turn === 14 ? 500 : 0)),
      { time: 150 + 510, ran: true },
    )
  })

  it('is over after ten times as long, and then the process did not run', () => {
    assert.deepEqual(
      waited(() => 190),
      { time: 1600, ran: false },
    )
  })

  it('can be stopped', () => {
    const clock = new LateClock()
    const stop = waitPatiently(clock, 150, () => assert.fail('it was stopped'))
    stop()
    assert.equal(clock.ring(10, 0), false)
  })
})
