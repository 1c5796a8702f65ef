import { Slab } from '../shared/slab.js'
import { inParts } from '../shared/turns.js'
import type { AbortReason } from '../transport/transport.js'

/** Milliseconds that a handler may take to begin its response: as long as `http.Server` gives a request. */
export const HANDLER_TIME_MS = 300_000

/** It need not be short: as a rule, callers report themselves that a deadline has passed. */
const TURN_MS = 50

const HANDLER_TURNS = 1 + HANDLER_TIME_MS / TURN_MS

/** A turn that never comes. */
export const NEVER = Number.MAX_SAFE_INTEGER

/** A request in progress. */
export interface Timed {
  /** The response has begun. */
  readonly headed: boolean
  /** The response is complete, or may take as long as it likes. */
  readonly unlimited: boolean
  /** A part of the request has not come yet. */
  readonly receiving: boolean
  onTimeout(reason: AbortReason): void
  /** Its place in the registry, or `UNWATCHED`. */
  index: number
  /** The turns in which its times end. */
  deadlineTurn: number
  handlerTurn: number
  requestTurn: number
}

/** The index of a request that is not in the registry. */
export const UNWATCHED = -1

/**
 * The requests in progress. It ends those that take too long. One timer serves all of them. It reads no clock, and counts
 * times in its own turns, so a stall of the process ages no request by more than one turn.
 */
export class Timeouts {
  readonly #requestTime: number
  readonly #onSlow: () => void
  readonly #requests = new Slab<Timed>()
  #timer: NodeJS.Timeout | undefined
  #turn = 0

  /** `requestTime`: the milliseconds in which all of a request has to come, or `Infinity`. `onSlow`: a request was too slow. */
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

  /** The requests that are in progress at this moment. */
  all(): Timed[] {
    return this.#requests.all()
  }

  /** The current turn may end at once, so it does not count. */
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
