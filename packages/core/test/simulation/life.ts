import type { NetworkOptions, Random } from '@sleuth/zre/testing'
import { CallRecord } from './call.js'
import { handlerOf } from './handler.js'
import { PLACES, planCall, SERVICES } from './plan.js'
import { Process, type ProcessOptions, type Span } from './process.js'
import { World } from './world.js'

export interface LifeOptions extends Omit<NetworkOptions, 'seed'> {
  /** How many processes there are to begin with and at the end, and at most. */
  readonly least: number
  readonly most: number
  /** How many things happen. */
  readonly acts: number
  /** Whether connections break, and the network is split. */
  readonly storms: boolean
  /** Whether little may wait to be sent. */
  readonly narrow: boolean
  /** To which nodes there is to be a link. */
  readonly links?: 'auto' | 'used'
}

/** For so long after it is whole again, a network is not expected to be as it was. */
const AFTERMATH_MS = 3000

/** When everything that is to heal has healed, and when all that was begun must have come to its end. */
const HEALED_MS = 9000
const QUIET_MS = 16_000

/** Processes that come and go, stand still, lose each other, and call each other all the time. */
export class Life {
  readonly world: World
  readonly options: LifeOptions
  readonly calls = new Map<string, CallRecord>()
  /** When the network was not to be relied on. */
  readonly storms: Span[] = []
  /** Whether some speak the first wire. It can't tell a caller that its answer did not fit, who then waits for his time. */
  readonly #mixed: boolean
  #started = 0
  #made = 0

  constructor(seed: number, options: LifeOptions) {
    const { beaconLoss = 0, beaconDoubling = 0, beaconDelay = 5, messageDelay = 5 } = options
    this.options = options
    this.world = new World({ seed, beaconLoss, beaconDoubling, beaconDelay, messageDelay })
    this.#mixed = this.#random.chance(0.7)
  }

  async live(): Promise<void> {
    const { least, acts } = this.options
    while (this.#started < least) this.#start()
    await this.world.run(300)
    for (let act = 0; act < acts; act++) {
      this.#act()
      if (this.#awake.length < least && this.#random.chance(0.7)) this.#start()
      for (let turns = this.#random.pick([0, 1, 3, 10]); turns > 0; turns--) {
        this.#callAround()
        await this.world.run(this.#random.between(0, 200))
      }
    }
    for (let there = this.#awake.length; there < least; there++) this.#start()
    await this.world.run(HEALED_MS)
    // What was lost unseen is noticed when something is said.
    this.#callAround(1)
    await this.world.run(QUIET_MS)
  }

  /** All leave, and none has anything more to do. */
  async end(): Promise<void> {
    for (const process of this.#awake) process.close()
    await this.world.run(3000)
  }

  get #random(): Random {
    return this.world.random
  }

  /** Few enough for most to have several instances. */
  get #services(): readonly string[] {
    return SERVICES.slice(0, this.options.most > 8 ? 8 : 2)
  }

  get #awake(): Process[] {
    return this.world.processes.filter(({ awake }) => awake)
  }

  #callAround(chance = 0.4): void {
    for (const process of this.#awake) if (this.#random.chance(chance)) this.#call(process)
  }

  #call(process: Process): void {
    const most = this.options.narrow ? 40_000 : 400_000
    for (let calls = this.#random.pick([1, 2, 4, 8]); calls > 0; calls--) {
      const service = this.#random.pick(this.#services)
      const plan = planCall(this.#random, `${++this.#made}`, service, {
        most,
        endless: !(this.options.narrow && this.#mixed),
      })
      this.world.soon(process, () => this.calls.set(plan.id, new CallRecord(plan, process)))
    }
  }

  #act(): void {
    const kinds = [
      ...[this.#join, this.#join, this.#close, this.#close, this.#crash, this.#vanish],
      ...[this.#restart, this.#replace, this.#stall, this.#stop, this.#move],
    ]
    if (this.options.storms) kinds.push(this.#cut, this.#cut, this.#split, this.#split)
    this.#random.pick(kinds).call(this)
  }

  #join(): void {
    if (this.#awake.length < this.options.most) this.#start()
  }

  #close(): void {
    this.#anyone()?.close()
  }

  #crash(): void {
    this.#anyone()?.crash()
  }

  #vanish(): void {
    this.#anyone()?.vanish()
  }

  /** A new one comes, and then the old one leaves. */
  #replace(): void {
    const old = this.#anyone()
    if (old === undefined) return
    this.#start(old.service)
    this.world.network.schedule.after(300, () => {
      if (old.awake) old.close()
    })
  }

  /** Another takes the place of one that crashed. A late beacon of the old one may confuse the others for a while. */
  #restart(): void {
    const old = this.#anyone()
    if (old === undefined) return
    old.crash()
    this.#storm()
    this.#start(old.service, old.virtual.endpoint)
  }

  #stall(): void {
    this.#standStill(false)
  }

  #stop(): void {
    this.#standStill(true)
  }

  #standStill(stopped: boolean): void {
    const process = this.#anyone()
    if (process === undefined) return
    process.stall(stopped)
    this.#later(() => process.resume())
  }

  /** Its address is another one now. */
  #move(): void {
    const process = this.#anyone()
    if (process === undefined) return
    const storm = this.#storm()
    const host = this.world.processes.indexOf(process)
    const port = Math.floor(this.#random.between(1, 60_000))
    this.world.soon(process, () => {
      const { virtual } = process
      virtual.move(`tcp://10.0.${200 + (host >> 8)}.${host & 0xff}:${port}`)
      // If it stands still, it moves when it goes on.
      virtual.process.receive(() => {
        storm.to = this.world.now + AFTERMATH_MS
      })
    })
  }

  #cut(): void {
    const [from, to] = [this.#anyone(), this.#anyone()]
    if (from === undefined || to === undefined) return
    this.#storm()
    this.world.note(`${from.name} loses its connection to ${to.name}`)
    this.world.network.disconnect(from.virtual, to.virtual)
  }

  #split(): void {
    const { network } = this.world
    const inside = network.live.filter(() => this.#random.chance(0.5))
    this.world.note(`split: ${inside.map(({ id }) => id.slice(0, 6))}`)
    const heal = network.split(inside, this.#random.chance(0.3))
    const storm = this.#storm(Infinity)
    this.#later(() => {
      this.world.note('whole again')
      storm.to = this.world.now + AFTERMATH_MS
      heal()
    })
  }

  #storm(to = this.world.now + AFTERMATH_MS): Span {
    const storm = { from: this.world.now, to }
    this.storms.push(storm)
    return storm
  }

  #later(action: () => void): void {
    this.world.network.schedule.after(this.#random.between(50, HEALED_MS - 100), action)
  }

  #start(
    service: string | undefined = this.#random.chance(0.8) ? this.#random.pick(this.#services) : undefined,
    endpoint?: string,
  ): void {
    const process: Process = new Process(
      this.world,
      `p${++this.#started}`,
      this.#optionsOf(service, endpoint),
      handlerOf(this.calls, () => process),
    )
  }

  #optionsOf(service: string | undefined, endpoint: string | undefined): ProcessOptions {
    const { narrow, links } = this.options
    const random = this.#random
    const wire = this.#mixed && random.chance(0.3) ? 1 : 2
    const { zone, version } = PLACES[this.#started % PLACES.length] as (typeof PLACES)[number]
    return {
      version,
      meta: { zone },
      service,
      endpoint,
      wire,
      links,
      go: wire === 1 && random.chance(0.3),
      maxQueueSize: narrow ? 32 * 1024 : 2 ** 30,
      balance: random.pick(['round-robin', 'least-pending']),
      drainTimeout: random.pick([0, 50, 500, 2000]),
      limits: { requestTime: 4000, ...random.pick([{}, {}, { streams: 3 }, { buffered: 256 * 1024 }]) },
      ...(random.chance(0.1) && { maxInflight: 2 }),
    }
  }

  #anyone(): Process | undefined {
    const awake = this.#awake
    return awake.length === 0 ? undefined : this.#random.pick(awake)
  }
}
