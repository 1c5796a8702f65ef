import type { Peer, ZreNode } from '@sleuth/zre'
import { isGo } from '../directory/instance.js'
import { errorResponse } from '../http/error-responses.js'
import { errorHeader, fieldOf, handleHeader, type Rejection } from '../http/own-headers.js'
import { byteString, escapeAlphabets } from '../http/text.js'
import { countDropped } from '../shared/drop.js'
import { reasonOf, sleuthError } from '../shared/errors.js'
import { inParts } from '../shared/in-parts.js'
import type { CheckedOptions } from '../shared/options.js'
import { Slab } from '../shared/slab.js'
import type { Counters } from '../shared/stats.js'
import { BufferedResponse, type Gathered } from '../transport/go/buffered-response.js'
import { delayForGo } from '../transport/go/reply-delay.js'
import type { IncomingWireRequest, WireRequest } from '../transport/go/request.js'
import { encodeResponse } from '../transport/go/response.js'
import type { RequestServer } from '../transport/router.js'
import { ServerStream } from '../transport/streams/server-stream.js'
import { FIELD_BYTES, type Session } from '../transport/streams/session.js'
import type { Sessions } from '../transport/streams/sessions.js'
import type { IncomingRequest } from '../transport/streams/types.js'
import type { AbortReason } from '../transport/transport.js'
import type { Logger, RequestListener } from '../types.js'
import { Admission } from './admission.js'
import { Dispatcher } from './dispatcher.js'
import type { Exchange } from './exchange.js'
import { filtered } from './filter.js'
import { constructorsFor } from './node-http/message-classes.js'
import { addressOf, callerOf } from './remote-caller.js'
import { RequestTimeout } from './request-timeout.js'
import type { Listener, RemoteCaller } from './types.js'

/** How long a handler may take, in milliseconds, before its exchange is freed: as `http.Server` gives a request. */
const handlerTime = 300_000

/** How long one that gives no sign keeps its place after its caller is gone, in milliseconds. */
const silentTime = 30_000

export interface ServingOptions {
  node: ZreNode
  sessions: Sessions
  service: string
  handler: RequestListener
  options: CheckedOptions
  counters: Counters
  log: Logger
}

/** A request of the first wire. */
interface Open {
  peer: string
  exchange: Exchange | undefined
}

/** Hands requests of both wires to the handler, and sees that each is answered. */
export class Server implements RequestServer {
  readonly #parts: ServingOptions
  readonly #dispatcher: Dispatcher
  readonly #maxBody: number
  readonly #open = new Slab<Open>()
  /** Requests of the second wire that are still coming in. */
  readonly #late: RequestTimeout
  readonly #places: Admission
  /** Requests whose answer is not complete, and waited for. */
  #inFlight = 0
  #draining = false
  /** By what the node knows of a peer, until it knows otherwise. */
  readonly #callers = new WeakMap<Peer, RemoteCaller>()
  #idle: (() => void) | undefined

  constructor(parts: ServingOptions) {
    const { node, service, handler, options, counters, log } = parts
    this.#parts = parts
    this.#places = new Admission({ counts: counters, pendingTime: handlerTime, silentTime })
    this.#late = new RequestTimeout(options.limits.requestTime, () => counters.dropped('slow-request'))
    // What `base64` makes of it must fit.
    this.#maxBody = Math.floor((Math.min(options.limits.message, options.limits.unzipped) * 3) / 4)
    const onError = (err: unknown) =>
      counters.warnings.write(log, 'error', { err }, 'the handler threw; the caller was answered with 500')
    this.#dispatcher = new Dispatcher({
      constructors: constructorsFor(handler),
      listener: this.#filtered(handler),
      service,
      local: addressOf(node.endpoint),
      timeout: handlerTime,
      limits: options.limits,
      onError,
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

  /** A request of the first wire. */
  serve(peer: Peer, request: IncomingWireRequest): void {
    const { options } = this.#parts
    const { method, url, headers, body, handle } = request
    // It counts what its peer has us keep, on either wire.
    const session = this.#parts.sessions.to(peer.id)
    const kept = keptBytes(request)
    const turned = this.#turned() ?? this.#tooMuch(session, peer, kept)
    if (turned !== null) {
      this.#turnAway(peer, request, turned)
      return
    }
    session.buffered += kept
    const open: Open = { peer: peer.id, exchange: undefined }
    const slot = this.#open.add(open)
    this.#inFlight++
    const place = this.#places.take(peer.id)
    const hold = delayForGo(peer)
    const gather = new BufferedResponse(method, this.#maxBody, (response, reason) =>
      hold(() => {
        session.buffered -= kept
        this.#open.delete(slot)
        if (reason !== 'hung-up') this.#reply(peer, handle, response, reason)
        this.#over()
      }),
    )
    const outcome = this.#dispatcher.dispatch(
      {
        method,
        // What is too long is refused as it is: to escape it would take long.
        url: url.length > options.limits.url ? url : escapeAlphabets(url),
        headers: headers.map(byteString),
        body: body.length === 0 ? null : body,
        caller: this.#callerOf(peer),
        place,
      },
      gather,
    )
    if (typeof outcome === 'string') {
      place.leave()
      throw sleuthError('SLEUTH_REQUEST_HTTP', { why: outcome })
    }
    this.#parts.counters.requests++
    open.exchange = outcome
  }

  /** A request of the second wire. */
  accept(session: Session, peer: Peer, request: IncomingRequest): void {
    const { counters } = this.#parts
    const { deadline, method, url, headers, body, end } = request
    const turned = this.#turned() ?? this.#tooMuch(session, peer, request.headBytes + body.length)
    if (turned !== null) {
      counters.refused++
      session.reset('service', request.stream, turned)
      return
    }
    this.#inFlight++
    const answering = new ServerStream(session, request, this.#answered)
    session.register(answering)
    const place = this.#places.take(peer.id)
    const outcome = this.#dispatcher.dispatch(
      {
        method,
        url,
        headers,
        body: end && body.length > 0 ? body : null,
        more: !end,
        caller: this.#callerOf(peer),
        deadline: deadline > 0 ? deadline : undefined,
        place,
      },
      answering,
    )
    if (typeof outcome === 'string') {
      place.leave()
      answering.unread()
      throw sleuthError('SLEUTH_REQUEST_HTTP', { why: outcome }).escalate('SLEUTH_REPL')
    }
    counters.requests++
    if (!end) this.#late.watch(answering)
    answering.begin(outcome)
  }

  #turned(): Rejection | null {
    if (this.#draining) return 'draining'
    return this.#parts.counters.inflight < this.#parts.options.maxInflight ? null : 'overloaded'
  }

  /** One peer takes no more than its share. */
  #tooMuch(session: Session, peer: Peer, bytes: number): Rejection | null {
    const { counters, options } = this.#parts
    const turned = this.#tooMany(peer, session.answering)
    if (turned !== null || session.buffered === 0 || session.buffered + bytes <= options.limits.buffered)
      return turned
    counters.dropped('peer-buffered')
    return 'overloaded'
  }

  /** `open`: streams whose request or answer is not complete. */
  #tooMany({ id }: Peer, open: number): Rejection | null {
    const { counters, options } = this.#parts
    const { streams } = options.limits
    if (this.#places.hasSpentResets(id)) counters.dropped('peer-resets')
    else if (open >= streams || this.#places.of(id) >= streams) counters.dropped('peer-streams')
    else return null
    return 'overloaded'
  }

  /** On the first wire. A Go caller sees a 503; one of ours knows by the handle that the answer is no handler's. */
  #turnAway(peer: Peer, { method, handle }: WireRequest, turned: Rejection): void {
    this.#parts.counters.refused++
    const { status, headers, body } = errorResponse(turned, method)
    headers.push('Retry-After', '1', handleHeader, handle)
    delayForGo(peer)(() => this.#send(peer, handle, { status, headers, body }, ignore))
  }

  readonly #answered = (cut: AbortReason | null): void => {
    const { counters, log } = this.#parts
    if (cut !== 'hung-up') counters.replies++
    if (cut === 'length') counters.dropped('content-length')
    if (cut !== null && cut !== 'hung-up')
      counters.warnings.warn(log, sleuthError('SLEUTH_REPL', { why: cut }))
    this.#over()
  }

  #callerOf(peer: Peer): RemoteCaller {
    let caller = this.#callers.get(peer)
    if (caller === undefined) {
      caller = callerOf(peer, this.#parts.options.group)
      this.#callers.set(peer, caller)
    }
    return caller
  }

  #reply(peer: Peer, handle: string, response: Gathered, reason: AbortReason | null): void {
    const { counters, log } = this.#parts
    if (reason !== null) counters.warnings.warn(log, sleuthError('SLEUTH_REPL', { why: reason }))
    // No handler's answer has a header of ours.
    if (!isGo(peer) && fieldOf(response.headers, errorHeader) !== undefined)
      response.headers.push(handleHeader, handle)
    this.#send(peer, handle, response, () => counters.replies++)
  }

  /** `sent` is called when it has left, which may be later. */
  #send(peer: Peer, handle: string, { status, headers, body }: Gathered, sent: () => void): void {
    const { sessions, options, counters, log } = this.#parts
    const failed = (cause: unknown) => {
      const values = { peer: peer.id, why: reasonOf(cause) }
      countDropped(sleuthError('SLEUTH_RESPONSE_WHISPER', values, { cause }), counters, log)
    }
    try {
      const content = encodeResponse(options.group, { handle, code: status, headers, body })
      sessions.to(peer.id).message(content, sent, failed)
    } catch (cause) {
      failed(cause)
    }
  }

  /** Whether a handler has a request to answer. */
  get busy(): boolean {
    return this.#inFlight > 0
  }

  /** The handlers that answer to it on the first wire see their caller hang up. */
  peerGone(peer: string): void {
    const left = this.#open.all().filter((open) => open.peer === peer)
    inParts(left, ({ exchange }) => exchange?.abort('hung-up'))
  }

  #over(): void {
    this.#inFlight--
    if (!this.busy) this.#idle?.()
  }

  /** From now on every request is refused. Resolves when none is in flight; those after `time` milliseconds are cut off. */
  async drain(time: number): Promise<void> {
    this.#draining = true
    if (!this.busy) return
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#idle = resolve
      if (time === Infinity) return
      timer = setTimeout(() => {
        this.#dispatcher.abort('closed')
        // What is left are answers that only wait for their caller to read: they end with the session.
        resolve()
      }, time)
    })
    clearTimeout(timer)
  }
}

function ignore(): void {}

/** What it takes to keep a request that came whole. */
function keptBytes({ url, headers, body }: IncomingWireRequest): number {
  let bytes = url.length + body.length + (headers.length / 2) * FIELD_BYTES
  for (const text of headers) bytes += text.length
  return bytes
}
