import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { TurnSlice } from '#src/transport/direct/turn-slice.js'

/** Milliseconds of a turn. */
const TURN = 5
const COUNT = 80

describe('the time of a turn that connections share', () => {
  let now = 0
  let slice: TurnSlice
  /** What each connection has had, in parts that take some time. */
  let done: number[]

  /** A connection with so much to do. */
  const busy = (at: number, parts: number, time: number) => ({
    goOn: () => {
      while (done[at] !== parts) {
        if (!slice.mayGoOn()) return false
        now += time
        done[at] = (done[at] ?? 0) + 1
      }
      return true
    },
  })
  const all = () => done.reduce((sum, parts) => sum + parts, 0)

  beforeEach(() => {
    now = 0
    slice = new TurnSlice(() => now)
    done = Array.from({ length: COUNT }, () => 0)
  })

  it('is theirs together, and those who had none of it are first in the next turn', async () => {
    for (let at = 0; at < COUNT; at++) slice.later(busy(at, 2, 1))
    await setImmediate()
    assert.equal(all(), TURN)
    for (let turn = 2; turn <= COUNT / TURN; turn++) await setImmediate()
    assert.deepEqual(new Set(done), new Set([1]))
    for (let turn = 1; turn <= COUNT / TURN; turn++) await setImmediate()
    assert.deepEqual(new Set(done), new Set([2]))
  })

  it('is theirs in equal parts', async () => {
    for (let at = 0; at < COUNT; at++) slice.later(busy(at, 4, TURN / COUNT / 2))
    for (const parts of [2, 4]) {
      await setImmediate()
      assert.deepEqual(new Set(done), new Set([parts]))
    }
  })

  it('is that of one who is alone', async () => {
    slice.later(busy(0, 2 * TURN, 1))
    for (const parts of [TURN, 2 * TURN]) {
      await setImmediate()
      assert.equal(done[0], parts)
    }
  })

  it('is over for what comes in it later', async () => {
    const [first, second] = [busy(0, COUNT, 1), busy(1, COUNT, 1)]
    assert.equal(first.goOn(), false)
    assert.equal(slice.isSpent, true)
    assert.equal(second.goOn(), false)
    assert.equal(all(), TURN)
    await setImmediate()
    assert.equal(slice.isSpent, false)
    second.goOn()
    assert.equal(done[1], TURN)
  })
})
