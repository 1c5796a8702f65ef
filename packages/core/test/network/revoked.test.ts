import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { type TestContext, test } from 'node:test'
import { TLSSocket } from 'node:tls'
import { generateKeys } from '@sleuth/zre'
import { createSleuth } from '#src/index.js'
import type { SleuthError } from '#src/shared/errors.js'
import type { Sleuth, SleuthOptions } from '#src/types.js'
import { recorder } from '../harness.js'
import { freePort } from '../port.js'
import { SocketWatch } from '../transport/direct/harness.js'
import { until } from '../transport/streams/harness.js'
import { AllowFile } from './allow-file.js'

const keys = { service: generateKeys(), caller: generateKeys() }
type Name = keyof typeof keys

/** Both nodes log it. */
const STANDS = 'sleuth: a direct connection stands'

async function open(t: TestContext, name: Name, list: AllowFile, more: SleuthOptions): Promise<Sleuth> {
  const security = { ...keys[name], allow: list.path }
  const sleuth = await createSleuth({ interface: 'loopback', timeout: 20_000, security, ...more })
  t.after(() => sleuth.close())
  return sleuth
}

/** Answers that a handler gives when it is told to, and not before. */
class Held {
  readonly #held: ServerResponse[] = []
  #came: (() => void) | undefined

  add(res: ServerResponse): void {
    this.#held.push(res)
    this.#came?.()
  }

  async next(): Promise<ServerResponse> {
    if (this.#held.length === 0) await new Promise<void>((came) => (this.#came = came))
    return this.#held.shift() as ServerResponse
  }
}

/** `reason`: what the caller learns of the service. */
for (const { revoked, revokes, reason } of [
  { revoked: 'caller', revokes: 'service', reason: 'stopped' },
  { revoked: 'service', revokes: 'caller', reason: 'refused' },
] as const)
  test(`a direct connection and its calls end when the key of the ${revoked} leaves the list of its peer`, async (t) => {
    using watch = new SocketWatch()
    const lists = {
      service: await AllowFile.make(t, keys.caller),
      caller: await AllowFile.make(t, keys.service),
    }
    const port = await freePort()
    const held = new Held()
    const { logger, lines } = recorder()
    let ran = 0
    await open(t, 'service', lists.service, {
      port,
      logger,
      service: 'foo',
      handler: (req, res) => {
        ran++
        if (req.url === '/now') res.end('now')
        else held.add(res)
      },
    })
    const caller = await open(t, 'caller', lists.caller, { port, logger })
    await caller.waitFor('foo')
    assert.equal((await caller.request('sleuth://foo/now')).status, 200)
    await until(() => lines.filter(({ message }) => message === STANDS).length === 2)
    const ends = [watch.client[0], watch.server[0]] as TLSSocket[]
    assert.ok(ends.every((end) => end instanceof TLSSocket && !end.destroyed))

    const before = caller.stats().bytesReceived
    const waits = caller
      .request('sleuth://foo/', { method: 'POST', body: 'x', timeout: Infinity })
      .catch((error: SleuthError) => error)
    const unanswered = await held.next()
    const begins = caller.do('sleuth://foo/', { method: 'POST', timeout: Infinity })
    const halfway = await held.next()
    halfway.write('half')
    const body = (await begins).text().catch((error: SleuthError) => error)
    assert.ok(caller.stats().bytesReceived > before)
    const hungUp = once(unanswered, 'close')
    const closed = ends.map((end) => once(end, 'close'))
    const left = new Promise<string>((down) => caller.once('down', ({ reason }) => down(reason)))
    await lists[revokes].write()
    await Promise.all([...closed, hungUp])
    for (const error of [await waits, await body] as SleuthError[])
      assert.deepEqual([error.code, error.mayHaveRun], ['SLEUTH_PEER_GONE', true])
    assert.equal(await left, reason)

    for (const res of [unanswered, halfway]) res.destroy()
    // Nothing of it goes by ZeroMQ in its place.
    const count = ran
    await assert.rejects(caller.request('sleuth://foo/now', { timeout: 300 }), { code: /^SLEUTH_/ })
    assert.equal(ran, count)

    await lists[revokes].write(keys[revoked])
    await caller.waitFor('foo')
    assert.equal((await caller.request('sleuth://foo/now')).status, 200)
    await until(() => lines.filter(({ message }) => message === STANDS).length === 4)
    assert.notEqual(watch.client.at(-1), ends[0])
  })
