import type { Peer } from '@sleuth/zre'
import { FIELD_BYTES, WINDOW } from '../../shared/limits.js'
import type { RequestServer, ResetReason } from '../transport.js'
import type { FrameHandler } from './frame-handler.js'
import type { Outbox } from './outbox.js'
import { ServerStream } from './server-stream.js'
import type { StreamHost } from './stream-host.js'
import { serviceKey } from './stream-ids.js'
import type { StreamTable } from './stream-table.js'
import type { SessionDrop } from './types.js'

export interface IncomingOptions {
  readonly host: StreamHost
  readonly table: StreamTable
  readonly outbox: Outbox
  /** What answers requests. */
  readonly server: () => RequestServer
  /** The peer sent what is not taken. */
  readonly dropped: (reason: SessionDrop) => void
  /** The peer sent a frame that concerns no stream. */
  readonly control: (kind: number, number: number, payload: Buffer, peer: Peer) => void
}

/** Hands each frame of a peer to its stream. */
export class IncomingFrames implements FrameHandler {
  readonly #parts: IncomingOptions
  /** As it was when the last frames came. */
  peer: Peer | undefined

  constructor(parts: IncomingOptions) {
    this.#parts = parts
  }

  request(
    stream: number,
    deadline: number,
    method: string,
    url: string,
    headers: string[],
    body: Buffer,
    end: boolean,
    headBytes: number,
  ): void {
    const { host, table, outbox, server, dropped } = this.#parts
    table.given(stream)
    if (outbox.resetsPile) {
      dropped('peer-unread')
      return
    }
    // A number that is in use: the caller has lost count, and neither call can be told from the other.
    const before = table.answers.get(stream)
    if (before !== undefined || body.length > WINDOW) {
      host.protocolError('service', stream)
      before?.onReset()
      return
    }
    const kept = headBytes + (headers.length / 2) * FIELD_BYTES
    const excess = host.load.excess(kept + body.length)
    const answering = new ServerStream(host, { stream, method, headBytes: kept, body, end })
    table.answers.set(stream, answering)
    host.load.streams++
    server().accept(
      this.peer as Peer,
      {
        method,
        url,
        headers,
        body: end && body.length > 0 ? body : null,
        more: !end,
        deadline: deadline > 0 ? deadline : undefined,
        excess,
      },
      answering,
    )
    if (!end) answering.onData(body, false)
  }

  response(
    stream: number,
    status: number,
    message: string,
    headers: string[],
    body: Buffer,
    end: boolean,
  ): void {
    this.#parts.table.call(stream)?.onResponse(status, message, headers, body, end)
  }

  callerData(stream: number, body: Buffer, end: boolean): void {
    this.#parts.table.answer(stream)?.onData(body, end)
  }

  place(stream: number, length: number): Buffer | undefined {
    return this.#parts.table.calls.get(stream)?.place(length)
  }

  serviceData(stream: number, body: Buffer, end: boolean): void {
    this.#parts.table.call(stream)?.onData(body, end)
  }

  callerReset(stream: number): void {
    this.#parts.outbox.remove(serviceKey(stream))
    this.#parts.table.answer(stream)?.onReset()
  }

  serviceReset(stream: number, why: ResetReason): void {
    this.#parts.table.call(stream)?.lose({ type: 'reset', why })
  }

  callerCredit(stream: number, bytes: number): void {
    this.#parts.table.answer(stream)?.onCredit(bytes)
  }

  serviceCredit(stream: number, bytes: number): void {
    this.#parts.table.call(stream)?.onCredit(bytes)
  }

  control(kind: number, number: number, payload: Buffer): void {
    this.#parts.control(kind, number, payload, this.peer as Peer)
  }
}
