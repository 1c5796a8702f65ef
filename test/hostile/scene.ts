import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createSleuth, type Sleuth, SleuthError, type SleuthOptions, type SleuthStats } from '@sleuth/core'
import { RawPeer } from './raw-peer.js'

const MiB = 2 ** 20
const service = fileURLToPath(new URL('service.js', import.meta.url))

export interface Attack {
  readonly name: string
  /** The counters of the attacked node that show it, and how often each has counted at least. */
  readonly shows: Counts
  /** What its caller counts, where that is attacked as well. */
  readonly callerShows?: Counts
  /** The most calls that it may cost: none, unless it says so. */
  readonly mayFail?: number
  run(scene: Scene): Promise<void>
}

/** Memory in MiB: above what it was before, at the worst moment, and when it was over. */
export interface Outcome {
  readonly name: string
  readonly seen: string
  readonly peak: number
  readonly kept: number
  readonly calls: number
  readonly failed: number
}

interface Report {
  readonly stats: SleuthStats
  readonly memory: number
  readonly peak: number
}

export interface SceneOptions {
  /** UDP, of this scene alone. */
  readonly port: number
  /** Of the node that is attacked. */
  readonly target?: SleuthOptions
  /** Of the good peer. */
  readonly good?: SleuthOptions
  /** The most file descriptors that the attacked node may have. */
  readonly descriptors?: number
}

/** What a node logs of itself. */
interface Joined {
  readonly id: string
  readonly endpoint: string
}

/** A node in a process of its own, and a good peer that calls it all the while. */
export class Scene {
  readonly port: number
  /** The good peer. */
  readonly good: Sleuth
  readonly goodId: Buffer
  readonly goodPort: number
  readonly targetId: Buffer
  /** Where the attacked node takes connections. */
  readonly targetPort: number
  calls = 0
  readonly failures: unknown[] = []
  readonly #child: ChildProcess
  readonly #load: Promise<unknown>
  #calling = true

  private constructor(port: number, child: ChildProcess, good: Sleuth, joined: Joined) {
    const [instance] = good.services()[0]?.instances ?? []
    assert.ok(instance)
    this.port = port
    this.good = good
    this.goodId = Buffer.from(joined.id, 'hex')
    this.goodPort = portOf(joined.endpoint)
    this.targetId = Buffer.from(instance.id, 'hex')
    this.targetPort = portOf(instance.endpoint)
    this.#child = child
    this.#load = Promise.all([this.#call(), this.#call(), this.#call(), this.#call()])
  }

  static async open({ port, target = {}, good: options = {}, descriptors }: SceneOptions): Promise<Scene> {
    const program = [process.execPath, '--expose-gc', service, String(port), JSON.stringify(target)]
    const limited = `ulimit -n ${descriptors ?? 'unlimited'} 2> /dev/null; exec "$0" "$@"`
    const child = spawn('sh', ['-c', limited, ...program], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    await once(child, 'message')
    let joined: Joined | undefined
    const ignore = () => {}
    const info = (fields: object) => {
      if ('id' in fields && 'endpoint' in fields) joined ??= fields as Joined
    }
    const logger = { trace: ignore, debug: ignore, warn: ignore, error: ignore, info }
    const good = await createSleuth({ interface: 'loopback', port, logger, ...options })
    await good.waitFor('target', { timeout: 20_000 })
    assert.ok(joined)
    return new Scene(port, child, good, joined)
  }

  /** Runs an attack, waits until it shows, and says what it cost. */
  async suffer({ name, shows, callerShows = {}, mayFail = 0, run }: Attack): Promise<Outcome> {
    const before = await this.#report()
    const ownBefore = this.good.stats()
    const { calls, failures } = this
    const [callsBefore, failedBefore] = [calls, failures.length]
    await run(this)
    const ownSeen = () => seenOf(callerShows, ownBefore, this.good.stats())
    await until(() => isSeen(callerShows, ownSeen()), () => JSON.stringify([callerShows, ownSeen()]))
    let after = before
    const seen = () => seenOf(shows, before.stats, after.stats)
    let peak = 0
    const look = async () => {
      after = await this.#report()
      peak = Math.max(peak, after.peak, after.memory)
      return isSeen(shows, seen())
    }
    await until(look, () => JSON.stringify([shows, seen()]))
    // It goes on, and so do its callers.
    const done = this.calls
    await until(() => this.calls > done + 10, () => `calls, after ${done}; failed: ${failures.at(-1)}`)
    const failed = failures.slice(failedBefore)
    for (const error of failed) assert.ok(error instanceof SleuthError, String(error))
    assert.ok(failed.length <= mayFail, `${failed.length} calls failed: ${failed[0]}`)
    const told = (counts: Counts) => Object.entries(counts).map(([counter, times]) => `${counter} ${times}`)
    return {
      name,
      seen: [...told(seen()), ...told(ownSeen()).map((text) => `caller: ${text}`)].join(', '),
      peak: Math.max(0, peak - before.memory) / MiB,
      kept: Math.max(0, after.memory - before.memory) / MiB,
      calls: this.calls - callsBefore,
      failed: failed.length,
    }
  }

  /** How often the attacked node has counted something. */
  async counted(counter: string): Promise<number> {
    return countOf((await this.#report()).stats, counter)
  }

  /** How many peers the attacked node knows. */
  async peers(): Promise<number> {
    return (await this.#report()).stats.peers
  }

  /** A peer that has said HELLO. */
  async peer(id?: Buffer): Promise<RawPeer> {
    const raw = await RawPeer.open(this.targetPort, id)
    raw.hello()
    return raw
  }

  async close(): Promise<void> {
    this.#calling = false
    await this.#load
    await this.good.close()
    this.#child.send('stop')
    await once(this.#child, 'exit')
  }

  async #report(): Promise<Report> {
    this.#child.send('report')
    const [told] = await once(this.#child, 'message')
    return told as Report
  }

  async #call(): Promise<void> {
    while (this.#calling) {
      try {
        const { body } = await this.good.request('sleuth://target/', { timeout: 5000 })
        assert.equal(body.toString(), 'here')
        this.calls++
        await sleep(2)
      } catch (error) {
        this.failures.push(error)
        await sleep(20)
      }
    }
  }
}

/** Milliseconds for whatever an attack waits for. */
const PATIENCE = 15_000

/** `what`: is missing, if it does not come. */
export async function until(done: () => boolean | Promise<boolean>, what = () => 'what was waited for'): Promise<void> {
  const end = performance.now() + PATIENCE
  while (!(await done())) {
    assert.ok(performance.now() < end, `missing: ${what()}`)
    await sleep(10)
  }
}

function portOf(endpoint: string): number {
  return Number(endpoint.slice(endpoint.lastIndexOf(':') + 1))
}

/** How often each counter has counted. */
type Counts = Readonly<Record<string, number>>

function seenOf(wanted: Counts, before: SleuthStats, after: SleuthStats): Counts {
  const names = Object.keys(wanted)
  return Object.fromEntries(names.map((name) => [name, countOf(after, name) - countOf(before, name)]))
}

function isSeen(wanted: Counts, seen: Counts): boolean {
  return Object.entries(wanted).every(([counter, times]) => (seen[counter] ?? 0) >= times)
}

function countOf({ dropped }: SleuthStats, counter: string): number {
  return dropped[counter] ?? 0
}
