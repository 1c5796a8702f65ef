import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import type { CallOptions } from '#src/types.js'
import { mockTime, restoreTime, settle, tick } from '../harness.js'
import { puppets } from './harness.js'

afterEach(restoreTime)

/**
 * A call in which instances are chosen at every occasion that there is: at first, beside one that is silent, after one that is
 * gone, and when one comes up again.
 */
async function eventful(options: CallOptions) {
  const { sleuth, peers, add } = await puppets(2)
  for (const { node } of peers) node.state = 'stopped'
  const call = sleuth.request('sleuth://foo/', { timeout: 2000, waitFor: true, ...options })
  const outcome = call.then(
    () => undefined,
    (error: unknown) => error,
  )
  const pass = async (milliseconds: number) => {
    tick(milliseconds)
    await settle()
  }
  await settle()
  for (let looks = 0; looks < 6; looks++) await pass(250)
  const hedges = sleuth.stats().hedges
  for (const { node } of peers) {
    node.vanish('expired')
    await settle()
  }
  const last = add()
  await settle()
  const isAsked = last.asked().length > 0
  if (isAsked) last.answer()
  await settle()
  await pass(2500)
  return { error: await outcome, pending: sleuth.stats().pending, hedges, isAsked }
}

describe('a function of the user that chooses instances', () => {
  for (const option of ['where', 'prefer'] as const) {
    it(`may throw at any time: its call is rejected with what it throws, and nothing is left of it (${option})`, async () => {
      const thrown = new Error('of the user')
      for (let times = 1; ; times++) {
        mockTime()
        let asked = 0
        const choose = () => {
          if (++asked === times) throw thrown
          return true
        }
        const { error, pending, hedges, isAsked } = await eventful({ [option]: choose })
        restoreTime()
        assert.equal(pending, 0)
        if (asked < times) {
          // It has thrown at each of its turns by now.
          assert.deepEqual([error, hedges, isAsked], [undefined, 1, true])
          assert.ok(times > 4, `only ${times} turns`)
          return
        }
        assert.equal(error, thrown, `at turn ${times}`)
        assert.equal(asked, times, 'it is not asked again')
      }
    })

    it(`may not be asynchronous (${option})`, async () => {
      const { sleuth, peers } = await puppets(1)
      const call = sleuth.request('sleuth://foo/', { [option]: (async () => true) as never })
      await assert.rejects(call, {
        code: 'SLEUTH_ARGUMENT',
        message: new RegExp(`${option} must be a function that returns true or false, not a promise`),
      })
      assert.deepEqual([peers[0].asked(), sleuth.stats().pending], [[], 0])
    })
  }
})
