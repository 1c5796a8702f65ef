import { Slab } from '../shared/slab.js'
import { inParts } from '../shared/turns.js'
import type { AbortReason } from '../transport/transport.js'

/** How long a handler may take to begin its response, in milliseconds: as `http.Server` gives a request. */
export const HANDLER_TIME_MS = 300_000

/** Callers report a deadline that has passed themselves, as a rule. */
const TURN_MS = 50

const HANDLER_TURNS = 1 + HANDLER_TIME_MS / TURN_MS

/** A turn that never comes: still a small integer to V8. */
export const NEVER = Number.MAX_SAFE_INTEGER

/** A request in progress. */
export interface Timed {
  /** The response has begun. */
  readonly headed: boolean
  /** The response is complete, or may take as long as it likes. */
  readonly unlimited: boolean
  /** Not all of the request has come. */
  readonly receiving: boolean
  onTimeout(reason: AbortReason): void
  /** Its place in the registry, or `UNWATCHED`. */
  index: number
  /** The turns at which its times are over. */
  deadlineTurn: number
  handlerTurn: number
  requestTurn: number
}

/** The index of a request that is not in the registry. */
export const UNWATCHED = -1

/**
 * The requests in progress, and what ends those that take too long. One timer serves all of them, and reads no clock: times
 * are counted in its turns, so that a stall of the process ages no request by more than one.
 */
export class Timeouts {
  readonly #requestTime: number
  readonly #onSlow: () => void
  readonly #requests = new Slab<Timed>()
  #timer: NodeJS.Timeout | undefined
  #turn = 0

  /** `requestTime`: the milliseconds in which a request has to come to its end, or `Infinity`. `onSlow`: one did not. */
  constructor(requestTime: number, onSlow: () => void) {
    this.#requestTime = requestTime
    this.#onSlow = onSlow
  }

  /** `deadline`: the milliseconds after which the caller stops waiting for the head of the response. */
  add(request: Timed, deadline: number | undefined): void {
    request.index = this.#requests.add(request)
    request.handlerTurn = this.#turn + HANDLER_TURNS
    if (deadline !== undefined) request.deadlineTurn = this.#after(deadline)
    if (request.receiving) request.requestTurn = this.#after(this.#requestTime)
    this.#timer ??= this.#schedule()
  }

  remove(request: Timed): void {
    if (request.index === UNWATCHED) return
    this.#requests.delete(request.index)
    request.index = UNWATCHED
  }

  get size(): number {
    return this.#requests.size
  }

  /** Those that are in progress now. */
  all(): Timed[] {
    return this.#requests.all()
  }

  /** The turn in progress may end at once, so it does not count. */
  #after(milliseconds: number): number {
    return Math.min(NEVER, this.#turn + 1 + Math.ceil(milliseconds / TURN_MS))
  }

  #schedule(): NodeJS.Timeout {
    return setTimeout(() => this.#sweep(), TURN_MS).unref()
  }

  #sweep(): void {
    this.#turn++
    let isLimited = false
    const late: Timed[] = []
    for (const request of this.#requests.all()) {
      if (this.#exceeded(request) !== undefined) late.push(request)
      else isLimited ||= !request.unlimited || request.receiving
    }
    inParts(late, (request) => {
      const reason = this.#exceeded(request)
      if (reason === 'slow') this.#onSlow()
      if (reason !== undefined) request.onTimeout(reason)
    })
    this.#timer = isLimited ? this.#schedule() : undefined
  }

  #exceeded(request: Timed): AbortReason | undefined {
    if (request.index === UNWATCHED) return undefined
    if (request.deadlineTurn <= this.#turn && !request.headed) return 'client-disconnected'
    if (request.requestTurn <= this.#turn && request.receiving) return 'slow'
    return request.handlerTurn <= this.#turn && !request.unlimited ? 'timeout' : undefined
  }
}
