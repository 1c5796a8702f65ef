import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { createSleuth } from '#src/index.js'
import type { Logger, Sleuth, SleuthOptions } from '#src/types.js'
import { recorder } from '../harness.js'
import { freePort } from '../port.js'

/** Emits what a node logs, by the message. */
function logOf(events: EventEmitter): Logger {
  return { ...recorder().logger, info: (_fields, message) => void events.emit(message) }
}

async function join(t: TestContext, options: SleuthOptions): Promise<Sleuth> {
  const sleuth = await createSleuth({ interface: 'loopback', timeout: 10_000, ...options })
  t.after(() => sleuth.close())
  return sleuth
}

for (const direct of [true, false]) {
  test(`an instance is taken out of turn and back, ${direct ? 'over direct connections' : 'over ZeroMQ'}`, async (t) => {
    const port = await freePort()
    const states = { one: true, other: true }
    const calls = { one: 0, other: 0 }
    for (const name of ['one', 'other'] as const) {
      await join(t, {
        port,
        direct,
        service: 'foo',
        ready: async () => states[name],
        handler: (_req, res) => {
          calls[name]++
          res.end()
        },
      })
    }
    const log = new EventEmitter()
    const sleuth = await join(t, { port, direct, logger: logOf(log) })
    while ((sleuth.services()[0]?.instances.length ?? 0) < 2) await once(sleuth as never, 'up')
    const call = async () => {
      const before = { ...calls }
      for (let made = 0; made < 6; made++)
        assert.equal((await sleuth.request('sleuth://foo/', { method: 'POST' })).status, 200)
      return [calls.one - before.one, calls.other - before.other]
    }
    const set = async (name: 'one' | 'other', ready: boolean) => {
      const told = once(
        log,
        ready ? 'sleuth: an instance is ready again' : 'sleuth: an instance is not ready',
      )
      states[name] = ready
      await told
    }
    await set('one', false)
    assert.deepEqual(await call(), [0, 6])
    await set('other', false)
    assert.deepEqual(await call(), [3, 3])
    await set('one', true)
    assert.deepEqual(await call(), [6, 0])
    await set('other', true)
    assert.deepEqual(await call(), [3, 3])
  })
}
