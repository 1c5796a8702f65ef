import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as pass } from 'node:timers/promises'
import { createSleuth, generateKeys } from '#src/index.js'
import type { EmittedEvent, Sleuth, SleuthOptions } from '#src/types.js'
import { freePort } from '../port.js'

async function join(t: TestContext, options: SleuthOptions): Promise<Sleuth> {
  const sleuth = await createSleuth({ interface: 'loopback', ...options })
  t.after(() => sleuth.close().catch(() => {}))
  return sleuth
}

/** Emits to all until so many subscribe. */
async function subscribed(sleuth: Sleuth, topic: string, count: number): Promise<void> {
  while ((await sleuth.emit(topic, undefined, { to: 'all' })) < count) await pass(20)
}

for (const encrypted of [false, true]) {
  const how = encrypted ? 'with keys' : 'without keys'
  test(`50,000 events of 128 bytes come in their order, ${how}, beside calls`, async (t) => {
    const port = await freePort()
    const keys = [generateKeys(), generateKeys()]
    const allow = keys.map(({ publicKey }) => publicKey)
    const [one, other] = keys.map((pair) => (encrypted ? { security: { ...pair, allow } } : {}))
    const emitter = await join(t, { port, ...one })
    const receiver = await join(t, { port, service: 'foo', handler: (_req, res) => res.end(), ...other })
    let expected = 0
    const wrong: unknown[] = []
    let finish = () => {}
    const finished = new Promise<void>((resolve) => (finish = resolve))
    receiver.subscribe('n', ({ data }: EmittedEvent) => {
      if ((data as { n: number }).n !== expected) wrong.push(data)
      if (++expected === 50_000) finish()
    })
    receiver.subscribe('ready', () => {})
    await subscribed(emitter, 'ready', 1)
    await emitter.waitFor('foo')
    const text = 'x'.repeat(100)
    let calls = 0
    const calling = (async () => {
      while (expected < 50_000) {
        assert.equal((await emitter.request('sleuth://foo/', { timeout: 10_000 })).status, 200)
        calls++
      }
    })()
    for (let n = 0; n < 50_000; n++) assert.equal(await emitter.emit('n', { n, text }), 1)
    await finished
    await calling
    assert.deepEqual(wrong, [])
    assert.ok(calls > 0)
    t.diagnostic(`${calls} calls meanwhile`)
    assert.equal(emitter.stats().dropped['event-queue'], undefined)
  })
}

test('by `used` links a node that subscribes hears of every other', async (t) => {
  const port = await freePort()
  const options = {
    port,
    links: 'used',
    handler: (_req: unknown, res: { end(): void }) => res.end(),
  } as const
  const nodes: Sleuth[] = []
  for (let count = 0; count < 16; count++)
    nodes.push(await join(t, { ...options, service: `service-${count}` }))
  const idle = (node: Sleuth) => node.peers().filter(({ state }) => state === 'idle').length
  const knowsAll = (node: Sleuth) => node.services().length === nodes.length - 1
  // Chance decides who links to whom, and some have a link to each other until it has lingered.
  let subscriber: Sleuth | undefined
  while (subscriber === undefined) {
    await pass(20)
    subscriber = nodes.find((node) => knowsAll(node) && idle(node) > 0)
  }
  const others = nodes.filter((node) => node !== subscriber)
  const heard = new Set<string | undefined>()
  subscriber.subscribe('hello', ({ source }) => void heard.add(source.service))
  await Promise.all(others.map((node) => node.emit('hello', undefined, { waitFor: 20_000 })))
  while (heard.size < others.length) await pass(20)
  assert.equal(idle(subscriber), 0)
})
