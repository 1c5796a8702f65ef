import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { SleuthError } from '#src/shared/errors.js'
import { WINDOW } from '#src/shared/limits.js'
import type { Endpoint } from '../../harness.js'
import { until, wired } from './harness.js'

/** One sees the other greet it anew. The other sees nothing: it was greeted before what is under way was said. */
function greetedAnew(one: Endpoint, other: Endpoint): void {
  one.node.emit('exit', other.node.self, 'restarted')
  one.node.emit('enter', other.node.self)
}

describe('a peer that greets anew', () => {
  it('hears that a call is over, and its handler sees the caller hang up', async () => {
    let open: ServerResponse | undefined
    const { sleuth, caller, service } = await wired((_, res) => {
      open = res
      // More than goes without the caller's leave.
      res.write(Buffer.alloc(2 * WINDOW))
    })
    const answer = await sleuth.do('sleuth://foo/', { method: 'POST', body: 'x' })
    greetedAnew(caller, service)
    await assert.rejects(answer.arrayBuffer(), (error) => {
      assert.ok(error instanceof SleuthError)
      assert.deepEqual([error.code, error.mayHaveRun], ['SLEUTH_PEER_GONE', true])
      return true
    })
    await until(() => open?.closed)
    await service.sleuth.close()
  })

  it('hears that an answer is over, and its caller has an error', async () => {
    let asked = false
    const { sleuth, caller, service } = await wired(() => {
      asked = true
    })
    const call = sleuth.request('sleuth://foo/', { method: 'POST', body: 'x' })
    await until(() => asked)
    greetedAnew(service, caller)
    await assert.rejects(call, { code: 'SLEUTH_CUT', mayHaveRun: true })
  })

  it('is not sent what was still to leave, which is sent again', async () => {
    let runs = 0
    const { sleuth, caller, service } = await wired((_, res) => {
      runs++
      res.end()
    })
    const call = sleuth.request('sleuth://foo/', { method: 'POST', body: 'x' })
    greetedAnew(caller, service)
    assert.equal((await call).status, 200)
    assert.equal(runs, 1)
  })
})
