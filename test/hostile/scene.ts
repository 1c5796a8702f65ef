import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { SleuthError, type SleuthOptions, type SleuthStats } from '@sleuth/core'
import type { NodeOptions } from '@sleuth/zre'
import { Attacked, type Report } from './attacked.js'
import { GoodPeer, portOf } from './good-peer.js'
import { RawPeer } from './raw-peer.js'

type Security = NonNullable<NodeOptions['security']>

/** How often each counter of `stats().dropped` has counted. */
type Counts = Readonly<Record<string, number>>

export interface Attack {
  readonly name: string
  /** The counters of the attacked node that show it, and how often each counts at least. */
  readonly shows: Counts
  /** What its caller counts, where that is attacked as well. */
  readonly callerShows?: Counts
  /** The most calls that it may cost: none, unless it says so. */
  readonly mayFail?: number
  /** In the process of the caller. What takes long lets it have its turn: its calls are to suffer from the attack alone. */
  run(scene: Scene): Promise<void>
}

/**
 * What an attack has cost. Memory in MiB above what it was before: at the worst moment, and when it was over. `stall`: how long
 * the event loop of the attacked node stood still at a time, at most, in milliseconds.
 */
export interface Outcome {
  readonly name: string
  readonly seen: string
  readonly peak: number
  readonly kept: number
  readonly stall: number
  readonly calls: number
  readonly failed: number
}

export interface SceneOptions {
  /** Of the node that is attacked. */
  readonly target?: SleuthOptions
  /** Of the good peer. */
  readonly good?: SleuthOptions
  /** Of a member that attacks. */
  readonly insider?: Security
  /** The most file descriptors that the attacked node may have. */
  readonly descriptors?: number
}

const MiB = 2 ** 20
const [FIRST_PORT, PORTS] = [10_000, 10_000]
let scenes = 0

/** For discovery by UDP: other runs of these tests are not to be attacked as well. */
function freshPort(): number {
  return FIRST_PORT + ((process.pid * 4 + scenes++) % PORTS)
}

/** A node that is attacked, and a good peer that calls it all the while. */
export class Scene {
  readonly port: number
  readonly good: GoodPeer
  readonly targetId: Buffer
  /** Where the attacked node takes connections. */
  readonly targetPort: number
  /** Of a member that attacks: undefined on an open network. */
  readonly insider: Security | undefined
  readonly #attacked: Attacked
  readonly #attackers: RawPeer[] = []
  #before: Report
  #peak = 0
  #stall = 0

  private constructor(
    port: number,
    attacked: Attacked,
    good: GoodPeer,
    first: Report,
    insider: Security | undefined,
  ) {
    const [instance] = good.sleuth.services()[0]?.instances ?? []
    assert.ok(instance)
    this.port = port
    this.good = good
    this.targetId = Buffer.from(instance.id, 'hex')
    this.targetPort = portOf(instance.endpoint)
    this.#attacked = attacked
    this.#before = first
    this.insider = insider
  }

  static async open({ target = {}, good = {}, insider, descriptors }: SceneOptions = {}): Promise<Scene> {
    const port = freshPort()
    const attacked = await Attacked.start(port, target, descriptors)
    return new Scene(port, attacked, await GoodPeer.join(port, good), await attacked.report(), insider)
  }

  async close(): Promise<void> {
    this.#dismiss()
    await this.good.leave()
    await this.#attacked.stop()
  }

  /** Runs an attack, waits until it shows, and says what it has cost. */
  async suffer({ name, shows, callerShows = {}, mayFail = 0, run }: Attack): Promise<Outcome> {
    const { good } = this
    const before = await this.#report()
    const ownBefore = good.sleuth.stats()
    const [callsBefore, failedBefore] = [good.calls, good.failures.length]
    this.#before = before
    this.#peak = 0
    this.#stall = 0
    await run(this)
    for (const [counter, times] of Object.entries(shows)) await this.counted(counter, times)
    const ownSeen = () => seenOf(callerShows, ownBefore, good.sleuth.stats())
    await until(
      () => Object.entries(callerShows).every(([counter, times]) => (ownSeen()[counter] ?? 0) >= times),
      () => `of the caller's counters: ${JSON.stringify(ownSeen())}`,
    )
    await this.served(10)
    await this.linked()
    this.#dismiss()
    const after = await this.#report()
    const failed = good.failures.slice(failedBefore)
    for (const error of failed) assert.ok(error instanceof SleuthError, String(error))
    assert.ok(failed.length <= mayFail, `${failed.length} calls failed: ${failed[0]}`)
    return {
      name,
      seen: [...told('', seenOf(shows, before.stats, after.stats)), ...told('caller: ', ownSeen())].join(
        ', ',
      ),
      peak: Math.max(0, this.#peak - before.memory) / MiB,
      kept: Math.max(0, after.memory - before.memory) / MiB,
      stall: this.#stall,
      calls: good.calls - callsBefore,
      failed: failed.length,
    }
  }

  /** How often the attacked node has counted something in this attack. */
  async times(counter: string): Promise<number> {
    return (await this.#grown())[counter] ?? 0
  }

  /** It has counted something so often. */
  async counted(counter: string, times: number): Promise<void> {
    let seen: Counts = {}
    const enough = async () => {
      seen = await this.#grown()
      return (seen[counter] ?? 0) >= times
    }
    await until(enough, () => `${counter} ${times}, of ${JSON.stringify(seen)}`)
  }

  /** The good peer has had so many answers more. */
  async served(calls: number): Promise<void> {
    const { good } = this
    const end = good.calls + calls
    await until(
      () => good.calls >= end,
      () => `calls: ${good.failures.at(-1)}`,
    )
  }

  /**
   * What the good peer says over its link to the attacked node is heard there. That it is served does not show that: calls have
   * a connection of their own, and go on until a link that is dead is found to be, which costs them all.
   */
  async linked(): Promise<void> {
    await until(
      () => this.good.isHeardBy(this.targetId),
      () => 'the link',
    )
  }

  /** How many peers the attacked node knows. */
  async peers(): Promise<number> {
    return (await this.#report()).stats.peers
  }

  /** How many file descriptors the attacked node has. */
  async descriptors(): Promise<number> {
    return (await this.#report()).descriptors
  }

  /** What the attacked node has logged so far, and in how many seconds. */
  async logged(): Promise<Pick<Report, 'lines' | 'seconds'>> {
    return this.#report()
  }

  /** A raw peer at the attacked node, until the attack is over. `id`: another's, to steal its routing id. */
  async connect(id?: Buffer): Promise<RawPeer> {
    const raw = await RawPeer.open(this.targetPort, id)
    this.#attackers.push(raw)
    return raw
  }

  /** One that has said HELLO. */
  async peer(id?: Buffer): Promise<RawPeer> {
    const raw = await this.connect(id)
    // Under another's routing id nobody is greeted.
    if (id === undefined) await raw.meet()
    else raw.hello()
    return raw
  }

  #dismiss(): void {
    for (const raw of this.#attackers.splice(0)) raw.close()
  }

  /** What the attacked node has counted in this attack. */
  async #grown(): Promise<Counts> {
    const { dropped } = (await this.#report()).stats
    const grown = Object.keys(dropped).map(
      (name) => [name, growth(name, this.#before.stats, { dropped })] as const,
    )
    return Object.fromEntries(grown.filter(([, times]) => times > 0))
  }

  async #report(): Promise<Report> {
    const report = await this.#attacked.report()
    this.#peak = Math.max(this.#peak, report.peak, report.memory)
    this.#stall = Math.max(this.#stall, report.stall)
    return report
  }
}

/** Milliseconds for whatever an attack waits for. Large messages take seconds each where all processors are busy. */
const PATIENCE = 60_000

/** `what`: is missing, if it does not come. */
export async function until(done: () => boolean | Promise<boolean>, what = () => 'an answer'): Promise<void> {
  const end = performance.now() + PATIENCE
  while (!(await done())) {
    assert.ok(performance.now() < end, `missing: ${what()}`)
    await sleep(10)
  }
}

function seenOf(wanted: Counts, before: SleuthStats, after: SleuthStats): Counts {
  return Object.fromEntries(Object.keys(wanted).map((name) => [name, growth(name, before, after)]))
}

type Dropped = Pick<SleuthStats, 'dropped'>

function growth(counter: string, before: Dropped, after: Dropped): number {
  return (after.dropped[counter] ?? 0) - (before.dropped[counter] ?? 0)
}

function told(who: string, counts: Counts): string[] {
  return Object.entries(counts).map(([counter, times]) => `${who}${counter} ${times}`)
}
