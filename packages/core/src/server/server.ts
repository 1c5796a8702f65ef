import type { Server as HttpServer } from 'node:http'
import type { Peer, ZreNode } from '@sleuth/zre'
import type { Rejection } from '../http/headers.js'
import { type RequestMessage, requestChannel } from '../shared/diagnostics.js'
import { LAST_SLOT, SLOTS_PER_MS } from '../shared/durations.js'
import { sleuthError } from '../shared/errors.js'
import { deadlineMark } from '../shared/marks.js'
import type { CheckedOptions } from '../shared/options/options.js'
import { type Counters, countDropped } from '../shared/stats.js'
import type { AbortReason, IncomingRequest, RequestServer, ResponseSink } from '../transport/transport.js'
import type { Logger, RequestListener } from '../types.js'
import { Admission, type Client, Place } from './admission.js'
import { Exchange } from './exchange.js'
import type { AnsweredExchange, ExchangeHost } from './exchange-host.js'
import { filtered } from './listener.js'
import { appServer } from './node-http/app-server.js'
import { BodyEnds } from './node-http/body-ends.js'
import { type MessageClasses, messageClassesFor } from './node-http/messages.js'
import { SocketPool } from './node-http/socket.js'
import { addressOf, callerOf } from './remote-caller.js'
import { requestHead } from './request-head.js'
import { sendErrorResponse } from './send-error.js'
import { HANDLER_TIME_MS, Timeouts } from './timeouts.js'
import type { Listener, Local, RemoteCaller } from './types.js'

/** Milliseconds that a handler that gives no sign keeps its place after its caller is gone. */
const SILENT_TIME_MS = 30_000

export interface ServerOptions {
  node: ZreNode
  service: string
  handler: RequestListener
  options: CheckedOptions
  counters: Counters
  log: Logger
  /** Undefined if the service is always ready. */
  readiness?: { readonly refuses: boolean } | undefined
}

/** Gives requests to the app, and makes sure that each has one response. It knows no wire. */
export class Server implements RequestServer, ExchangeHost {
  readonly httpServer: HttpServer
  readonly local: Local
  readonly messageClasses: MessageClasses
  readonly sockets = new SocketPool()
  readonly bodyEnds = new BodyEnds()
  readonly timeouts: Timeouts
  readonly #parts: ServerOptions
  readonly #admission: Admission
  /** The node makes a new `Peer` when it learns something new of a peer. */
  readonly #callers = new WeakMap<Peer, RemoteCaller>()
  /** The number of requests whose response the wire has not carried to its end. */
  #inFlight = 0
  #draining = false
  #idle: (() => void) | undefined
  #loopTurn = 0
  #isTurnCounted = false

  constructor(parts: ServerOptions) {
    const { node, handler, options, counters } = parts
    this.#parts = parts
    this.httpServer = appServer(this.#filtered(handler))
    this.local = addressOf(node.endpoint)
    this.messageClasses = messageClassesFor(handler)
    this.timeouts = new Timeouts(options.limits.requestTime, () => counters.dropped('slow-request'))
    this.#admission = new Admission({
      counts: counters,
      pendingTime: HANDLER_TIME_MS,
      silentTime: SILENT_TIME_MS,
    })
  }

  #filtered(handler: RequestListener): Listener {
    const { options, counters, log } = this.#parts
    if (options.filter === undefined) return handler
    return filtered(handler, options.filter, (thenable) => {
      counters.dropped('filter')
      if (thenable) counters.warnings.warn(log, sleuthError('SLEUTH_FILTER'))
    })
  }

  accept(peer: Peer, request: IncomingRequest, sink: ResponseSink): void {
    const { service, options, counters, log } = this.#parts
    const client = this.#admission.client(peer.id)
    const rejection = this.#rejection(client, request)
    if (rejection !== undefined) {
      counters.refused++
      if (requestChannel.hasSubscribers) this.#publishRefused(peer, rejection)
      sink.reject(rejection)
      return
    }
    const head = requestHead(request, service, options.limits)
    if (typeof head === 'string') {
      sendErrorResponse(sink, head, request.method)
      sink.unread?.()
      counters.replies++
      countDropped(sleuthError('SLEUTH_REQUEST_HTTP', { why: head }).escalate('SLEUTH_REPL'), counters, log)
      return
    }
    counters.requests++
    this.#inFlight++
    const { body, more = false, deadline } = request
    const place = new Place(this.#admission, client)
    const caller = this.#callerOf(peer)
    caller.counts.requests++
    const exchange = new Exchange(head, { caller, place, more }, sink, this)
    sink.begin(exchange)
    if (deadline !== undefined) exchange.req[deadlineMark] = exchange.startedAt + deadline
    this.timeouts.add(exchange, deadline)
    exchange.start(body)
  }

  #publishRefused(peer: Peer, refused: Rejection): void {
    const { service } = this.#parts
    const message = { service, peer: this.#callerOf(peer).peer, duration: 0, refused }
    requestChannel.publish(message satisfies RequestMessage)
  }

  #rejection({ inflight, resets }: Client, { excess }: IncomingRequest): Rejection | undefined {
    const { counters, options, readiness } = this.#parts
    if (this.#draining) return 'draining'
    if (readiness?.refuses) {
      counters.dropped('unready')
      return 'overloaded'
    }
    if (counters.inflight >= options.maxInflight) return 'overloaded'
    // One peer gets no more than its share.
    if (resets.isSpent) counters.dropped('peer-resets')
    else if (inflight >= options.limits.streams) counters.dropped('peer-streams')
    else if (excess !== undefined) counters.dropped(excess)
    else return undefined
    return 'overloaded'
  }

  #callerOf(peer: Peer): RemoteCaller {
    let caller = this.#callers.get(peer)
    if (caller === undefined) {
      caller = callerOf(peer, this.#parts.options.group, this.#parts.counters.callers)
      this.#callers.set(peer, caller)
    }
    return caller
  }

  failed(err: unknown): void {
    const { counters, log } = this.#parts
    counters.warnings.write(log, 'error', { err }, 'the handler threw; the caller was answered with 500')
  }

  answered(exchange: AnsweredExchange, reason: AbortReason | null): void {
    const { counters, log } = this.#parts
    if (reason === 'refused') counters.refused++
    else if (reason !== 'client-disconnected') {
      counters.replies++
      if (reason === 'length') counters.dropped('content-length')
      if (reason !== null) counters.warnings.warn(log, sleuthError('SLEUTH_REPL', { why: reason }))
    }
    const duration = performance.now() - exchange.startedAt
    const { requestDurations } = counters
    const slot = Math.min(LAST_SLOT, 32 - Math.clz32(duration * SLOTS_PER_MS))
    ;(requestDurations.slots[slot] as number)++
    requestDurations.sum += duration
    const { counts } = exchange.caller
    ;(counts.slots[slot] as number)++
    counts.sum += duration
    if (reason === null) {
      const status = exchange.failed ? 500 : exchange.res.statusCode
      ;(counts.statuses[Math.floor(status / 100)] as number)++
    } else if (exchange.headed || reason === 'client-disconnected') counts.aborted++
    else (counts.statuses[reason === 'slow' || reason === 'length' ? 4 : 5] as number)++
    this.#inFlight--
    if (requestChannel.hasSubscribers) this.#publish(exchange, reason, duration)
    if (this.#inFlight === 0) this.#idle?.()
  }

  #publish({ req, res, caller }: AnsweredExchange, reason: AbortReason | null, duration: number): void {
    requestChannel.publish({
      service: this.#parts.service,
      peer: caller.peer,
      request: req,
      response: res,
      duration,
      aborted: reason ?? undefined,
    } satisfies RequestMessage)
  }

  /** Whether a caller waits for a response. */
  get busy(): boolean {
    return this.#inFlight > 0
  }

  get loopTurn(): number {
    if (!this.#isTurnCounted) {
      this.#isTurnCounted = true
      setImmediate(() => {
        this.#isTurnCounted = false
        this.#loopTurn++
      })
    }
    return this.#loopTurn
  }

  /** Rejects every new request. Resolves when none is in flight. After `time` milliseconds it aborts those that are left. */
  async drain(time: number): Promise<void> {
    this.#draining = true
    if (!this.busy) return
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#idle = resolve
      if (time === Infinity) return
      timer = setTimeout(() => {
        this.abort('closed')
        // The responses that are left wait for their caller to read them. They end with the session.
        resolve()
      }, time)
    })
    clearTimeout(timer)
  }

  /** Ends every request in progress. */
  abort(reason: AbortReason): void {
    for (const request of this.timeouts.all()) request.onTimeout(reason)
  }
}
