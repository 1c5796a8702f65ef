import type { Endpoint } from '../directory/endpoint.js'
import { contentLength } from '../http/content-length.js'
import type { RawHeaders } from '../http/text.js'
import { reasonOf, sleuthError } from '../shared/errors.js'
import type { CheckedOptions } from '../shared/options.js'
import type {
  Answer,
  ClientStream,
  ClientStreamEvents,
  CloseReason,
} from '../transport/streams/client-stream.js'
import { MAX_HEAD, type ResetName } from '../transport/streams/format.js'
import type { SendWindow } from '../transport/streams/send-window.js'
import type { Sessions } from '../transport/streams/sessions.js'
import type { Attempt, AttemptOwner } from './attempt.js'
import { bodyError, isStreamed, type ReadBody, type Streamed } from './body.js'
import type { Source } from './body-source.js'
import { hasHeader, typedHeaders } from './headers.js'
import { isIdempotent } from './idempotent.js'
import { isRefusal, refusalError } from './rejection.js'
import { headError, isMeasured, receivedHeaders } from './response-headers.js'

const reasons: Record<ResetName, string> = {
  cancelled: 'it cancelled the call',
  destroyed: 'its handler destroyed the request or the response',
  failed: 'its handler failed after the response had begun',
  timeout: 'its handler did not answer in time',
  closed: 'it closed',
  protocol: 'a protocol error occurred',
  lost: 'a part of the call could not be sent',
  draining: 'it is shutting down',
  overloaded: 'it is at capacity',
}

const nothing = Buffer.alloc(0)

export interface Streams {
  readonly sessions: Sessions
  readonly options: CheckedOptions
}

/** A call over the second wire: its body goes as it comes. */
export class StreamAttempt implements Attempt, ClientStreamEvents {
  readonly member: Endpoint
  pending = true
  before: Attempt | undefined
  readonly #streams: Streams
  readonly #call: AttemptOwner
  #calling: ClientStream | undefined
  #stopReading: (() => void) | undefined
  /** Listens to the caller's signal while the body of the answer is on its way. */
  #abort: (() => void) | undefined
  #elsewhere = false

  constructor(streams: Streams, member: Endpoint, call: AttemptOwner) {
    this.#streams = streams
    this.member = member
    this.#call = call
  }

  get sent(): boolean {
    return this.#calling?.sent === true
  }

  send(): void {
    const { body, method, target, timeLeft } = this.#call
    const streamed = isStreamed(body)
    const request = {
      deadline: timeLeft === Infinity ? 0 : Math.max(1, Math.floor(timeLeft)),
      method,
      url: target.url,
      headers: headersWith(this.#call.headers, body),
      body: streamed ? null : body.bytes,
    }
    const calling = this.#streams.sessions.to(this.member.instance.id).call(request, this)
    if (calling === undefined) throw headTooLarge()
    this.#calling = calling
    if (!streamed) return
    this.#call.opened = true
    this.#stopReading = pump(body, calling.sender, (error) => {
      const problem = bodyError(error, calling.sent)
      this.#call.failed(this, problem, false)
      calling.abort(problem)
    })
  }

  cancel(): void {
    this.#calling?.cancel()
  }

  answer({ status, headers, body: given }: Answer): void {
    const { signal, method } = this.#call
    const calling = this.#calling
    const problem = headError(headers, this.#streams.options.limits, this.#call)
    if (problem !== undefined) {
      calling?.cancel()
      this.#call.failed(this, problem, false)
      return
    }
    // Complete with its head, whenever its handler ends it.
    const isEarly = !Buffer.isBuffer(given) && !isMeasured(method, status)
    const body = isEarly ? nothing : given
    // From here on the waiter does not listen any more.
    if (signal && calling && !calling.over && !isEarly) {
      this.#abort = () => calling.abort(signal.reason)
      signal.addEventListener('abort', this.#abort)
    }
    // As `fetch` closes the connection: a handler that streams would not end for HEAD.
    if (isEarly && method === 'HEAD') calling?.cancel()
    this.#call.answered(this, { code: status, headers: this.#received(status, headers, body), body })
  }

  /** A body that follows is held to what it says. */
  #received(status: number, given: string[], body: Answer['body']): string[] {
    const { method } = this.#call
    const isWhole = Buffer.isBuffer(body)
    const measured = isMeasured(method, status)
    const length = isWhole && (measured || body.length > 0) ? body.length : undefined
    const headers = receivedHeaders(given, length, this.#call)
    if (!isWhole && measured) this.#calling?.expect(contentLength(headers) ?? Infinity)
    return headers
  }

  failed(error: unknown): void {
    this.#call.failed(this, error, this.#elsewhere)
  }

  errorOf(cause: CloseReason, mayHaveRun: boolean): unknown {
    const refused = cause.type === 'reset' && isRefusal(cause.why) && this.#calling?.answered !== true
    this.#elsewhere = refused || isElsewhere(cause)
    const { target, method } = this.#call
    const { name } = this.member.instance
    return refused
      ? refusalError(cause.why, name, target.service)
      : lostError(name, target.service, method, cause, mayHaveRun)
  }

  over(): void {
    if (this.#abort) this.#call.signal?.removeEventListener('abort', this.#abort)
    this.#stopReading?.()
  }
}

function headersWith(given: RawHeaders, body: ReadBody | Streamed): RawHeaders {
  const headers = typedHeaders(given, body.type)
  const length = isStreamed(body) ? body.length : body.bytes.length
  return length === undefined || length === 0 || hasHeader(headers, 'content-length')
    ? headers
    : [...headers, 'Content-Length', String(length)]
}

/** What a handler did by itself it would do again. */
function isElsewhere(cause: CloseReason): boolean {
  if (cause.type !== 'reset') return cause.type !== 'closed'
  return cause.why === 'closed' || cause.why === 'lost' || cause.why === 'protocol'
}

/** Reads as fast as the service does. Returns what ends it before there is no more. */
function pump(body: Streamed, sender: SendWindow, failed: (error: unknown) => void): () => void {
  let source: Source | undefined
  let ended = false
  const run = async () => {
    source = body.open()
    for (let bytes = await source.next(); bytes !== undefined; bytes = await source.next()) {
      if (!(await sender.sent(bytes))) return
    }
    ended = true
    sender.end()
  }
  run().catch(failed)
  return () => {
    if (!ended) source?.cancel()
  }
}

function headTooLarge() {
  const problem = `must not be larger than ${MAX_HEAD} bytes together with the URL`
  return sleuthError('SLEUTH_ARGUMENT', { argument: 'headers', problem })
}

function lostError(
  name: string,
  service: string,
  method: string,
  lost: CloseReason,
  mayHaveRun: boolean,
): unknown {
  const outcome = { retryable: !mayHaveRun || isIdempotent(method), mayHaveRun }
  const cut = (why: string, cause?: unknown) =>
    sleuthError('SLEUTH_CUT', { peer: name, service, why }, { ...outcome, cause })
  switch (lost.type) {
    case 'reset':
      return cut(reasons[lost.why])
    case 'gone':
      return sleuthError('SLEUTH_PEER_GONE', { peer: name, service, reason: lost.reason }, outcome)
    case 'unsent': {
      if (mayHaveRun) return cut(reasons.lost, lost.error)
      const values = { peer: name, why: reasonOf(lost.error) }
      return sleuthError('SLEUTH_REQUEST_WHISPER', values, { ...outcome, cause: lost.error })
    }
    case 'closed':
      return sleuthError('SLEUTH_CLOSED', {}, { codes: [935, 934], mayHaveRun })
  }
}
