import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { generateKeys } from '@sleuth/zre'
import { createSleuth } from '#src/index.js'
import type { Sleuth, SleuthOptions } from '#src/types.js'
import { freePort } from '../port.js'

async function join(t: TestContext, options: SleuthOptions): Promise<Sleuth> {
  const handler: SleuthOptions['handler'] = options.service ? (_, res) => res.end('hi') : undefined
  const sleuth = await createSleuth({ interface: 'loopback', timeout: 10_000, ...options, handler })
  t.after(() => sleuth.close())
  return sleuth
}

/** Time is no part of these tests: an answer may take long on a busy machine. */
const patience = { timeout: 20_000 }

function idOf(sleuth: Sleuth, service: string): string {
  return (
    sleuth.services().find((known) => known.service === service)?.instances[0]?.id ?? assert.fail(service)
  )
}

test('nodes ask each other, those that only call as well', async (t) => {
  const port = await freePort()
  const service = await join(t, { port, service: 'foo', version: '1.2.3' })
  const caller = await join(t, { port, name: 'caller' })
  await caller.waitFor('foo')
  await caller.request('sleuth://foo/')
  const id = idOf(caller, 'foo')
  const info = await caller.inspect(id, 'info', patience)
  assert.deepEqual(
    [info.id, info.service, info.version, info.ready, info.pid],
    [id, 'foo', '1.2.3', true, process.pid],
  )
  assert.ok(info.discovery.includes('beacon'))
  const [peer] = service.peers()
  assert.equal(peer?.name, 'caller')
  const stats = await service.inspect(peer.id, 'stats', patience)
  assert.equal(stats.calls.foo?.calls, 1)
  const { links } = await caller.inspect(id, 'links', patience)
  assert.deepEqual(
    links.map(({ id: of, state, direct, encrypted }) => ({ of, state, direct, encrypted })),
    [{ of: peer.id, state: 'connected', direct: true, encrypted: false }],
  )
  const probe = await caller.inspect(id, 'probe', patience)
  assert.deepEqual({ ...probe, ms: 0 }, { endpoint: links[0]?.endpoint, reached: true, ms: 0 })
})

test('with keys, whoever is let in may ask everything, and the way back is probed with its key', async (t) => {
  const [ours, theirs] = [generateKeys(), generateKeys()]
  const allow = [ours.publicKey, theirs.publicKey]
  const port = await freePort()
  await join(t, { port, service: 'foo', security: { ...ours, allow } })
  const caller = await join(t, { port, security: { ...theirs, allow } })
  await caller.waitFor('foo')
  const id = idOf(caller, 'foo')
  const { links } = await caller.inspect(id, 'links', patience)
  assert.deepEqual(
    links.map(({ encrypted, direct }) => ({ encrypted, direct })),
    [{ encrypted: true, direct: false }],
  )
  assert.equal((await caller.inspect(id, 'probe', patience)).reached, true)
})

test('a node to which no connection can be made learns that', async (t) => {
  const [port, other] = [await freePort(), await freePort()]
  const listen = { port: await freePort() }
  await join(t, { port, service: 'foo', listen, introspection: true })
  const caller = await join(t, { port: other, advertise: false, seeds: [`tcp://127.0.0.1:${listen.port}`] })
  await caller.waitFor('foo')
  const { reached, why } = await caller.inspect(idOf(caller, 'foo'), 'probe', patience)
  assert.equal(reached, false)
  assert.match(why ?? '', /answers on the one that the asking node has made/)
})

test('a node that is asked too often says so', async (t) => {
  const port = await freePort()
  await join(t, { port, service: 'foo' })
  const caller = await join(t, { port })
  await caller.waitFor('foo')
  const id = idOf(caller, 'foo')
  // One node answers ten of them, and says so to the rest: nothing waits for a time limit.
  const asked = await Promise.allSettled(
    Array.from({ length: 100 }, () => caller.inspect(id, 'info', patience)),
  )
  const answered = asked.filter(({ status }) => status === 'fulfilled').length
  assert.ok(answered >= 10 && answered < 100, String(answered))
  for (const outcome of asked)
    if (outcome.status === 'rejected') assert.equal(outcome.reason.code, 'SLEUTH_INSPECT_BUSY')
})
