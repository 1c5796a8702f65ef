import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { after, afterEach, describe, it } from 'node:test'
import { setTimeout as pass } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createSleuth, generateKeys, type LeanResponse, type Sleuth, type SleuthOptions } from '@sleuth/core'
import { freePort } from '../port.js'

const program = fileURLToPath(new URL('service.js', import.meta.url))
const children = new Set<ChildProcess>()

/** What ends the loads and then the nodes of a test, should it fail. */
const endings: (() => Promise<void>)[] = []

afterEach(() => Promise.allSettled(endings.splice(0).map((end) => end())))

after(() => {
  for (const child of children) child.kill('SIGKILL')
})

async function open(port: number, more: SleuthOptions): Promise<Sleuth> {
  const sleuth = await createSleuth({ interface: 'loopback', port, ...more })
  endings.push(() => sleuth.close())
  return sleuth
}

async function start(port: number, more: SleuthOptions): Promise<ChildProcess> {
  const child = fork(program, [String(port), JSON.stringify(more)], { execArgv: [] })
  children.add(child)
  child.once('exit', () => children.delete(child))
  await once(child, 'message')
  return child
}

/** Milliseconds until instances are known that have begun, however slow the machine is. */
const KNOWN_MS = 30_000

/** Resolves when so many instances are known. */
async function known(sleuth: Sleuth, count: number): Promise<void> {
  const end = performance.now() + KNOWN_MS
  while ((sleuth.services()[0]?.instances.length ?? 0) < count) {
    assert.ok(performance.now() < end, `${count} instances are not known`)
    await pass(20)
  }
}

/** A process that has just begun, on a machine that is busy, stands still for longer than the default. */
const TIMEOUT_MS = 10_000

/** Callers who begin their next call when the last has ended. */
class Load {
  readonly ended: PromiseSettledResult<LeanResponse>[] = []
  readonly ids: string[] = []
  #stopped = false
  readonly #callers: Promise<void>[]
  #wanted: { count: number; reached: () => void } | undefined

  constructor(sleuth: Sleuth, method: string, callers = 6) {
    this.#callers = Array.from({ length: callers }, () => this.#run(sleuth, method))
    endings.unshift(() => this.stop())
  }

  /** Resolves when so many more calls have ended. */
  more(count: number): Promise<void> {
    return new Promise((reached) => {
      this.#wanted = { count: this.ended.length + count, reached }
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#callers)
  }

  async #run(sleuth: Sleuth, method: string): Promise<void> {
    while (!this.#stopped) {
      const id = `${this.ids.length}`
      this.ids.push(id)
      const call = sleuth.request('sleuth://foo/', { method, headers: { 'x-id': id }, timeout: TIMEOUT_MS })
      const [outcome] = await Promise.allSettled([call])
      this.ended.push(outcome)
      if (outcome.status === 'fulfilled') assert.equal(outcome.value.body.toString(), id)
      if (this.#wanted && this.ended.length >= this.#wanted.count) this.#wanted.reached()
    }
  }

  failures(): unknown[] {
    return this.ended.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
  }
}

/** Of all processes. */
function keys(): SleuthOptions {
  const pair = generateKeys()
  return { security: { ...pair, allow: [pair.publicKey] } }
}

for (const [network, more] of [
  ['an open network', {}],
  ['a closed network', keys()],
] as const)
  describe(`processes on loopback, on ${network}`, { timeout: 60_000 }, () => {
    it('a rolling restart of three under POSTs: none fails, and each runs once', async () => {
      const port = await freePort()
      const sleuth = await open(port, more)
      const running = await Promise.all([start(port, more), start(port, more), start(port, more)])
      await known(sleuth, 3)
      const load = new Load(sleuth, 'POST')
      const ran: string[] = []
      const stop = async (child: ChildProcess) => {
        const exited = once(child, 'exit')
        const told = once(child, 'message')
        child.send('close')
        const [message] = (await told) as [{ ran: string[] }]
        ran.push(...message.ran)
        const [code] = await exited
        assert.equal(code, 0)
      }
      for (const child of running.splice(0)) {
        await load.more(60)
        await stop(child)
        running.push(await start(port, more))
        await known(sleuth, 3)
      }
      await load.more(60)
      await load.stop()
      for (const child of running) await stop(child)
      await sleuth.close()
      assert.deepEqual(load.failures(), [])
      assert.deepEqual(ran.sort(), load.ids.sort())
    })

    it('kill -9 of one of two under GETs: none fails', async () => {
      const port = await freePort()
      const sleuth = await open(port, more)
      const [victim] = await Promise.all([start(port, more), start(port, more)])
      await known(sleuth, 2)
      const load = new Load(sleuth, 'GET', 20)
      await load.more(200)
      victim.kill('SIGKILL')
      await load.more(600)
      await load.stop()
      await sleuth.close()
      assert.deepEqual(load.failures(), [])
    })
  })
