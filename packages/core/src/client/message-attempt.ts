import type { ZreNode } from '@sleuth/zre'
import type { Endpoint } from '../directory/endpoint.js'
import { reasonOf, sleuthError } from '../shared/errors.js'
import type { CheckedOptions } from '../shared/options.js'
import type { Pending, WholeReply } from '../transport/go/pending-requests.js'
import { encodeRequest } from '../transport/go/request.js'
import type { Sessions } from '../transport/streams/sessions.js'
import type { DownReason } from '../types.js'
import type { Attempt, AttemptOwner } from './attempt.js'
import { gather, isStreamed, type ReadBody, type Streamed, tooLarge } from './body.js'
import { typedHeaders } from './headers.js'
import { isIdempotent } from './idempotent.js'
import { believedHeaders, refusalError, refusalIn } from './rejection.js'
import { headError, isMeasured, receivedHeaders } from './response-headers.js'

export interface Messages {
  readonly node: ZreNode
  readonly pending: Pending
  readonly sessions: Sessions
  readonly options: CheckedOptions
}

/** A call over the first wire: its body is gathered, and goes when it is whole. */
export class MessageAttempt implements Attempt {
  readonly member: Endpoint
  pending = true
  before: Attempt | undefined
  sent = false
  readonly #messages: Messages
  readonly #call: AttemptOwner
  #handle: string | undefined
  #stop: AbortController | undefined
  #takeBack: (() => void) | undefined

  constructor(messages: Messages, member: Endpoint, call: AttemptOwner) {
    this.#messages = messages
    this.member = member
    this.#call = call
  }

  send(): void {
    const { body } = this.#call
    if (isStreamed(body)) void this.#gather(body)
    else this.#whisper(body)
  }

  cancel(): void {
    this.#stop?.abort()
    this.#takeBack?.()
    if (this.#handle !== undefined) this.#messages.pending.delete(this.#handle)
  }

  /** Its reply came. */
  receive({ code, headers, body, handle }: WholeReply): void {
    const why = refusalIn(code, headers, handle)
    this.#messages.pending.delete(handle)
    if (why !== undefined) {
      this.#call.failed(this, refusalError(why, this.member.instance.name, this.#call.target.service), true)
      return
    }
    const problem = headError(headers, this.#messages.options.limits, this.#call)
    if (problem !== undefined) {
      this.#call.failed(this, problem, false)
      return
    }
    const { method } = this.#call
    const length = body.length > 0 || isMeasured(method, code) ? body.length : undefined
    this.#call.answered(this, {
      code,
      headers: receivedHeaders(believedHeaders(headers, handle), length, this.#call),
      body,
    })
  }

  /** No reply can come. */
  peerGone(reason: DownReason): void {
    const { target, method } = this.#call
    const values = { peer: this.member.instance.name, service: target.service, reason }
    const outcome = { retryable: !this.sent || isIdempotent(method), mayHaveRun: this.sent }
    this.fail(sleuthError('SLEUTH_PEER_GONE', values, outcome), true)
  }

  fail(error: unknown, elsewhere = false): void {
    this.cancel()
    this.#call.failed(this, error, elsewhere)
  }

  /** What is gathered can be sent again. */
  async #gather(body: Streamed): Promise<void> {
    this.#call.opened = true
    this.#stop = new AbortController()
    const { signal: stop } = this.#stop
    try {
      const whole = await gather(body, { limit: this.#limit, stop })
      if (stop.aborted) return
      this.#call.body = whole
      this.#whisper(whole)
    } catch (error) {
      this.fail(error)
    }
  }

  /** What is sent is not compressed, so a message and what is unzipped from it are about as large. */
  get #limit(): number {
    const { message, unzipped } = this.#messages.options.limits
    return Math.min(message, unzipped)
  }

  #whisper(whole: ReadBody): void {
    const { node, pending, sessions, options } = this.#messages
    const { target, method, headers } = this.#call
    const handle = pending.add(this)
    this.#handle = handle
    const content = encodeRequest(options.group, {
      destination: node.id,
      handle,
      method,
      url: target.url,
      headers: typedHeaders(headers, whole.type),
      body: whole.bytes,
    })
    if (content.length > this.#limit) throw tooLarge(this.#limit)
    this.#takeBack = sessions.to(this.member.instance.id).message(
      content,
      () => {
        this.sent = true
      },
      (cause) => {
        const values = { peer: this.member.instance.name, why: reasonOf(cause) }
        this.fail(sleuthError('SLEUTH_REQUEST_WHISPER', values, { retryable: true, cause }), true)
      },
    )
  }
}
