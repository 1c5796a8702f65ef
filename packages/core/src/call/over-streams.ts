import { reasonOf, sleuthError } from '../errors.js'
import type { Calling, CallingEvents, LostCause } from '../link/calling.js'
import type { Links } from '../link/links.js'
import type { Sender } from '../link/sender.js'
import type { Stop } from '../stop.js'
import type { Instance } from '../types.js'
import type { Waiter } from '../waiter.js'
import { withoutInvalid } from '../wire/http.js'
import { MAX_HEAD, type ResetName } from '../wire2/format.js'
import { bodyError, isStreamed, type ReadBody, type Source, type Streamed } from './body.js'
import { isIdempotent, type Reply } from './pending.js'

export interface StreamedCall {
  readonly service: string
  readonly method: string
  readonly url: string
  readonly headers: readonly string[]
  readonly body: ReadBody | Streamed
  readonly signal: Stop | null | undefined
  /** Milliseconds that are left until the caller gives up; `Infinity` for never. */
  readonly timeout: number
}

const reasons: Record<ResetName, string> = {
  cancelled: 'it gave the call up',
  destroyed: 'its handler destroyed the request or the response',
  failed: 'its handler failed after it had begun to answer',
  timeout: 'its handler took too long',
  closed: 'it closed',
  protocol: 'what came broke the rules of the wire',
  lost: 'a part of the call could not be sent',
}

/** Sends a call over the second wire. What is given back ends it, whatever it is at. */
export function callOverStreams(
  links: Links,
  instance: Instance,
  call: StreamedCall,
  waiter: Waiter<Reply>,
): Calling {
  const { body, signal, timeout, method, url, headers } = call
  const abort = () => calling.abort(signal?.reason)
  let listening = false
  let stopReading: (() => void) | undefined
  const events: CallingEvents = {
    answer({ status, headers, body }) {
      // From here on the waiter does not listen any more.
      if (signal && !calling.over) {
        listening = true
        signal.addEventListener('abort', abort)
      }
      waiter.resolve({ code: status, headers: withoutInvalid(headers), body })
    },
    failed: (error) => waiter.reject(error),
    errorOf: (cause, mayHaveRun) => lostError(instance, call, cause, mayHaveRun),
    over: () => {
      if (listening) signal?.removeEventListener('abort', abort)
      stopReading?.()
    },
  }
  const streamed = isStreamed(body)
  const deadline = timeout === Infinity ? 0 : Math.max(1, Math.floor(timeout))
  const request = { deadline, method, url, headers, body: streamed ? null : body.bytes }
  const made = links.to(instance.id).call(request, events)
  if (made === undefined) throw headTooLarge()
  const calling = made
  if (streamed) {
    stopReading = pump(body, calling.sender, (error) => {
      const problem = bodyError(error, calling.left)
      waiter.reject(problem)
      calling.abort(problem)
    })
  }
  return calling
}

/** Reads as fast as the service does. Returns what ends it before there is no more. */
function pump(body: Streamed, sender: Sender, failed: (error: unknown) => void): () => void {
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
  { name }: Instance,
  { service, method }: StreamedCall,
  lost: LostCause,
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
