import type { RequestListener } from 'node:http'
import type { VirtualNode } from '@sleuth/zre/testing'
import type { Endpoint } from '#src/directory/endpoint.js'
import type { Slab } from '#src/shared/slab.js'
import { startSleuth } from '#src/sleuth/create-sleuth.js'
import type { DownReason, Logger, Sleuth, SleuthOptions } from '#src/types.js'
import type { VirtualTimer } from './clock.js'
import { addNode, type NodeConfig } from './node.js'
import type { World } from './world.js'

export interface ProcessOptions extends SleuthOptions, Omit<NodeConfig, 'turn'> {}

/** From when to when; `Infinity` while it lasts. */
export interface Span {
  readonly from: number
  to: number
}

/** One process of the simulation: the real library, on a node of the virtual network. */
export class Process {
  readonly name: string
  readonly service: string | undefined
  readonly world: World
  readonly timers = new Set<VirtualTimer>()
  readonly immediates: (() => void)[] = []
  /** All that its library keeps calls, streams and requests in. */
  readonly slots = new Set<Slab<unknown>>()
  /** Instances that it has called. */
  readonly members = new Set<Endpoint>()
  /** Errors that it logged. */
  readonly errors: unknown[] = []
  readonly instances = new Map<string, Span[]>()
  readonly stalls: Span[] = []
  readonly drainTimeout: number
  /** It refuses calls now and then. */
  readonly limited: boolean
  /** It looks like a node of Go. */
  readonly go: boolean
  /** It is where another one was, whose messages it may get as long as others hold that one to be there. */
  readonly isHeir: boolean
  /** Its labels and its version, as others see them. */
  readonly place: { readonly zone: string | undefined; readonly version: string }
  sleuth!: Sleuth
  virtual!: VirtualNode
  closingAt = Infinity
  closedAt = Infinity
  goneAt = Infinity
  /** Its host is gone without a word: those who are connected to it hear nothing. */
  vanished = false
  readonly #overdue: (() => void)[] = []
  #stands = false

  constructor(world: World, name: string, options: ProcessOptions, handler: RequestListener) {
    this.world = world
    this.name = name
    this.service = options.service
    this.drainTimeout = options.drainTimeout ?? 5000
    const { maxInflight, limits } = options
    this.go = options.go
    this.isHeir = options.endpoint !== undefined
    this.place = { zone: options.go ? undefined : options.meta?.zone, version: options.version ?? 'unknown' }
    this.limited = maxInflight !== undefined || (limits?.streams ?? limits?.buffered) !== undefined
    world.processes.push(this)
    world.soon(this, () => void this.#start(options, handler))
  }

  async #start(options: ProcessOptions, handler: RequestListener): Promise<void> {
    const { endpoint, go, maxQueueSize, ...rest } = options
    const turn = () => this.world.enter(this)
    const served = rest.service === undefined ? {} : { handler }
    this.sleuth = await startSleuth(
      { interface: 'loopback', logger: this.#logger(), ...rest, ...served },
      async (nodeOptions) => {
        const config = { endpoint, go, maxQueueSize, turn }
        this.virtual = addNode(this.world.network, nodeOptions, config)
        return this.virtual.node
      },
    )
    this.sleuth.on('up', ({ instance }) => this.#up(instance.id))
    this.sleuth.on('down', ({ instance, reason }) => this.#down(instance.id, reason))
    this.note('up')
  }

  get id(): string {
    return this.virtual.id
  }

  get joined(): boolean {
    return this.sleuth !== undefined
  }

  /** Neither leaving, nor standing still. */
  get awake(): boolean {
    return this.joined && !this.gone && !this.#stands && this.closingAt === Infinity
  }

  /** It is no more: what it would do is not done. */
  get gone(): boolean {
    return this.goneAt !== Infinity
  }

  /** It stands still, or has not read yet what came meanwhile. */
  get behind(): boolean {
    return this.#stands || this.virtual?.process.behind === true
  }

  note(what: string): void {
    this.world.note(`${this.name} ${what}`)
  }

  /** A timer of its rings. */
  ring(run: () => void): void {
    if (this.gone) return
    if (this.#stands) {
      this.#overdue.push(run)
      return
    }
    this.world.enter(this)
    run()
  }

  crash(): void {
    this.note('crashes')
    this.#end()
    this.virtual.crash()
  }

  vanish(): void {
    this.note('vanishes')
    this.vanished = true
    this.#end()
    this.virtual.vanish()
  }

  close(): void {
    this.closingAt = this.world.now
    this.world.soon(this, () => void this.#close())
  }

  async #close(): Promise<void> {
    this.note('closes')
    await this.sleuth.close()
    this.note('closed')
    this.closedAt = this.world.now
  }

  /** Its event loop is blocked; or it is stopped, and its I/O thread too. */
  stall(stopped: boolean): void {
    this.note(stopped ? 'is stopped' : 'stalls')
    this.#stands = true
    this.stalls.push({ from: this.world.now, to: Infinity })
    if (stopped) this.virtual.freeze()
    else this.virtual.stall()
  }

  /** Timers first, then what has come in, as Node does it. */
  resume(): void {
    if (!this.#stands || this.gone) return
    this.note('goes on')
    this.#stands = false
    const stall = this.stalls.at(-1) as Span
    stall.to = this.world.now
    for (const run of this.#overdue.splice(0)) this.world.network.schedule.after(0, () => this.ring(run))
    this.world.network.schedule.after(0, () => this.virtual.resume())
  }

  /** When it was back in its place after it had last stood still. */
  get troubledUntil(): number {
    const last = this.stalls.at(-1)
    return last === undefined ? 0 : last.to + 2000
  }

  /** Milliseconds within a time for which it stood still. */
  stalledWithin(from: number, to: number): number {
    return this.stalls.reduce(
      (sum, stall) => sum + Math.max(0, Math.min(to, stall.to) - Math.max(from, stall.from)),
      0,
    )
  }

  #end(): void {
    this.goneAt = this.world.now
    for (const spans of this.instances.values()) endLast(spans, this.world.now)
  }

  #up(id: string): void {
    const spans = this.instances.get(id) ?? []
    this.instances.set(id, spans)
    if (spans.at(-1)?.to === Infinity) this.world.blame(`${this.name} sees ${id} come twice`)
    spans.push({ from: this.world.now, to: Infinity })
    this.note(`sees ${id.slice(0, 6)}`)
  }

  #down(id: string, reason: DownReason): void {
    const spans = this.instances.get(id) ?? []
    if (spans.at(-1)?.to !== Infinity) this.world.blame(`${this.name} sees ${id} go twice`)
    endLast(spans, this.world.now)
    this.note(`loses ${id.slice(0, 6)}: ${reason}`)
  }

  #logger(): Logger {
    const pass = (): void => {}
    const error = (fields: object): void => {
      // How many more there were of what it has logged already.
      if (!('left' in fields)) this.errors.push((fields as { err?: unknown }).err ?? fields)
    }
    return { trace: pass, debug: pass, info: pass, warn: pass, error }
  }
}

function endLast(spans: Span[], now: number): void {
  const last = spans.at(-1)
  if (last?.to === Infinity) last.to = now
}
