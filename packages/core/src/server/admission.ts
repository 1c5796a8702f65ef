import { Slab } from '../shared/slab.js'
import type { AbortReason } from '../transport/transport.js'

/** The counts that `stats()` shows. */
export interface AdmissionCounts {
  /** Requests that handlers work on. */
  inflight: number
  /** Those of them whose response nobody waits for. */
  abandoned: number
}

export interface AdmissionOptions {
  readonly counts: AdmissionCounts
  /** Milliseconds that a handler whose promise is pending keeps its place after its caller is gone. */
  readonly pendingTime: number
  /** The same for a handler of which nothing is known but that it has not ended its response. */
  readonly silentTime: number
  readonly now?: () => number
}

/** One peer: the requests that handlers work on for it, and its budget of resets. */
export interface Client {
  inflight: number
  /** What is left of it says whether the peer has given up so many requests that it has to wait. */
  readonly resets: ResetBudget
}

/** Sweeps of the abandoned places within `silentTime`. */
const TURNS = 8

/** Above this number of peers, those without requests and with a full budget are forgotten. */
const KEPT_CLIENTS = 1024

/**
 * Counts the requests that handlers work on. A caller that gives up does not stop its handler, so a place is free only when
 * the handler is done with its response. Else a peer that asks and gives up, again and again, has any number of handlers running.
 */
export class Admission {
  readonly counts: AdmissionCounts
  readonly #now: () => number
  /** By id, not by connection: a peer that vanishes and comes back still has its places. */
  readonly #clients = new Map<string, Client>()
  readonly #abandoned = new Slab<Place>()
  readonly #turnTime: number
  readonly #pendingTurns: number
  #turn = 0
  #timer: NodeJS.Timeout | undefined
  #sweepAt = KEPT_CLIENTS

  constructor({ counts, pendingTime, silentTime, now = () => performance.now() }: AdmissionOptions) {
    this.counts = counts
    this.#now = now
    this.#turnTime = silentTime / TURNS
    this.#pendingTurns = Math.ceil(pendingTime / this.#turnTime)
  }

  /** How many peers are remembered. */
  get known(): number {
    return this.#clients.size
  }

  client(peer: string): Client {
    return this.#clients.get(peer) ?? this.#add(peer)
  }

  /** Nobody waits for the answer, and the handler may go on. */
  abandon(place: Place): void {
    if (place.free) return
    place.lastTurn = this.#turn + (place.pending ? this.#pendingTurns : TURNS)
    if (place.slot !== undefined) return
    place.slot = this.#abandoned.add(place)
    this.counts.abandoned++
    this.#timer ??= this.#schedule()
  }

  /** The handler is done with its response, or has had the time that it gets. */
  free(place: Place): void {
    if (place.free) return
    place.free = true
    place.client.inflight--
    this.counts.inflight--
    if (place.slot === undefined) return
    this.#abandoned.delete(place.slot)
    this.counts.abandoned--
  }

  /** One timer serves all, and reads no clock, so that a stall of the process ages no place by more than one turn. */
  #schedule(): NodeJS.Timeout {
    return setTimeout(() => this.#sweep(), this.#turnTime).unref()
  }

  #sweep(): void {
    this.#turn++
    for (const place of this.#abandoned.all()) if (place.lastTurn < this.#turn) this.free(place)
    this.#timer = this.#abandoned.size > 0 ? this.#schedule() : undefined
  }

  #add(peer: string): Client {
    if (this.#clients.size >= this.#sweepAt) {
      for (const [id, { inflight, resets }] of this.#clients) {
        if (inflight === 0 && resets.isFull) this.#clients.delete(id)
      }
      this.#sweepAt = Math.max(KEPT_CLIENTS, 2 * this.#clients.size)
    }
    const client = { inflight: 0, resets: new ResetBudget(this.#now) }
    this.#clients.set(peer, client)
    return client
  }
}

/** The handler ended the response itself, or has used its time up. */
const byHandler = new Set<AbortReason>(['destroyed', 'failed', 'timeout'])

const byCaller = new Set<AbortReason>(['client-disconnected', 'length', 'slow'])

/** The place of one request. */
export class Place {
  readonly client: Client
  readonly #places: Admission
  free = false
  /** Its index among the abandoned places, and the turn after which it is freed. */
  slot: number | undefined
  lastTurn = 0
  /** The promise that the listener returned is not settled. */
  pending = false

  constructor(places: Admission, client: Client) {
    this.#places = places
    this.client = client
    places.counts.inflight++
    client.inflight++
  }

  /** The handler has answered. */
  answered(): void {
    if (this.free) return
    this.client.resets.earn()
    this.#places.free(this)
  }

  /** The response is given up. The place is free when the handler is done with it. */
  aborted(reason: AbortReason, isDone: boolean): void {
    if (byCaller.has(reason)) this.client.resets.spend()
    if (isDone || byHandler.has(reason)) this.leave()
    else this.abandon()
  }

  abandon(): void {
    this.#places.abandon(this)
  }

  leave(): void {
    this.#places.free(this)
  }
}

/** nghttp2's defaults, and Node's (`streamResetBurst`, `streamResetRate`), since CVE-2023-44487. */
const BURST = 1000
const PER_SECOND = 33

/**
 * How many requests one peer may still give up before they are answered. Each answer earns one back, so only a peer that
 * mostly gives up runs out.
 */
export class ResetBudget {
  readonly #now: () => number
  #left = BURST
  #countedAt: number

  /** `now`: milliseconds on a clock that never goes back. */
  constructor(now: () => number) {
    this.#now = now
    this.#countedAt = now()
  }

  /** A request was answered. */
  earn(): void {
    if (this.#left < BURST) this.#left++
  }

  /** A request was given up. */
  spend(): void {
    this.#refill()
    if (this.#left > 0) this.#left--
  }

  get isSpent(): boolean {
    if (this.#left >= 1) return false
    this.#refill()
    return this.#left < 1
  }

  /** As good as new: it need not be remembered. */
  get isFull(): boolean {
    this.#refill()
    return this.#left === BURST
  }

  #refill(): void {
    const now = this.#now()
    this.#left = Math.min(BURST, this.#left + ((now - this.#countedAt) * PER_SECOND) / 1000)
    this.#countedAt = now
  }
}
