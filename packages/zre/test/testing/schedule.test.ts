import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Random, Schedule } from '@sleuth/zre/testing'

describe('a schedule', () => {
  it('runs what is due by time, and what is due at one time in the order of entry', () => {
    const schedule = new Schedule()
    const random = new Random(7)
    const ran: { at: number; order: number }[] = []
    for (let order = 0; order < 500; order++) {
      const at = Math.floor(random.between(0, 50))
      schedule.at(at, () => {
        assert.equal(schedule.now, at)
        ran.push({ at, order })
      })
    }
    schedule.run(100)
    assert.equal(ran.length, 500)
    assert.deepEqual(
      ran,
      ran.toSorted((a, b) => a.at - b.at || a.order - b.order),
    )
    assert.equal(schedule.now, 100)
  })

  it('runs nothing that is due later, and what is overdue now', () => {
    const schedule = new Schedule()
    const ran: string[] = []
    schedule.run(10)
    schedule.after(6, () => ran.push('later'))
    schedule.at(3, () => ran.push('overdue'))
    schedule.run(5)
    assert.deepEqual(ran, ['overdue'])
    assert.equal(schedule.runNext(15), false)
    assert.equal(schedule.runNext(16), true)
    assert.equal(schedule.runNext(100), false)
  })

  it('runs what is entered while it runs', () => {
    const schedule = new Schedule()
    const times: number[] = []
    const again = () => {
      times.push(schedule.now)
      if (times.length < 4) schedule.after(5, again)
    }
    schedule.after(5, again)
    schedule.run(17)
    assert.deepEqual(times, [5, 10, 15])
  })
})

describe('random numbers', () => {
  it('are the same for the same seed, and lie where they should', () => {
    const numbers = (seed: number) => {
      const random = new Random(seed)
      return Array.from({ length: 1000 }, () => random.next())
    }
    assert.deepEqual(numbers(3), numbers(3))
    assert.notDeepEqual(numbers(3), numbers(4))
    assert.ok(numbers(5).every((number) => number >= 0 && number < 1))
    const mean = numbers(6).reduce((sum, number) => sum + number, 0) / 1000
    assert.ok(mean > 0.45 && mean < 0.55)
  })

  it('choose', () => {
    const random = new Random(1)
    assert.ok(Array.from({ length: 100 }, () => random.between(3, 5)).every((at) => at >= 3 && at < 5))
    assert.deepEqual([...new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b'])))].sort(), [
      'a',
      'b',
    ])
    assert.deepEqual([random.chance(0), random.chance(1)], [false, true])
    assert.match(random.hex(32), /^[0-9a-f]{32}$/)
  })
})
