import { reasonOf, sleuthError } from '../errors.js'
import type { Calling, CallingEvents, LostCause } from '../link/calling.js'
import type { Links } from '../link/links.js'
import type { Instance } from '../types.js'
import type { Waiter } from '../waiter.js'
import type { ResetName } from '../wire2/format.js'
import { bodyError, isStreamed, type ReadBody, type Source, type Streamed } from './body.js'
import { isIdempotent, type Reply } from './pending.js'

export interface StreamedCall {
  readonly service: string
  readonly method: string
  readonly url: string
  readonly headers: readonly string[]
  readonly body: ReadBody | Streamed
  readonly signal: AbortSignal | null | undefined
  /** Milliseconds that are left until the caller gives up; `Infinity` for never. */
  readonly timeout: number
}

const reasons: Record<ResetName, string> = {
  cancelled: 'it gave the call up',
  destroyed: 'its handler destroyed it',
  failed: 'its handler failed',
  timeout: 'its handler took too long',
  closed: 'it closed',
  protocol: 'what came broke the rules of the wire',
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
  const events: CallingEvents = {
    answer({ status, headers, body }) {
      if (signal && !Buffer.isBuffer(body)) {
        listening = true
        signal.addEventListener('abort', abort)
      }
      waiter.resolve({ code: status, headers, body })
    },
    failed: (error) => waiter.reject(error),
    errorOf: (cause, mayHaveRun) => lostError(instance, call, cause, mayHaveRun),
    over: () => {
      if (listening) signal?.removeEventListener('abort', abort)
    },
  }
  const streamed = isStreamed(body)
  const deadline = timeout === Infinity ? 0 : Math.max(1, Math.floor(timeout))
  const request = { deadline, method, url, headers, body: streamed ? null : body.bytes }
  const calling = links.to(instance.id).call(request, events)
  if (streamed) void pump(body, calling, waiter)
  return calling
}

/** Reads as fast as the service does. Ends when there is no more, or when the call is over. */
async function pump(body: Streamed, { sender, cancel }: Calling, waiter: Waiter<Reply>): Promise<void> {
  let source: Source | undefined
  try {
    source = body.open()
    for (let bytes = await source.next(); bytes !== undefined; bytes = await source.next()) {
      if (!(await sender.sent(bytes))) return source.cancel()
    }
    sender.end()
  } catch (error) {
    source?.cancel()
    waiter.reject(bodyError(error))
    cancel()
  }
}

function lostError(
  { name }: Instance,
  { service, method }: StreamedCall,
  cause: LostCause,
  mayHaveRun: boolean,
): unknown {
  const outcome = { retryable: !mayHaveRun || isIdempotent(method), mayHaveRun }
  switch (cause.type) {
    case 'reset':
      return sleuthError('SLEUTH_CUT', { peer: name, service, why: reasons[cause.why] }, outcome)
    case 'gone':
      return sleuthError('SLEUTH_PEER_GONE', { peer: name, service, reason: cause.reason }, outcome)
    case 'unsent': {
      const values = { peer: name, why: reasonOf(cause.error) }
      return sleuthError('SLEUTH_REQUEST_WHISPER', values, { ...outcome, cause: cause.error })
    }
    case 'closed':
      return sleuthError('SLEUTH_CLOSED', {}, { codes: [935, 934], mayHaveRun })
  }
}
