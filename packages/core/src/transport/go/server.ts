import type { Peer } from '@sleuth/zre'
import { isGo } from '../../directory/instance.js'
import { errorHeader, fieldOf, handleHeader } from '../../http/headers.js'
import { byteString, escapeAlphabets } from '../../http/text.js'
import { reasonOf, sleuthError } from '../../shared/errors.js'
import { FIELD_BYTES } from '../../shared/limits.js'
import type { CheckedOptions } from '../../shared/options/options.js'
import { Slab } from '../../shared/slab.js'
import { type Counters, countDropped } from '../../shared/stats.js'
import { inParts } from '../../shared/turns.js'
import type { Logger } from '../../types.js'
import type { IncomingRequest, RequestServer } from '../transport.js'
import { BufferedResponse, type WholeResponse } from './buffered-response.js'
import { delayForGo } from './reply-delay.js'
import type { IncomingWireRequest } from './request.js'
import { encodeResponse } from './response.js'

/** What this wire needs of the one that it shares a peer with: its queue of messages, and its count of memory. */
interface PeerSession {
  /** What the peer takes of this node. */
  readonly load: {
    /** Bytes that it takes to keep the requests that nobody has read yet. */
    buffered: number
    /** The limit of one peer that a request of so many bytes would exceed. */
    excess(bytes: number): IncomingRequest['excess']
  }
  message(content: Buffer, sent: () => void, failed: (error: unknown) => void): unknown
}

export interface GoServerOptions {
  readonly server: RequestServer
  readonly sessions: { to(peer: string): PeerSession }
  readonly options: CheckedOptions
  readonly counters: Counters
  readonly log: Logger
}

interface OpenRequest {
  readonly peer: string
  readonly response: BufferedResponse
}

/** The service's end of the first wire: hands its requests to the server, and sends the responses, each in one message. */
export class GoServer {
  readonly #parts: GoServerOptions
  readonly #maxBody: number
  readonly #open = new Slab<OpenRequest>()

  constructor(parts: GoServerOptions) {
    const { message, unzipped } = parts.options.limits
    this.#parts = parts
    // A body grows by a third in base64, and has to fit a message then.
    this.#maxBody = Math.floor((Math.min(message, unzipped) * 3) / 4)
  }

  accept(peer: Peer, request: IncomingWireRequest): void {
    const { server, sessions, options } = this.#parts
    const { method, url, headers, body, handle } = request
    const { load } = sessions.to(peer.id)
    const bytes = keptBytes(request)
    const excess = load.excess(bytes)
    load.buffered += bytes
    const delayed = delayForGo(peer)
    const response = new BufferedResponse(method, this.#maxBody, (answer, reason) => {
      const { exchange, rejection } = response
      // A peer that sends more than it may is not charged for what is rejected while that waits for its delay.
      if (exchange === undefined) load.buffered -= bytes
      if (rejection !== undefined) answer.headers.push('Retry-After', '1', handleHeader, handle)
      // No handler's answer has a header of ours. No handler knows the handle: it shows our peers who answers.
      else if (!isGo(peer) && fieldOf(answer.headers, errorHeader) !== undefined)
        answer.headers.push(handleHeader, handle)
      delayed(() => {
        this.#open.delete(slot)
        if (exchange !== undefined) load.buffered -= bytes
        if (reason !== 'client-disconnected') this.#send(peer, handle, answer)
        exchange?.answered(reason)
      })
    })
    const slot = this.#open.add({ peer: peer.id, response })
    server.accept(
      peer,
      {
        method,
        // A URL that is too long is rejected as it is: to escape it would take long.
        url: url.length > options.limits.url ? url : escapeAlphabets(url),
        headers: headers.map(byteString),
        body: body.length === 0 ? null : body,
        excess,
      },
      response,
    )
  }

  /** The handlers that answer to this peer see their caller hang up. */
  peerGone(peer: string): void {
    const left = this.#open.all().filter((open) => open.peer === peer)
    inParts(left, ({ response }) => response.exchange?.abort('client-disconnected'))
  }

  #send(peer: Peer, handle: string, { status, headers, body }: WholeResponse): void {
    const { sessions, options, counters, log } = this.#parts
    const failed = (cause: unknown) => {
      const values = { peer: peer.id, why: reasonOf(cause) }
      countDropped(sleuthError('SLEUTH_RESPONSE_WHISPER', values, { cause }), counters, log)
    }
    try {
      const content = encodeResponse(options.group, { handle, code: status, headers, body })
      sessions.to(peer.id).message(content, ignore, failed)
    } catch (cause) {
      failed(cause)
    }
  }
}

function ignore(): void {}

/** What it takes to keep a request that came whole. */
function keptBytes({ url, headers, body }: IncomingWireRequest): number {
  let bytes = url.length + body.length + (headers.length / 2) * FIELD_BYTES
  for (const text of headers) bytes += text.length
  return bytes
}
