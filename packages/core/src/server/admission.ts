import { Slab } from '../shared/slab.js'
import type { AbortReason } from '../transport/transport.js'

/** The counts that `stats()` shows. */
export interface AdmissionCounts {
  /** The requests that handlers work on. */
  inflight: number
  /** The requests among them whose caller is gone. */
  abandoned: number
}

export interface AdmissionOptions {
  readonly counts: AdmissionCounts
  /** Milliseconds that a handler whose promise is pending keeps its place after its caller is gone. */
  readonly pendingTime: number
  /** The same for a handler that gives no sign at all, but has not ended its response. */
  readonly silentTime: number
  readonly now?: () => number
}

/** One peer: the number of its requests that handlers work on, and its budget of resets. */
export interface Client {
  inflight: number
  /** A peer that has spent it has given up too many requests, and has to wait. */
  readonly resets: ResetBudget
}

/** How often the abandoned places are swept within `silentTime`. */
const TURNS = 8

/** Above this number, peers that have no requests and a full budget are forgotten. */
const KEPT_CLIENTS = 1024

/**
 * Counts the requests that handlers work on. A caller that gives up does not stop its handler, so a place is free only when
 * the handler is done with its response. Otherwise a peer that asks and gives up, again and again, would keep any number of
 * handlers running.
 */
export class Admission {
  readonly counts: AdmissionCounts
  readonly #now: () => number
  /** By id, and not by connection: a peer that vanishes and comes back keeps its places. */
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

  /** The number of peers that it remembers. */
  get known(): number {
    return this.#clients.size
  }

  client(peer: string): Client {
    return this.#clients.get(peer) ?? this.#add(peer)
  }

  /** The caller is gone, and the handler may go on. */
  abandon(place: Place): void {
    if (place.free) return
    place.lastTurn = this.#turn + (place.pending ? this.#pendingTurns : TURNS)
    if (place.slot !== undefined) return
    place.slot = this.#abandoned.add(place)
    this.counts.abandoned++
    this.#timer ??= this.#schedule()
  }

  /** The handler is done with its response, or has used up its time. */
  free(place: Place): void {
    if (place.free) return
    place.free = true
    place.client.inflight--
    this.counts.inflight--
    if (place.slot === undefined) return
    this.#abandoned.delete(place.slot)
    this.counts.abandoned--
  }

  /** One timer serves all places. It reads no clock, so a stall of the process ages no place by more than one turn. */
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

/** Reasons by which the handler has ended: it ended the response itself, or has used up its time. */
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
  /** The listener has returned a promise that is not settled. */
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

  /** The response has ended too early. The place is free when the handler is done with it. */
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

/** The defaults of nghttp2 and Node (`streamResetBurst`, `streamResetRate`) since CVE-2023-44487. */
const BURST = 1000
const PER_SECOND = 33

/**
 * The number of requests that one peer may still give up before it has their response. Each response earns one back, so
 * only a peer that gives up most of its requests runs out.
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

  /** A request got its response. */
  earn(): void {
    if (this.#left < BURST) this.#left++
  }

  /** The peer gave a request up. */
  spend(): void {
    this.#refill()
    if (this.#left > 0) this.#left--
  }

  get isSpent(): boolean {
    if (this.#left >= 1) return false
    this.#refill()
    return this.#left < 1
  }

  /** A full budget need not be remembered. */
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
