import type { Server } from 'node:http'
import { setDeadline } from '../shared/deadline.js'
import { inParts } from '../shared/in-parts.js'
import type { HeadLimits } from '../shared/limits.js'
import { Slab } from '../shared/slab.js'
import type { AbortReason, ResponseSink } from '../transport/transport.js'
import { Exchange, type Host } from './exchange.js'
import { appServer } from './node-http/app-server.js'
import { BodyEnds } from './node-http/body-ends.js'
import { type Constructors, constructorsFor } from './node-http/message-classes.js'
import { SocketPool } from './node-http/socket-pool.js'
import { requestHead } from './request-head.js'
import { sendErrorResponse } from './send-error.js'
import type { AdmittedRequest, Listener, Local, Refusal } from './types.js'

export interface DispatcherOptions {
  readonly listener: Listener
  /** For a listener that stands before another: those of the other. */
  readonly constructors?: Constructors
  /** The service's name: the `host` of a request that brings none. */
  readonly service: string
  readonly local: Local
  /** Default: see `headLimits`. */
  readonly limits?: HeadLimits
  /** Milliseconds that a handler has to finish its response; up to an eighth more may pass. */
  readonly timeout: number
  /** The listener threw, or its promise was rejected. The caller has been, or is being, answered with 500. */
  readonly onError: (error: unknown, exchange: Exchange) => void
}

/** Milliseconds between looks for those whose caller does not wait any more. It says so itself, as a rule. */
const deadlinePause = 50

/** How many times within the limit the ages of exchanges are looked at. */
const turnsPerTimeout = 8

/** Hands requests to the listener, and knows those whose reply is still to come. */
export class Dispatcher implements Host {
  readonly server: Server
  readonly local: Local
  readonly constructors: Constructors
  readonly sockets = new SocketPool()
  readonly bodyEnds = new BodyEnds()
  readonly #options: DispatcherOptions
  readonly #open = new Slab<Exchange>()
  #timer: NodeJS.Timeout | null = null
  #deadlineTimer: NodeJS.Timeout | null = null
  #deadlineTurn = 0
  #turn = 0
  #loopTurn = 0
  #isCounted = false

  constructor(options: DispatcherOptions) {
    this.server = appServer(options.listener)
    this.local = options.local
    this.constructors = options.constructors ?? constructorsFor(options.listener)
    this.#options = options
  }

  get loopTurn(): number {
    if (!this.#isCounted) {
      this.#isCounted = true
      setImmediate(nextTurn, this)
    }
    return this.#loopTurn
  }

  /** To be called when a turn that was counted is over. */
  nextTurn(): void {
    this.#isCounted = false
    this.#loopTurn++
  }

  /** Requests whose reply is still to come. */
  get size(): number {
    return this.#open.size
  }

  /** Each request gets exactly one reply: from the listener, or from here if it never gets there. */
  dispatch(inbound: AdmittedRequest, reply: ResponseSink): Exchange | Refusal {
    const head = requestHead(inbound, this.#options.service, this.#options.limits)
    if (typeof head === 'string') {
      sendErrorResponse(reply, head, inbound.method)
      return head
    }
    const exchange = new Exchange(head, inbound, reply, this)
    exchange.turn = this.#turn
    if (inbound.deadline !== undefined) {
      setDeadline(exchange.req, performance.now() + inbound.deadline)
      exchange.lastTurn = this.#deadlineTurn + Math.ceil(inbound.deadline / deadlinePause) + 1
      this.#deadlineTimer ??= this.#watchDeadlines()
    }
    exchange.slot = this.#open.add(exchange)
    this.#timer ??= this.#schedule()
    exchange.start(inbound.body, inbound.more === true)
    return exchange
  }

  /** Ends every exchange that is still open, with a reply that says why. */
  abort(reason: AbortReason): void {
    for (const exchange of this.#open.all()) exchange.abort(reason)
  }

  failed(error: unknown, exchange: Exchange): void {
    this.#options.onError(error, exchange)
  }

  settled(exchange: Exchange): void {
    this.#open.delete(exchange.slot)
  }

  /**
   * One timer for all, and no clock: an exchange's age is counted in turns of it, so a stall of the process
   * ages none by more than one.
   */
  #schedule(): NodeJS.Timeout {
    return setTimeout(() => this.#sweep(), this.#options.timeout / turnsPerTimeout).unref()
  }

  /** One timer for all: its turns are counted, as those of the sweep below are. */
  #watchDeadlines(): NodeJS.Timeout {
    return setTimeout(() => this.#sweepDeadlines(), deadlinePause).unref()
  }

  #sweepDeadlines(): void {
    this.#deadlineTurn += 1
    let bound = false
    const late: Exchange[] = []
    for (const exchange of this.#open.all()) {
      if (exchange.headed) continue
      if (exchange.lastTurn <= this.#deadlineTurn) late.push(exchange)
      else if (exchange.lastTurn < Infinity) bound = true
    }
    inParts(late, (exchange) => {
      if (!exchange.headed) exchange.abort('hung-up')
    })
    this.#deadlineTimer = bound ? this.#watchDeadlines() : null
  }

  #sweep(): void {
    this.#turn += 1
    const old = this.#open.all().filter((exchange) => this.#turn - exchange.turn > turnsPerTimeout)
    inParts(old, (exchange) => {
      if (!exchange.streaming) exchange.abort('timeout')
    })
    this.#timer = this.#open.size > 0 ? this.#schedule() : null
  }
}

function nextTurn(dispatcher: Dispatcher): void {
  dispatcher.nextTurn()
}
