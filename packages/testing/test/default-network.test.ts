import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createSleuth } from '@sleuth/core'
import { createTestNetwork, installTestNetwork, mockService } from '@sleuth/testing'

describe('the network that a process is on', () => {
  it('is that of all that name none, from when it is installed until it is closed', async () => {
    await using network = installTestNetwork({ latency: 0 })
    const client = await createSleuth({ timeout: 10_000 })
    const mock = await mockService('foo', 'mocked')
    assert.equal(await (await client.do('sleuth://foo/')).text(), 'mocked')
    assert.equal(mock.calls.length, 1)
    assert.equal(installTestNetwork(), network)
    assert.throws(() => installTestNetwork({ latency: 1 }), {
      code: 'SLEUTH_ARGUMENT',
      message: /this process is on a test network already/,
    })
    await network.close()
    await using next = installTestNetwork()
    assert.notEqual(next, network)
    await network.close()
    assert.equal(installTestNetwork(), next)
  })

  it('is made by the first mock', async () => {
    await mockService('foo', 'mocked')
    await using network = installTestNetwork()
    const client = await network.createSleuth({ timeout: 10_000 })
    assert.equal(await (await client.do('sleuth://foo/')).text(), 'mocked')
  })

  it('is not that of those that name another', async () => {
    await using _ = installTestNetwork()
    await mockService('foo')
    await using other = createTestNetwork()
    assert.deepEqual((await createSleuth({ network: other })).services(), [])
  })

  it('is there from the start with --import @sleuth/testing/register', async () => {
    const program = `
      import { createSleuth } from '@sleuth/core'
      import { mockService } from '@sleuth/testing'
      const client = await createSleuth()
      await mockService('foo', 'mocked')
      console.log(await (await client.do('sleuth://foo/', { timeout: 10_000 })).text())
      process.exit()`
    const cwd = fileURLToPath(new URL('../..', import.meta.url))
    const args = ['--import', '@sleuth/testing/register', '--input-type=module', '-e', program]
    assert.equal((await promisify(execFile)(process.execPath, args, { cwd })).stdout, 'mocked\n')
  })
})
