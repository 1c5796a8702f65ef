import type { ZreNode } from '@sleuth/zre'
import type { Directory } from '../directory/directory.js'
import { reasonOf, sleuthError } from '../errors.js'
import { type CheckedOptions, isTimeout, timeoutProblem } from '../options.js'
import type { BodyInput, Instance, Logger } from '../types.js'
import { Waiter } from '../waiter.js'
import { token } from '../wire/canonical.js'
import type { RawHeaders } from '../wire/json.js'
import { encodeRequest } from '../wire/request.js'
import { type ReadBody, readBody, tooLarge } from './body.js'
import { hasHeader } from './headers.js'
import { isIdempotent, type Pending, type Reply } from './pending.js'
import type { Target } from './target.js'

/** A call as `do` and `request` have understood it. */
export interface Call {
  target: Target
  method: string
  headers: RawHeaders
  body: BodyInput
  timeout: number | undefined
  signal: AbortSignal | null | undefined
}

export interface CallerOptions {
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
  readonly #maxMessage: number

  constructor({ options, directory, pending, log }: CallerOptions) {
    this.#options = options
    this.#directory = directory
    this.#pending = pending
    this.#log = log
    // What is sent is not compressed, so a message and what is unzipped from it are about as large.
    this.#maxMessage = Math.min(options.limits.message, options.limits.unzipped)
  }

  /** The time limit begins here: it covers the reading of the body too. Throws for what is wrong with the call itself. */
  call(node: ZreNode, call: Call): Promise<Reply> {
    const { target, method, timeout = this.#options.timeout } = call
    const { service, url } = target
    checkMethod(method)
    if (!isTimeout(timeout))
      throw sleuthError('SLEUTH_ARGUMENT', { argument: 'timeout', problem: timeoutProblem })
    const body = readBody(call.body)
    if (!this.#directory.hasAll([service])) throw unknownService(service)

    let handle: string | undefined
    let stop: AbortController | undefined
    const waiter = new Waiter<Reply>({
      timeout,
      signal: call.signal,
      timedOut: () =>
        sleuthError(
          'SLEUTH_TIMEOUT',
          { what: `${method} sleuth://${service}${url}`, timeout },
          { retryable: handle === undefined || isIdempotent(method), mayHaveRun: handle !== undefined },
        ),
      settled: () => {
        if (handle !== undefined) this.#pending.delete(handle)
        stop?.abort()
      },
    })
    const send = (whole: ReadBody) => {
      if (waiter.settled) return
      const instance = this.#directory.next(service)
      if (instance === undefined) throw unknownService(service)
      handle = this.#pending.add({ service, method, instance, waiter })
      this.#whisper(node, instance, this.#encode(node.id, handle, call, whole))
      this.#log.debug({ service, method, url, peer: instance.name }, 'sleuth: request sent')
    }
    if (typeof body === 'function') {
      stop = new AbortController()
      const gathering = body({ limit: this.#maxMessage, stop: stop.signal })
      gathering.then(send).catch((error) => waiter.reject(error))
    } else {
      try {
        send(body)
      } catch (error) {
        waiter.reject(error)
      }
    }
    return waiter.promise
  }

  #encode(destination: string, handle: string, { target, method, headers }: Call, whole: ReadBody): Buffer {
    const { bytes, type } = whole
    const typed = type === undefined || hasHeader(headers, 'content-type')
    const content = encodeRequest(this.#options.group, {
      destination,
      handle,
      method,
      url: target.url,
      headers: typed ? headers : [...headers, 'Content-Type', type],
      body: bytes,
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

function checkMethod(method: unknown): void {
  if (typeof method !== 'string' || !token.test(method)) {
    throw sleuthError('SLEUTH_ARGUMENT', {
      argument: 'method',
      problem: 'must be an HTTP method such as GET',
    })
  }
  if (method === 'CONNECT') {
    const problem = 'must not be CONNECT: a tunnel can not be carried'
    throw sleuthError('SLEUTH_ARGUMENT', { argument: 'method', problem })
  }
}

function unknownService(service: string) {
  return sleuthError('SLEUTH_UNKNOWN_SERVICE', { service }, { retryable: true })
}
