import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import type { AttemptMessage } from '#src/shared/diagnostics.js'
import { mockTime, restoreTime, settle, tick } from '../harness.js'
import { puppets } from '../retry/harness.js'
import { until } from '../transport/streams/harness.js'
import { heard } from './listen.js'

afterEach(restoreTime)

describe('sleuth.attempt', () => {
  it('tells of an attempt that failed, and of the retry that was answered', async () => {
    const { sleuth, peers } = await puppets(2)
    const messages = await heard<AttemptMessage>('sleuth.attempt', async () => {
      const call = sleuth.request('sleuth://foo/a')
      await until(() => peers[0].asked().length === 1)
      peers[0].refuse()
      await until(() => peers[1].asked().length === 1)
      peers[1].answer()
      await call
    })
    const [failed, answered] = messages as [AttemptMessage, AttemptMessage]
    assert.equal(messages.length, 2)
    assert.deepEqual(
      messages.map(({ cause, outcome, status, instance }) => [cause, outcome, status, instance.id]),
      [
        ['first', 'failed', undefined, peers[0].node.id],
        ['retry', 'answered', 200, peers[1].node.id],
      ],
    )
    assert.equal((failed.error as { code: string }).code, 'SLEUTH_DRAINING')
    assert.equal(failed.call, answered.call)
    const { service, url, attempts, status } = answered.call
    assert.deepEqual([service, url, attempts, status], ['foo', '/a', 2, 200])
  })

  it('tells of a hedge, of the attempt that it makes needless, and how long each took', async () => {
    mockTime()
    const { sleuth, peers } = await puppets(2)
    const messages = await heard<AttemptMessage>('sleuth.attempt', async () => {
      const call = sleuth.request('sleuth://foo/', { retry: { hedgeAfter: 30 } })
      await until(() => peers[0].asked().length === 1)
      tick(30)
      await settle()
      await until(() => peers[1].asked().length === 1)
      tick(5)
      peers[1].answer()
      await call
    })
    assert.deepEqual(
      messages.map(({ cause, outcome, duration }) => [cause, outcome, duration]),
      [
        ['hedge', 'answered', 5],
        ['first', 'cancelled', 35],
      ],
    )
  })

  it('tells of the attempt that a timeout ends', async () => {
    mockTime()
    const { sleuth, peers } = await puppets(1)
    const messages = await heard<AttemptMessage>('sleuth.attempt', async () => {
      const rejected = assert.rejects(sleuth.request('sleuth://foo/', { timeout: 50 }), {
        code: 'SLEUTH_TIMEOUT',
      })
      await until(() => peers[0].asked().length === 1)
      tick(50)
      await rejected
    })
    assert.deepEqual(
      messages.map(({ cause, outcome }) => [cause, outcome]),
      [['first', 'cancelled']],
    )
  })
})
