import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { CallTimers, type TimedCall } from '#src/client/pending-call.js'
import { Slab } from '#src/shared/slab.js'
import { mockTime, restoreTime, tick } from '../harness.js'

describe('CallTimers', () => {
  beforeEach(mockTime)
  afterEach(restoreTime)

  function timers() {
    const calls = new Slab<TimedCall>()
    const timers = new CallTimers(calls, () => performance.now())
    const fired: number[] = []
    const start = performance.now()
    /** A call that is due after so many milliseconds, and then ends. */
    const add = (after: number) => {
      const slot = calls.add({
        dueAt: performance.now() + after,
        onDue: (now) => {
          fired.push(now - start)
          calls.delete(slot)
        },
      })
      timers.schedule(performance.now() + after, performance.now())
      return slot
    }
    return { calls, timers, fired, add }
  }

  it('tells each call once, and not early', () => {
    const { add, fired } = timers()
    for (const after of [500, 20, 700, 20.5, 20]) add(after)
    for (let passed = 0; passed < 1000; passed++) tick(1)
    assert.deepEqual(fired, [20, 20, 21, 500, 700])
  })

  it('runs no timer for long when no call is pending', () => {
    const { add, calls, fired } = timers()
    const set = mock.method(globalThis, 'setTimeout')
    for (let call = 0; call < 100; call++) calls.delete(add(500))
    assert.equal(set.mock.callCount(), 1)
    for (let passed = 0; passed < 1000; passed++) tick(1)
    assert.deepEqual([set.mock.callCount(), fired], [1, []])
    assert.ok((set.mock.calls[0]?.arguments[1] as number) <= 250)
  })

  it('runs no timer for a call that is never due', () => {
    const set = mock.method(globalThis, 'setTimeout')
    timers().add(Infinity)
    assert.equal(set.mock.callCount(), 0)
  })
})
