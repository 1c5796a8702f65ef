import type { DownReason, Instance } from '../../types.js'
import type {
  BodySource,
  ClientTransport,
  OutgoingRequest,
  RequestStream,
  ResponseHandler,
} from '../transport.js'
import type { PendingRequest, PendingRequests, WholeReply } from './pending-requests.js'
import { believedHeaders, rejectionIn } from './rejection.js'
import { encodeRequest } from './request.js'
import { readWhole, requestTooLarge } from './whole-body.js'

export interface GoClientOptions {
  readonly group: string
  /** The most bytes of a message. */
  readonly maxMessageSize: number
  /** The id of this node, to which replies go. */
  readonly id: () => string
  readonly pending: PendingRequests
  /** Sends a message now, or when there is room. Returns what takes it back, if it has not left. */
  readonly send: (
    peer: string,
    content: Buffer,
    sent: () => void,
    failed: (error: unknown) => void,
  ) => () => void
}

/** Go's wire, as callers see it: a request and its reply are one message each. */
export class GoClient implements ClientTransport {
  readonly #options: GoClientOptions

  constructor(options: GoClientOptions) {
    this.#options = options
  }

  request(instance: Instance, request: OutgoingRequest, handler: ResponseHandler): RequestStream {
    const call = new GoRequest(this.#options, instance.id, request, handler)
    if (typeof request.body === 'function') void call.readAndSend(request.body)
    else call.send(request.body)
    return call
  }
}

class GoRequest implements RequestStream, PendingRequest {
  readonly peer: string
  sent = false
  closed = false
  readonly #options: GoClientOptions
  readonly #request: OutgoingRequest
  readonly #handler: ResponseHandler
  readonly #reading = new AbortController()
  #handle: string | undefined
  #takeBack: (() => void) | undefined

  constructor(options: GoClientOptions, peer: string, request: OutgoingRequest, handler: ResponseHandler) {
    this.#options = options
    this.peer = peer
    this.#request = request
    this.#handler = handler
  }

  async readAndSend(open: () => BodySource): Promise<void> {
    const { signal } = this.#reading
    try {
      const whole = await readWhole(open, this.#options.maxMessageSize, signal)
      if (signal.aborted) return
      this.#handler.onBodyRead(whole)
      this.send(whole)
    } catch (error) {
      if (this.#end()) this.#handler.onError({ type: 'body', error }, false)
    }
  }

  /** Throws for a request that is larger than a message may be. */
  send(body: Uint8Array): void {
    const { group, maxMessageSize, id, pending } = this.#options
    const { method, url, headers } = this.#request
    const handle = pending.add(this)
    this.#handle = handle
    let content: Buffer
    try {
      content = encodeRequest(group, { destination: id(), handle, method, url, headers, body })
      if (content.length > maxMessageSize) throw requestTooLarge(maxMessageSize)
    } catch (error) {
      pending.delete(handle)
      throw error
    }
    const sent = () => {
      this.sent = true
    }
    const failed = (error: unknown) => {
      if (this.#end()) this.#handler.onError({ type: 'unsent', error }, false)
    }
    this.#takeBack = this.#options.send(this.peer, content, sent, failed)
  }

  onReply({ code, headers, body, handle }: WholeReply): void {
    if (!this.#end()) return
    const why = rejectionIn(code, headers, handle)
    if (why !== undefined) this.#handler.onError({ type: 'reset', why }, true)
    else this.#handler.onResponse(code, '', believedHeaders(headers, handle), body)
  }

  onPeerGone(reason: DownReason): void {
    if (this.#end()) this.#handler.onError({ type: 'gone', reason }, this.sent)
  }

  cancel(): void {
    this.#end()
  }

  abort(): void {
    this.#end()
  }

  /** A reply's body comes with its head. */
  expectLength(): void {}

  /** False if it had ended before. */
  #end(): boolean {
    if (this.closed) return false
    this.closed = true
    this.#reading.abort()
    this.#takeBack?.()
    if (this.#handle !== undefined) this.#options.pending.delete(this.#handle)
    this.#handler.onEnd()
    return true
  }
}
