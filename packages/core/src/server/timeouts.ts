import { inParts } from '../shared/in-parts.js'
import { Slab } from '../shared/slab.js'
import type { AbortReason } from '../transport/transport.js'

/** How long a handler may take to begin its response, in milliseconds: as `http.Server` gives a request. */
export const HANDLER_TIME_MS = 300_000

/** Callers report a deadline that has passed themselves, as a rule. */
const TURN_MS = 50

/** A turn that never comes: still a small integer to V8. */
const NEVER = 2 ** 30

/** A request in progress. */
export interface Timed {
  /** The response has begun. */
  readonly headed: boolean
  /** The response is complete, or may take as long as it likes. */
  readonly unlimited: boolean
  /** Not all of the request has come. */
  readonly receiving: boolean
  onTimeout(reason: AbortReason): void
  limits: Limits | undefined
}

/** The turns at which the times of a request are over, and its place in the registry. */
export interface Limits {
  index: number
  readonly deadline: number
  readonly handler: number
  readonly request: number
}

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
    request.limits = {
      index: this.#requests.add(request),
      deadline: deadline === undefined ? NEVER : this.#after(deadline),
      handler: this.#after(HANDLER_TIME_MS),
      request: request.receiving ? this.#after(this.#requestTime) : NEVER,
    }
    this.#timer ??= this.#schedule()
  }

  remove(request: Timed): void {
    if (request.limits === undefined) return
    this.#requests.delete(request.limits.index)
    request.limits = undefined
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
    const { limits } = request
    if (limits === undefined) return undefined
    if (limits.deadline <= this.#turn && !request.headed) return 'client-disconnected'
    if (limits.request <= this.#turn && request.receiving) return 'slow'
    return limits.handler <= this.#turn && !request.unlimited ? 'timeout' : undefined
  }
}
