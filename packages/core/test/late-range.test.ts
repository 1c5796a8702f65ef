// Runs in a process of its own: what reads ranges of versions is loaded once in a process.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { FakeNetwork } from './fake-network.js'
import { join } from './harness.js'

it('a call that waits until ranges can be read is rejected as any other when the node closes meanwhile', async () => {
  const { sleuth } = await join(new FakeNetwork())
  const init = { version: '^1', waitFor: true, timeout: Infinity } as const
  const outcome = assert.rejects(sleuth.request('sleuth://foo/', init), {
    code: 'SLEUTH_CLOSED',
    codes: [935, 934],
    mayHaveRun: false,
  })
  await sleuth.close()
  await outcome
  assert.equal(sleuth.stats().pending, 0)
})
