import type { Candidate } from './resolve.js'

/** Links that a seed is to lead to, if it leads to so many nodes: all others are met through them. */
const ENOUGH_LINKS = 3
/** Milliseconds after the first try in vain until the next, twice as long each time, */
const FIRST_DELAY_MS = 1000
/** and at most. */
const MAX_DELAY_MS = 30_000
/** Milliseconds after which a node that knows nobody asks for a name again the first time, then twice as long each time, */
const FIRST_ALONE_MS = 1000
/** and at most. */
const ALONE_MS = 10_000
/** And for a node that knows somebody. */
const USUAL_MS = 60_000

/** Milliseconds until an endpoint of our own is dialled again: when we move, it may become another's. */
const OWN_MS = 60_000

/** Whether a node is present that was met at an endpoint, or that is connected to there. */
export type IsLive = (endpoint: string, id: string | undefined) => boolean

/** When one seed is looked up and dialled. It has no clock and no chance of its own. */
export class SeedSchedule {
  readonly #random: () => number
  #candidates: readonly Candidate[] = []
  /** Endpoints that turned out to be our own, and until when that counts: a name may have our address among others. */
  readonly #own = new Map<string, number>()
  /** Who was met at an endpoint. With a virtual address it calls another endpoint its own. */
  readonly #met = new Map<string, string>()
  readonly #dialling = new Set<string>()
  /** Endpoints that were dialled in this round. */
  readonly #tried = new Set<string>()
  #resolvedAt = Number.NEGATIVE_INFINITY
  #nextDialAt = Number.NEGATIVE_INFINITY
  /** Since the node was not alone. */
  #lookups = 0
  #tries = 0

  /** `random`: as `Math.random`. */
  constructor(random: () => number) {
    this.#random = random
  }

  /** The name was never asked for. */
  get isNew(): boolean {
    return this.#resolvedAt === Number.NEGATIVE_INFINITY
  }

  /** Whether the name is to be asked for again. */
  mustResolve(now: number, alone: boolean): boolean {
    if (!alone) this.#lookups = 0
    const wait = alone ? Math.min(ALONE_MS, FIRST_ALONE_MS * 2 ** (this.#lookups - 1)) : USUAL_MS
    return now - this.#resolvedAt >= wait
  }

  /** The name is being asked for, which may take a while. */
  resolving(now: number): void {
    this.#resolvedAt = now
    this.#lookups++
  }

  /** Where the seed leads now. A place that is new is dialled at once. */
  resolved(candidates: readonly Candidate[], now: number): void {
    const before = new Set(this.#candidates.map(({ endpoint }) => endpoint))
    const after = new Set(candidates.map(({ endpoint }) => endpoint))
    this.#candidates = candidates
    for (const endpoint of this.#own.keys()) if (!after.has(endpoint)) this.#own.delete(endpoint)
    for (const endpoint of this.#met.keys()) if (!after.has(endpoint)) this.#met.delete(endpoint)
    if (candidates.some(({ endpoint }) => !before.has(endpoint))) this.#startOver(now)
  }

  /** Whom to dial now: no more than are missing, chosen by chance so that not all nodes burden the same. */
  dialsDue(now: number, isLive: IsLive): Candidate[] {
    const others = this.#candidates.filter(({ endpoint }) => now >= (this.#own.get(endpoint) ?? now))
    const idle = others.filter(({ endpoint }) => !isLive(endpoint, this.#met.get(endpoint)))
    const live = others.length - idle.length
    const missing = Math.min(ENOUGH_LINKS, others.length) - live
    if (missing <= 0) {
      this.#startOver(now)
      return []
    }
    if (now < this.#nextDialAt || this.#dialling.size > 0) return []
    const chosen = this.#choose(this.#untried(idle), missing)
    for (const { endpoint } of chosen) {
      this.#dialling.add(endpoint)
      this.#tried.add(endpoint)
    }
    this.#nextDialAt = now + this.#delay()
    if (idle.every(({ endpoint }) => this.#tried.has(endpoint))) this.#tries++
    return chosen
  }

  /** What came of a dial: the id of who is there, or that we are, or nobody. */
  dialled(endpoint: string, who: { readonly id: string } | 'own' | undefined, now: number): void {
    this.#dialling.delete(endpoint)
    if (who === 'own') this.#own.set(endpoint, now + OWN_MS)
    else if (who !== undefined) this.#met.set(endpoint, who.id)
  }

  /** A name may have many addresses at which nobody is any more. All are dialled once before any is dialled twice. */
  #untried(idle: readonly Candidate[]): readonly Candidate[] {
    const untried = idle.filter(({ endpoint }) => !this.#tried.has(endpoint))
    if (untried.length > 0) return untried
    this.#tried.clear()
    return idle
  }

  #startOver(now: number): void {
    this.#tried.clear()
    this.#tries = 0
    this.#nextDialAt = now
  }

  /** Many nodes lose a seed in one moment, and are not to come back to it in one moment. */
  #delay(): number {
    const delay = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#tries)
    return delay * (0.75 + this.#random() / 2)
  }

  #choose(candidates: readonly Candidate[], count: number): Candidate[] {
    const left = [...candidates]
    const chosen: Candidate[] = []
    while (chosen.length < count && left.length > 0) {
      chosen.push(...left.splice(Math.floor(this.#random() * left.length), 1))
    }
    return chosen
  }
}
