import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { Schedule } from '#src/testing/schedule.js'
import { VirtualProcess } from '#src/testing/virtual-process.js'

describe('a virtual process', () => {
  let schedule: Schedule
  let process: VirtualProcess
  let turns: number
  let seen: string[]
  const see = (what: string) => () => void seen.push(what)

  beforeEach(() => {
    schedule = new Schedule()
    turns = 0
    seen = []
    process = new VirtualProcess(schedule, () => turns++)
  })

  it('runs what comes at once, and timers when they are due, each in a turn of its own', () => {
    process.receive(see('message'))
    process.clock.setTimeout(see('timer'), 10)
    schedule.run(9)
    assert.deepEqual(seen, ['message'])
    schedule.run(1)
    assert.deepEqual(seen, ['message', 'timer'])
    assert.equal(turns, 2)
    assert.equal(process.clock.now(), 10)
  })

  it('does not ring a timer that was cleared', () => {
    process.clock.clearTimeout(undefined)
    process.clock.clearTimeout(process.clock.setTimeout(see('timer'), 10))
    schedule.run(20)
    assert.deepEqual(seen, [])
  })

  it('does nothing while it stands still; then timers first, and what came in its order', () => {
    process.stall()
    process.receive(see('a'))
    process.clock.setTimeout(see('timer'), 10)
    process.receive(see('b'))
    schedule.run(20)
    assert.deepEqual(seen, [])
    process.resume()
    // What comes while it reads waits for its turn.
    process.receive(see('c'))
    schedule.run(0)
    assert.deepEqual(seen, ['timer', 'a', 'b', 'c'])
    assert.equal(process.behind, false)
    process.receive(see('d'))
    assert.equal(seen.at(-1), 'd')
  })

  it('stops reading when it stands still again', () => {
    process.stall()
    process.receive(() => {
      seen.push('a')
      process.stall()
    })
    process.receive(see('b'))
    process.resume()
    schedule.run(10)
    assert.deepEqual(seen, ['a'])
    process.resume()
    schedule.run(0)
    assert.deepEqual(seen, ['a', 'b'])
  })

  it('does nothing more when it is dead', () => {
    process.stall()
    process.receive(see('message'))
    process.clock.setTimeout(see('overdue'), 1)
    process.clock.setTimeout(see('timer'), 10)
    schedule.run(5)
    process.alive = false
    process.resume()
    process.receive(see('late'))
    schedule.run(20)
    assert.deepEqual(seen, [])
    assert.equal(turns, 0)
  })
})
