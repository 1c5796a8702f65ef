import type { ZreNode } from '@sleuth/zre'
import type { Directory } from '../directory/directory.js'
import { reasonOf, sleuthError } from '../errors.js'
import type { Links } from '../link/links.js'
import { type CheckedOptions, isTimeout, timeoutProblem } from '../options.js'
import { either, type Stop } from '../stop.js'
import type { BodyInput, Instance, Logger } from '../types.js'
import { Waiter } from '../waiter.js'
import type { RawHeaders } from '../wire/json.js'
import { encodeRequest } from '../wire/request.js'
import { gather, isStreamed, type ReadBody, readBody, type Streamed, tooLarge } from './body.js'
import { checkCarried } from './carried.js'
import { hasHeader } from './headers.js'
import type { Origin } from './origin.js'
import { callOverStreams } from './over-streams.js'
import { isIdempotent, type Pending, type Reply } from './pending.js'
import type { Target } from './target.js'

/** A call as `do` and `request` have understood it. */
export interface Call {
  target: Target
  method: string
  headers: RawHeaders
  body: BodyInput
  timeout: number | undefined
  signal: Stop | null | undefined
}

/** A call on its way. */
interface Sent {
  /** Whether the request has left, and may have run. Not a getter: in an object literal each would be a hidden class. */
  left(): boolean
  /** The caller has its answer, or wants none any more. */
  settled(): void
}

export interface CallerOptions {
  links: Links
  options: CheckedOptions
  directory: Directory
  pending: Pending
  log: Logger
}

/** Sends calls to the instance whose turn it is, and waits for their replies. */
export class Caller {
  readonly #options: CheckedOptions
  readonly #directory: Directory
  readonly #pending: Pending
  readonly #log: Logger
  readonly #links: Links
  readonly #maxMessage: number
  #waiting = 0

  constructor({ options, directory, pending, links, log }: CallerOptions) {
    this.#links = links
    this.#options = options
    this.#directory = directory
    this.#pending = pending
    this.#log = log
    // What is sent is not compressed, so a message and what is unzipped from it are about as large.
    this.#maxMessage = Math.min(options.limits.message, options.limits.unzipped)
  }

  /** Calls that wait for their answer. */
  get waiting(): number {
    return this.#waiting
  }

  /**
   * The time limit begins here: it covers the reading of the body too. Throws for what is wrong with the call itself.
   * `origin`: the request that it is made for.
   */
  call(node: ZreNode, asked: Call, origin?: Origin): Promise<Reply> {
    const call = origin === undefined ? asked : { ...asked, signal: either(asked.signal, origin) }
    const { target, method, timeout: wanted = this.#options.timeout } = call
    const { service, url } = target
    if (!isTimeout(wanted))
      throw sleuthError('SLEUTH_ARGUMENT', { argument: 'timeout', problem: timeoutProblem })
    checkCarried(method, call.headers)
    origin?.carry(call.headers)
    const body = readBody(call.body)
    if (!this.#directory.hasAll([service])) throw unknownService(service)

    let sent: Sent | undefined
    const left = origin?.left ?? Infinity
    const timeout = left < wanted ? Math.max(0, Math.floor(left)) : wanted
    const timedOut = () => {
      const bound = left < wanted ? ' (bound by the request that it is made for)' : ''
      return sleuthError(
        'SLEUTH_TIMEOUT',
        { what: `${method} sleuth://${service}${url}${bound}`, timeout },
        { retryable: !sent?.left() || isIdempotent(method), mayHaveRun: sent?.left() === true },
      )
    }
    if (timeout === 0) throw timedOut()
    if (origin?.aborted) throw sleuthError('SLEUTH_CALLER_GONE')
    this.#waiting++
    const waiter = new Waiter<Reply>({
      timeout,
      signal: call.signal,
      timedOut,
      settled: () => {
        this.#waiting--
        sent?.settled()
      },
    })
    // An abort that had come before has settled it.
    if (waiter.settled) return waiter.promise
    try {
      const instance = this.#next(service)
      sent =
        instance.wire > 1
          ? this.#stream(instance, call, body, timeout, waiter)
          : this.#whole(node, instance, call, body, waiter)
      this.#log.debug({ service, method, url, peer: instance.name }, 'sleuth: request sent')
    } catch (error) {
      waiter.reject(error)
    }
    return waiter.promise
  }

  /** The second wire: the body goes as it comes. */
  #stream(
    instance: Instance,
    call: Call,
    body: ReadBody | Streamed,
    timeout: number,
    waiter: Waiter<Reply>,
  ): Sent {
    const { target, method, signal } = call
    const headers = typedHeaders(call.headers, body.type)
    const length = isStreamed(body) ? body.length : body.bytes.length
    if (length !== undefined && length > 0 && !hasHeader(headers, 'content-length')) {
      headers.push('Content-Length', String(length))
    }
    const { service, url } = target
    const streamed = { service, method, url, headers, body, signal, timeout }
    const calling = callOverStreams(this.#links, instance, streamed, waiter)
    return {
      left: () => calling.left,
      settled: () => {
        if (!calling.answered) calling.cancel()
      },
    }
  }

  /** The first wire: the body is gathered, and goes when it is whole. */
  #whole(node: ZreNode, first: Instance, call: Call, body: ReadBody | Streamed, waiter: Waiter<Reply>): Sent {
    const { service } = call.target
    const stop = new AbortController()
    let handle: string | undefined
    const send = (instance: Instance, whole: ReadBody) => {
      handle = this.#pending.add({ service, method: call.method, instance, waiter })
      this.#whisper(node, instance, this.#encode(node.id, handle, call, whole))
    }
    const sent = {
      left: () => handle !== undefined,
      settled: () => {
        if (handle !== undefined) this.#pending.delete(handle)
        stop.abort()
      },
    }
    if (isStreamed(body)) {
      gather(body, { limit: this.#maxMessage, stop: stop.signal })
        .then((whole) => {
          if (waiter.settled) return
          // It may have gone meanwhile.
          send(node.peer(first.id) === undefined ? this.#next(service) : first, whole)
        })
        .catch((error) => waiter.reject(error))
    } else {
      send(first, body)
    }
    return sent
  }

  #next(service: string): Instance {
    const instance = this.#directory.next(service)
    if (instance === undefined) throw unknownService(service)
    return instance
  }

  #encode(destination: string, handle: string, { target, method, headers }: Call, whole: ReadBody): Buffer {
    const content = encodeRequest(this.#options.group, {
      destination,
      handle,
      method,
      url: target.url,
      headers: typedHeaders(headers, whole.type),
      body: whole.bytes,
    })
    if (content.length > this.#maxMessage) throw tooLarge(this.#maxMessage)
    return content
  }

  #whisper(node: ZreNode, { id, name }: Instance, content: Buffer): void {
    try {
      node.whisper(id, content)
    } catch (cause) {
      const why = reasonOf(cause)
      throw sleuthError('SLEUTH_REQUEST_WHISPER', { peer: name, why }, { retryable: true, cause })
    }
  }
}

/** A copy, with the type that `fetch` would add. */
function typedHeaders(headers: RawHeaders, type: string | undefined): RawHeaders {
  return type === undefined || hasHeader(headers, 'content-type')
    ? [...headers]
    : [...headers, 'Content-Type', type]
}

function unknownService(service: string) {
  return sleuthError('SLEUTH_UNKNOWN_SERVICE', { service }, { retryable: true })
}
