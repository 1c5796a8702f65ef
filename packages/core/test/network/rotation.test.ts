import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pass } from 'node:timers/promises'
import { TLSSocket } from 'node:tls'
import { generateKeys, type KeyPair } from '@sleuth/zre'
import { createSleuth } from '#src/index.js'
import { recorder } from '../harness.js'
import { freePort } from '../port.js'
import { SocketWatch } from '../transport/direct/harness.js'
import { AllowFile } from './allow-file.js'

/** Milliseconds for whatever is waited for. */
const PATIENCE = 30_000

async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE
  while (!holds()) {
    assert.ok(performance.now() < end, `never: ${holds}`)
    await pass(10)
  }
}

test('keys are rotated by the steps of docs/security.md: no call fails, and direct connections stay', async (t) => {
  using watch = new SocketWatch()
  const [own, before, next] = [generateKeys(), generateKeys(), generateKeys()]
  const list = await AllowFile.make(t, own, before)
  const port = await freePort()
  const { logger, lines } = recorder()
  const join = async (pair: KeyPair, service?: string) => {
    const security = { ...pair, allow: list.path }
    const common = { interface: 'loopback', port, timeout: PATIENCE, logger, security }
    const handler =
      service === undefined ? undefined : (_: unknown, res: { end(text: string): void }) => res.end(service)
    const sleuth = await createSleuth({ ...common, ...(service && { service, handler }) })
    t.after(() => sleuth.close().catch(() => {}))
    return sleuth
  }
  const standing = () =>
    lines.filter(({ message }) => message === 'sleuth: a direct connection stands').length
  const old = await join(before, 'foo')
  const caller = await join(own)
  await caller.waitFor('foo')
  await until(() => standing() === 2)

  let [answered, calling] = [0, true]
  const call = async () => {
    while (calling) {
      const { body } = await caller.request('sleuth://foo/', { method: 'POST' })
      assert.equal(String(body), 'foo')
      answered++
      await pass(1)
    }
  }
  const load = Promise.all([call(), call(), call()])
  load.catch(() => {})
  try {
    await list.write(own, before, next)
    const fresh = await join(next, 'foo')
    const instances = () => caller.services()[0]?.instances ?? []
    await until(() => instances().length === 2 && standing() === 4)
    await old.close()
    await list.write(own, next)
    // By then the list was read again: the old key is not let in any more.
    const late = await join(before, 'bar')
    await until(() => (caller.stats().dropped['key-refused'] ?? 0) > 0)
    assert.deepEqual(late.services(), [])
    const count = answered
    await until(() => answered > count + 20)
    assert.equal(standing(), 4)
    const [connection] = watch.client.slice(-1)
    assert.ok(connection instanceof TLSSocket && !connection.destroyed)
    assert.deepEqual(fresh.stats().errors, {})
  } finally {
    calling = false
  }
  await load
  assert.deepEqual(caller.stats().errors, {})
})
