import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mirror, pair } from '../harness.js'
import { until } from '../transport/streams/harness.js'

/** A body of a Request's own, which is read before the call is sent, in case that it is small. */
function post(body: ReadableStream, signal?: AbortSignal): Request {
  return new Request('sleuth://foo/', { method: 'POST', body, duplex: 'half', signal: signal ?? null })
}

describe('a body that is read before its call is sent', () => {
  it('and fails is an error of the call, which was not sent', async () => {
    const { sleuth, server } = await pair(mirror)
    const reason = new Error('the disk is gone')
    const body = new ReadableStream({ pull: (controller) => controller.error(reason) })
    await assert.rejects(sleuth.do(post(body)), (error: Error & { code?: string; mayHaveRun?: boolean }) => {
      assert.deepEqual([error.code, error.mayHaveRun], ['SLEUTH_REQUEST_MARSHAL', false])
      assert.equal(error.cause, reason)
      return true
    })
    assert.equal(server.sleuth.stats().requests, 0)
  })

  it('and takes its time is cancelled when the call is aborted meanwhile, which is not sent', async () => {
    const { sleuth, server } = await pair(mirror)
    let cancelled = false
    const body = new ReadableStream({
      pull: () => new Promise(() => {}),
      cancel: () => {
        cancelled = true
      },
    })
    const abort = new AbortController()
    const call = sleuth.do(post(body, abort.signal))
    abort.abort()
    await assert.rejects(call, { name: 'AbortError' })
    await until(() => cancelled)
    assert.equal(server.sleuth.stats().requests, 0)
  })
})
