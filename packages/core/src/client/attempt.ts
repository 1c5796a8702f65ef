import type { Endpoint } from '../directory/endpoint.js'
import { contentLength } from '../http/headers.js'
import type { AbortLike } from '../shared/abort.js'
import type { AttemptCause } from '../shared/diagnostics.js'
import { isDebug } from '../shared/log.js'
import type { CheckedOptions } from '../shared/options/options.js'
import type { Counters } from '../shared/stats.js'
import type {
  BodySource,
  ClientTransport,
  CloseReason,
  RequestStream,
  ResponseBody,
  ResponseHandler,
} from '../transport/transport.js'
import type { Logger } from '../types.js'
import type { ReadBody, Streamed } from './body.js'
import type { Reply, Wires } from './call.js'
import { failureOf } from './errors.js'
import { hasHeader, isMeasured, receivedHeaders } from './headers.js'
import type { Target } from './target.js'

/** The call that an attempt is made for. */
export interface AttemptOwner {
  readonly target: Target
  readonly method: string
  readonly headers: readonly string[]
  readonly signal: AbortLike | null | undefined
  body: ReadBody | Streamed
  /** An attempt has begun to read the body, which is a stream. */
  opened: boolean
  /** Milliseconds until the caller gives up. `Infinity`: it never does. */
  readonly timeLeft: number
  /** Whether another instance can take a request that has not left. */
  goesElsewhere(): boolean
  onAnswered(attempt: Attempt, reply: Reply): void
  /** `retryElsewhere`: the instance failed, and another one may do better. */
  onFailed(attempt: Attempt, error: unknown, retryElsewhere: boolean): void
}

interface AttemptOptions {
  readonly wires: Wires
  readonly linkingWires: Wires
  readonly options: CheckedOptions
  readonly counters: Counters
  /** Undefined if the log never takes debug lines. */
  readonly debug: Logger | undefined
  readonly now: () => number
  readonly random: () => number
}

const empty = Buffer.alloc(0)

/** One request to one instance, on any wire. */
export class Attempt implements ResponseHandler {
  readonly endpoint: Endpoint
  /** It has not been answered, has not failed, and has not been given up. */
  pending = true
  /** The attempt that the call made before this one. */
  readonly before: Attempt | undefined
  readonly sentAt: number
  readonly cause: AttemptCause
  readonly #options: AttemptOptions
  readonly #call: AttemptOwner
  #stream: RequestStream | undefined
  /** The rest of the response, once its head has come. */
  #body: Buffer | ResponseBody | undefined
  #isCancelled = false
  /** The listener of the caller's signal, while the body of the response is on its way. */
  #abort: (() => void) | undefined

  constructor(
    options: AttemptOptions,
    endpoint: Endpoint,
    call: AttemptOwner,
    now: number,
    before: Attempt | undefined,
    cause: AttemptCause,
  ) {
    this.#options = options
    this.endpoint = endpoint
    this.#call = call
    this.sentAt = now
    this.before = before
    this.cause = cause
    endpoint.pending++
  }

  /** The request has left, and may have run. */
  get sent(): boolean {
    return this.#stream?.sent === true
  }

  /** Returns false if the attempt had ended before. */
  end(): boolean {
    if (!this.pending) return false
    this.pending = false
    this.endpoint.pending--
    return true
  }

  /** Throws if something is wrong with the call itself. */
  send(): void {
    const { body, headers, method, target, timeLeft } = this.#call
    const streamed = 'open' in body
    const { instance, isLinked } = this.endpoint
    const { wires, linkingWires, debug } = this.#options
    if (streamed && isLinked) this.#call.opened = true
    const length = streamed ? body.length : body.bytes.length
    this.#stream = ((isLinked ? wires : linkingWires)[instance.wire] as ClientTransport).request(
      instance,
      {
        deadline: timeLeft === Infinity ? 0 : Math.max(1, Math.floor(timeLeft)),
        method,
        url: target.url,
        headers,
        body: streamed ? (isLinked ? body.open : this.#openLater(body)) : body.bytes,
        // An empty body needs no length.
        length: length === 0 || hasHeader(headers, 'content-length') ? undefined : length,
      },
      this,
    )
    // The first chunk of a body that is read may have ended the call.
    if (this.#isCancelled) this.#stream.cancel()
    if (debug !== undefined && isDebug(debug)) this.#logSent(debug)
  }

  /** Without a link the body is not opened yet: if none can be made, another attempt may still read it. */
  #openLater({ open }: Streamed): () => BodySource {
    return () => {
      this.#call.opened = true
      return open()
    }
  }

  #logSent(debug: Logger): void {
    const { target, method } = this.#call
    const fields = { service: target.service, method, url: target.url, peer: this.endpoint.instance.name }
    debug.debug(fields, 'sleuth: request sent')
  }

  /** Nobody waits for its response any more, or wants the response that came. */
  cancel(): void {
    this.#isCancelled = true
    this.#stream?.cancel()
  }

  onBodyRead(bytes: Uint8Array): void {
    this.#call.body = { bytes, type: this.#call.body.type }
  }

  onResponse(status: number, message: string, given: string[], rest: Buffer | ResponseBody): void {
    const { method } = this.#call
    const { options, counters } = this.#options
    const measured = isMeasured(method, status)
    const isWhole = Buffer.isBuffer(rest)
    const length = isWhole && (measured || rest.length > 0) ? rest.length : undefined
    const headers = receivedHeaders(given, length, options.limits, counters)
    if (!Array.isArray(headers)) {
      this.cancel()
      this.#call.onFailed(this, headers, false)
      return
    }
    if (isWhole || measured) {
      this.#body = rest
      if (this.#call.signal) this.#listenTo(this.#call.signal)
      if (!isWhole) this.#stream?.expectLength(contentLength(headers) ?? Infinity)
    } else {
      this.#endEarly(method)
    }
    this.#call.onAnswered(this, {
      code: status,
      message,
      headers,
      body: this.#body as Buffer | ResponseBody,
    })
  }

  /** The call no longer listens. A body may still be on its way: that of the request, too, if the response is complete. */
  #listenTo(signal: AbortLike): void {
    const stream = this.#stream
    if (stream === undefined || stream.closed) return
    this.#abort = () => stream.abort(signal.reason)
    signal.addEventListener('abort', this.#abort)
  }

  /** The response is complete with its head, whenever its handler ends it. */
  #endEarly(method: string): void {
    this.#body = empty
    // `fetch` closes the connection. Otherwise a handler that streams would not end for HEAD.
    if (method === 'HEAD') this.cancel()
  }

  onError(reason: CloseReason, sent: boolean): void {
    const { target, method } = this.#call
    const body = this.#body
    const { error, retryElsewhere } = failureOf(reason, {
      peer: this.endpoint.instance.name,
      service: target.service,
      method,
      answered: body !== undefined,
      sent,
    })
    if (body === undefined) this.#call.onFailed(this, error, retryElsewhere)
    else if (reason.type === 'body') this.#stream?.abort(error)
    else if (!Buffer.isBuffer(body)) body.fail(error)
  }

  /** Its instance has failed. */
  recordFailure(): void {
    const { now, random } = this.#options
    this.endpoint.health.failed(now(), random())
  }

  /** Instances that were asked earlier and have not responded count as failed. */
  recordSlower(): void {
    for (let attempt = this.before; attempt !== undefined; attempt = attempt.before)
      if (attempt.pending) attempt.recordFailure()
  }

  goesElsewhere(): boolean {
    return this.#call.goesElsewhere()
  }

  onEnd(): void {
    if (this.#abort) this.#call.signal?.removeEventListener('abort', this.#abort)
  }
}

/** The endpoints of a call's attempts. Each attempt knows the one before it. */
export function endpointsOf(newest: Attempt | undefined): Endpoint[] {
  const endpoints: Endpoint[] = []
  for (let attempt = newest; attempt !== undefined; attempt = attempt.before) endpoints.push(attempt.endpoint)
  return endpoints
}

export function pendingEndpoints(newest: Attempt | undefined): Endpoint[] {
  const endpoints: Endpoint[] = []
  for (let attempt = newest; attempt !== undefined; attempt = attempt.before) {
    if (attempt.pending) endpoints.push(attempt.endpoint)
  }
  return endpoints
}

export function isPending(newest: Attempt | undefined): boolean {
  return oldestPending(newest) !== undefined
}

export function oldestPending(newest: Attempt | undefined): Attempt | undefined {
  let oldest: Attempt | undefined
  for (let attempt = newest; attempt !== undefined; attempt = attempt.before) {
    if (attempt.pending) oldest = attempt
  }
  return oldest
}

/** Whether a request that waits for its response has been sent, so that it may run now. */
export function isSent(newest: Attempt | undefined): boolean {
  for (let attempt = newest; attempt !== undefined; attempt = attempt.before) {
    if (attempt.pending && attempt.sent) return true
  }
  return false
}
