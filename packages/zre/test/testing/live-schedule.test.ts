import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { LiveSchedule } from '@sleuth/zre/testing'

/** Timers and the clock stand still until `pass`. */
function stoppedClock(context: { after(undo: () => void): void }): (milliseconds: number) => void {
  let now = 1000
  mock.timers.enable({ apis: ['setTimeout'] })
  mock.method(performance, 'now', () => now)
  context.after(() => mock.reset())
  return (milliseconds) => {
    now += milliseconds
    mock.timers.tick(milliseconds)
  }
}

describe('a live schedule', () => {
  it('runs what is due by time, and in the order of entry, when the time has come', (context) => {
    const pass = stoppedClock(context)
    const schedule = new LiveSchedule()
    const ran: string[] = []
    schedule.after(20, () => ran.push('20'))
    schedule.after(10, () => ran.push('10'))
    schedule.after(10, () => ran.push('10 again'))
    assert.equal(schedule.now, 1000)
    pass(10)
    assert.deepEqual(ran, ['10', '10 again'])
    pass(9)
    assert.deepEqual(ran, ['10', '10 again'])
    pass(1)
    assert.deepEqual(ran, ['10', '10 again', '20'])
  })

  it('needs no timer for what is due now, and leaves to the next turn what is begun meanwhile', async (context) => {
    stoppedClock(context)
    const schedule = new LiveSchedule()
    const ran: string[] = []
    schedule.after(0, () => {
      ran.push('first')
      schedule.after(0, () => ran.push('second'))
    })
    assert.deepEqual(ran, [])
    await turn()
    assert.deepEqual(ran, ['first'])
    await turn()
    assert.deepEqual(ran, ['first', 'second'])
  })

  it('goes on after an error', async (context) => {
    const pass = stoppedClock(context)
    const schedule = new LiveSchedule()
    const ran: string[] = []
    schedule.after(5, () => {
      throw new Error('of a listener')
    })
    schedule.after(5, () => ran.push('next'))
    assert.throws(() => pass(5), /of a listener/)
    await turn()
    assert.deepEqual(ran, ['next'])
  })

  it('holds nothing once it is cleared', async (context) => {
    const pass = stoppedClock(context)
    const schedule = new LiveSchedule()
    schedule.after(0, () => assert.fail('ran'))
    schedule.after(10, () => assert.fail('ran'))
    schedule.clear()
    assert.deepEqual([schedule.size, schedule.nextAt], [0, Number.POSITIVE_INFINITY])
    await turn()
    pass(20)
    const ran: string[] = []
    schedule.after(1, () => ran.push('later'))
    pass(1)
    assert.deepEqual(ran, ['later'])
  })
})
