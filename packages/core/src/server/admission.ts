import { Slab } from '../shared/slab.js'
import { ResetBudget } from './reset-budget.js'

/** What `stats()` tells of them. */
export interface AdmissionCounts {
  /** Requests that a handler has in hand. */
  inflight: number
  /** Those among them whose answer nobody waits for any more. */
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

/** What one peer has in hand here. */
interface Client {
  inflight: number
  readonly resets: ResetBudget
}

/** How many times within `silentTime` the ages of abandoned places are looked at. */
const TURNS = 8

/** Peers that are remembered before those are forgotten of which nothing has to be remembered. */
const KEPT_CLIENTS = 1024

/**
 * The requests that handlers have in hand. A request that is given up does not stop its handler, so its place is not free
 * until the handler is done with its response: else whoever asks and gives up, again and again, has any number of them running.
 */
export class Admission {
  readonly counts: AdmissionCounts
  readonly #now: () => number
  /** By id, not by connection: who vanishes and comes back finds what it has left. */
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

  /** How many a peer holds. */
  of(peer: string): number {
    return this.#clients.get(peer)?.inflight ?? 0
  }

  /** Whether a peer has given up so many requests that it has to wait before it may ask again. */
  hasSpentResets(peer: string): boolean {
    return this.#clients.get(peer)?.resets.isSpent === true
  }

  acquire(peer: string): Place {
    return new Place(this, this.#clients.get(peer) ?? this.#add(peer))
  }

  /** Nobody waits for the answer, and the handler may go on. `pending`: its promise will tell when it is done. */
  abandon(place: Place, pending: boolean): void {
    if (place.free) return
    place.lastTurn = this.#turn + (pending ? this.#pendingTurns : TURNS)
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

  /** One timer for all, and no clock, so that a stall of the process ages none by more than one turn. */
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

/** That of one request. */
export class Place {
  readonly client: Client
  readonly #places: Admission
  free = false
  /** Where it is kept while it is abandoned, and until when. */
  slot: number | undefined
  lastTurn = 0

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
    this.leave()
  }

  /** Its caller has given the request up. */
  reset(): void {
    this.client.resets.spend()
  }

  abandon(pending: boolean): void {
    this.#places.abandon(this, pending)
  }

  leave(): void {
    this.#places.free(this)
  }
}
