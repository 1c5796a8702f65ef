import type { Clock } from '../transport.js'
import type { Logger } from '../types.js'
import type { DialResult, DialTarget } from './dialler.js'
import { type Candidate, type Resolver, resolveSeed } from './resolve.js'
import type { LineSeed, Seed } from './seed.js'
import { parseSeedLines } from './seed-file.js'
import { type IsLive, SeedSchedule } from './seed-schedule.js'

export interface SeedsOptions {
  readonly seeds: readonly Seed[]
  readonly resolver: Resolver
  readonly clock: Clock
  readonly logger: Logger
  /** As `Math.random`. */
  random(): number
  /** The text of a file of seeds. */
  readFile(path: string): Promise<string>
  /** A seed has this address. */
  onAddress(address: string): void
  dial(target: DialTarget, done: (result: DialResult) => void): void
  /** Whether no node is present. */
  isAlone(): boolean
  /** As a function for one look at all peers. */
  live(): IsLive
}

/** Milliseconds between two looks while a seed leads to nobody, */
const BUSY_MS = 250
/** and else. */
const IDLE_MS = 1000
/** Milliseconds after which a file is read again. */
const FILE_MS = 10_000

interface Source {
  readonly seed: LineSeed
  readonly schedule: SeedSchedule
  resolving: Promise<void> | undefined
  /** Why it could not be looked up the last time, as it was logged. */
  problem: string | undefined
}

interface SeedFile {
  readonly path: string
  readAt: number
  reading: Promise<void> | undefined
  seeds: readonly LineSeed[]
  /** What the log said of it last. */
  problem: string | undefined
}

/** Looks up the seeds and dials whom they lead to, for as long as too few of them are linked to. */
export class Seeds {
  readonly #options: SeedsOptions
  readonly #files: SeedFile[]
  /** By the text of the seed, so that what is known of one is kept when its file is read again. */
  readonly #sources = new Map<string, Source>()
  #timer: unknown
  #closed = false

  constructor(options: SeedsOptions) {
    this.#options = options
    this.#files = options.seeds
      .filter((seed) => seed.kind === 'file')
      .map(({ path }) => {
        return { path, readAt: Number.NEGATIVE_INFINITY, reading: undefined, seeds: [], problem: undefined }
      })
    this.#setSources()
  }

  start(): void {
    this.#look()
  }

  close(): void {
    this.#closed = true
    this.#options.clock.clearTimeout(this.#timer)
  }

  /** Looks all names up now. */
  async refresh(): Promise<void> {
    const now = this.#options.clock.now()
    await Promise.all(this.#files.map((file) => this.#read(file, now)))
    await Promise.all(Array.from(this.#sources.values(), (source) => this.#resolve(source, now)))
  }

  #look(): void {
    if (this.#closed) return
    const { clock, isAlone, live } = this.#options
    const now = clock.now()
    const alone = isAlone()
    for (const file of this.#files) if (now - file.readAt >= FILE_MS) void this.#read(file, now)
    const isLive = live()
    let busy = false
    for (const source of this.#sources.values()) {
      if (source.schedule.mustResolve(now, alone)) void this.#resolve(source, now)
      busy = this.#dial(source, now, isLive) || busy
    }
    this.#timer = clock.setTimeout(() => this.#look(), busy || alone ? BUSY_MS : IDLE_MS)
  }

  /** Whether anyone was dialled. */
  #dial({ schedule }: Source, now: number, isLive: IsLive): boolean {
    const { dial, clock } = this.#options
    const due = schedule.dialsDue(now, isLive)
    for (const candidate of due) {
      dial(candidate, (result) => schedule.dialled(candidate.endpoint, result, clock.now()))
    }
    return due.length > 0
  }

  #resolve(source: Source, now: number): Promise<void> {
    source.schedule.resolving(now)
    source.resolving ??= this.#lookUp(source).finally(() => {
      source.resolving = undefined
    })
    return source.resolving
  }

  async #lookUp(source: Source): Promise<void> {
    const { resolver, clock, live } = this.#options
    const { seed, schedule } = source
    try {
      const candidates = await resolveSeed(seed, resolver)
      if (this.#closed) return
      this.#tell(source, seed.text, candidates.length === 0 ? 'it leads nowhere' : undefined)
      this.#allow(candidates)
      schedule.resolved(candidates, clock.now())
      this.#dial(source, clock.now(), live())
    } catch (error) {
      if (!this.#closed) this.#tell(source, seed.text, (error as Error).message)
    }
  }

  #allow(candidates: readonly Candidate[]): void {
    for (const { address } of candidates) this.#options.onAddress(address)
  }

  #read(file: SeedFile, now: number): Promise<void> {
    file.readAt = now
    file.reading ??= this.#readLines(file).finally(() => {
      file.reading = undefined
    })
    return file.reading
  }

  /** One that can't be read now may be on its way: what it said before counts until then. */
  async #readLines(file: SeedFile): Promise<void> {
    try {
      const { seeds, faults } = parseSeedLines(await this.#options.readFile(file.path))
      if (this.#closed) return
      const [fault] = faults
      this.#tell(file, file.path, fault && `line ${fault.line} ${fault.problem}`)
      file.seeds = seeds
      this.#setSources()
      for (const source of this.#sources.values()) {
        if (source.schedule.isNew) void this.#resolve(source, this.#options.clock.now())
      }
    } catch (error) {
      if (!this.#closed) this.#tell(file, file.path, (error as Error).message)
    }
  }

  #setSources(): void {
    const direct = this.#options.seeds.filter((seed) => seed.kind !== 'file')
    const wanted = new Map(
      [...direct, ...this.#files.flatMap(({ seeds }) => seeds)].map((seed) => [seed.text, seed]),
    )
    for (const text of this.#sources.keys()) if (!wanted.has(text)) this.#sources.delete(text)
    for (const [text, seed] of wanted) {
      if (this.#sources.has(text)) continue
      const schedule = new SeedSchedule(this.#options.random)
      this.#sources.set(text, { seed, schedule, resolving: undefined, problem: undefined })
    }
  }

  /** A line when something goes wrong, and one when it is right again. */
  #tell(of: { problem: string | undefined }, seed: string, problem: string | undefined): void {
    if (problem === of.problem) return
    const { logger } = this.#options
    of.problem = problem
    if (problem === undefined) logger.info({ seed }, 'zre: the seed can be used now')
    else logger.warn({ seed, problem }, 'zre: the seed can not be used; the node goes on and tries again')
  }
}
