import type { Peer } from '@sleuth/zre'
import { sleuthError } from '../../shared/errors.js'
import { WINDOW, type Windows } from '../../shared/limits.js'
import type {
  CloseReason,
  Done,
  OutgoingRequest,
  RequestServer,
  ResetReason,
  ResponseHandler,
} from '../transport.js'
import type { Channel } from './channel.js'
import { ClientStream } from './client-stream.js'
import { MAX_HEAD } from './format.js'
import type { FrameSource } from './frame-handler.js'
import { IncomingFrames } from './incoming-frames.js'
import { Outbox } from './outbox.js'
import { PacketFault } from './packet-fault.js'
import type { PeerLoad } from './peer-load.js'
import type { ServerStream } from './server-stream.js'
import {
  type Held,
  type ResponseHead,
  SMALL_BODY,
  type Stream,
  type StreamHost,
  TINY_BODY,
} from './stream-host.js'
import { serviceKey } from './stream-ids.js'
import { StreamTable } from './stream-table.js'
import type { SessionDrop } from './types.js'
import type { PacketWriter } from './writer.js'

export interface SessionOptions {
  readonly channel: Channel
  /** What the peer takes of this node, in this session and in others. */
  readonly load: PeerLoad
  /** What answers requests. */
  readonly server: () => RequestServer
  /** Milliseconds, from any moment on. */
  readonly now: () => number
  /** The most bytes of heads and messages that wait to be sent. */
  readonly maxQueued: number
  /** Answers could not be sent. */
  readonly unsent: (error: unknown) => void
  /** The peer sent what is not taken. */
  readonly dropped: (reason: SessionDrop) => void
  /** The peer sent a frame that concerns no stream. */
  readonly control: (kind: number, number: number, payload: Buffer, peer: Peer) => void
  /** Called once: this session carries nothing any more. */
  readonly closed: () => void
}

/**
 * What there is between this node and one peer on the second wire, over one channel: the calls made to it, and those
 * answered for it.
 */
export class Session implements StreamHost {
  readonly windows: Windows
  readonly load: PeerLoad
  readonly #options: SessionOptions
  readonly #table: StreamTable
  readonly #outbox: Outbox
  readonly #incoming: IncomingFrames
  #closed = false

  constructor(options: SessionOptions) {
    const { channel, now, maxQueued, load, server, dropped, control } = options
    this.load = load
    this.windows = channel.windows
    this.#options = options
    const table = new StreamTable(() => dropped('unknown-stream'))
    const outbox = new Outbox({
      channel,
      now,
      maxQueued,
      streams: () => table.size,
      lost: (error, ends) => {
        if (ends || table.answers.size > 0) options.unsent(error)
        this.#breakOff({ type: 'unsent', error }, 'lost')
      },
    })
    this.#table = table
    this.#outbox = outbox
    this.#incoming = new IncomingFrames({ host: this, table, outbox, server, dropped, control })
  }

  openPacket(): PacketWriter {
    return this.#outbox.openPacket()
  }

  /** Whether a request or a response is under way. */
  get hasStreams(): boolean {
    return this.#table.size > 0
  }

  /** Throws for a head that is too large to be sent. */
  call(request: OutgoingRequest, handler: ResponseHandler): ClientStream {
    const { deadline, method, url, body } = request
    const outbox = this.#outbox
    const streamed = typeof body === 'function'
    const first = streamed ? nothing : this.#beginning(body)
    const end = !streamed && first.length === body.length
    const isLater = outbox.isFull
    const writer = isLater ? outbox.later : outbox.openPacket()
    const id = this.#table.freeNumber()
    if (!writer.request(id, deadline, method, url, headersOf(request), first, end)) throw headTooLarge()
    const calling = new ClientStream(this, id, handler)
    this.#table.addCall(calling)
    if (!isLater) {
      outbox.requested(calling)
      if (writer.tail !== undefined) outbox.sendTail()
    } else if (!outbox.sendLater(id, () => outbox.requested(calling))) {
      const error = outbox.tooMuchWaits()
      process.nextTick(() => calling.lose({ type: 'unsent', error }))
      // What ends the call ends its body.
      if (streamed) calling.sendBody(body)
      return calling
    }
    if (end || calling.closed) return calling
    if (streamed) {
      calling.sendBody(body)
      return calling
    }
    const { sender } = calling
    sender.takeCredit(first.length)
    sender.write(body.subarray(first.length), ignore)
    sender.end()
    return calling
  }

  /**
   * Reads frames that came; whether all of them. If not, since `mayGoOn` has said no, the next call goes on. Throws a
   * `PacketFault` for what can not be read, or what somebody threw on the way, which ends every stream: the rest of the frames
   * is not read, and nobody knows what of each was in it.
   */
  receive(peer: Peer, frames: FrameSource, mayGoOn: () => boolean): boolean {
    if (this.#closed) return true
    this.#incoming.peer = peer
    try {
      return frames.read(this.#incoming, mayGoOn)
    } catch (error) {
      this.missed(error instanceof PacketFault ? 'protocol' : 'lost')
      throw error
    }
  }

  /** What the peer sent is not read, or not all of it. */
  missed(why: 'protocol' | 'lost'): void {
    // What is in the packet of this turn has not left, but will.
    this.#outbox.send()
    this.#breakOff({ type: 'reset', why }, why)
    this.#outbox.schedule()
  }

  /** Sends a frame that concerns no stream. */
  control(kind: number, number: number, payload: Uint8Array): void {
    this.#outbox.openPacket().control(kind, number, payload)
  }

  respond(stream: number, head: ResponseHead, body: Uint8Array, end: boolean, done?: Done): boolean {
    const { status, message, headers } = head
    const outbox = this.#outbox
    const isLater = outbox.isFull
    const writer = isLater ? outbox.later : outbox.openPacket()
    if (!writer.response(stream, status, message, headers, body, end)) return false
    if (!isLater) {
      if (writer.tail !== undefined) outbox.sendTail(done)
      else done?.()
      return true
    }
    done?.()
    const written = () => {
      if (end) outbox.answered(stream)
    }
    if (!outbox.sendLater(serviceKey(stream), written)) {
      this.#options.unsent(outbox.tooMuchWaits())
      this.#table.answers.get(stream)?.onReset()
      this.reset('service', stream, 'lost')
    }
    return true
  }

  data(by: 'caller' | 'service', stream: number, bytes: Uint8Array, end: boolean, done: Done): void {
    const outbox = this.#outbox
    const writer = outbox.openPacket()
    writer.append(by, stream, bytes, end)
    if (writer.tail !== undefined) outbox.sendTail(done)
    else done()
  }

  fitsHead(size: number): boolean {
    const outbox = this.#outbox
    if (outbox.isFull) return size <= TINY_BODY
    return size <= SMALL_BODY || (this.#options.channel.takesTails && size <= outbox.room)
  }

  reset(by: 'caller' | 'service', stream: number, why: ResetReason): void {
    this.#outbox.reset(by, stream, why)
  }

  protocolError(by: 'caller' | 'service', stream: number): void {
    this.#options.dropped('peer-protocol')
    this.reset(by, stream, 'protocol')
  }

  roomFor(stream: Stream): number {
    return this.#outbox.roomFor(stream)
  }

  /** Sends a message of the first wire, now or when there is room. Returns what takes it back, if it has not left. */
  message(content: Buffer, sent: () => void, failed: (error: unknown) => void): () => void {
    return this.#outbox.messages.send(content, sent, failed)
  }

  hold(held: Held): void {
    this.#outbox.hold(held)
  }

  forget(call: ClientStream): boolean {
    this.#table.calls.delete(call.id)
    return this.#outbox.forget(call)
  }

  over(answer: ServerStream, answered: boolean): void {
    if (this.#table.answers.get(answer.id) === answer) {
      this.#table.answers.delete(answer.id)
      this.load.streams--
    }
    this.#outbox.over(answer, answered)
  }

  /** Resolves when the peer has all that was to be sent to it, or is gone; at once when nothing was sent lately. */
  drained(): Promise<void> {
    return this.#outbox.drained()
  }

  /** Resolves when the peer has all that was handed over until now: false when it goes first. */
  acknowledged(): Promise<boolean> {
    return this.#options.channel.acknowledged()
  }

  /** What waits for room is sent now; the rest of bodies is not. */
  force(): void {
    this.#outbox.force()
  }

  /** Calls fail, and those who answer see their caller hang up. */
  close(cause: CloseReason): void {
    if (this.#closed) return
    this.#closed = true
    this.#outbox.close()
    this.#options.closed()
    this.#table.loseAll(cause)
  }

  /**
   * The peer has greeted us anew, and may be in the middle of what we asked after it had begun to: of what is over for us
   * it is told. What has not left yet never will.
   */
  renew(cause: CloseReason): void {
    this.#outbox.restart()
    this.#breakOff(cause, 'lost')
    this.#outbox.schedule()
  }

  /** As much of a body as may go with the head of its request. */
  #beginning(body: Uint8Array): Uint8Array {
    if (this.fitsHead(body.length)) return body
    return body.subarray(0, Math.min(WINDOW, this.#outbox.room))
  }

  /** Ends every stream. The peer is told with the packet that leaves next. */
  #breakOff(cause: CloseReason, why: ResetReason): void {
    for (const { id, sent } of this.#table.calls.all()) if (sent) this.#outbox.resetNext('caller', id, why)
    for (const { id, key } of this.#table.answers.all()) {
      this.#outbox.remove(key)
      this.#outbox.resetNext('service', id, why)
    }
    this.#table.loseAll(cause)
  }
}

/** The length of a body that the headers do not tell is told by a field of its own. */
function headersOf({ headers, length }: OutgoingRequest): readonly string[] {
  return length === undefined ? headers : [...headers, 'Content-Length', String(length)]
}

function headTooLarge() {
  const problem = `must not be larger than ${MAX_HEAD} bytes together with the URL`
  return sleuthError('SLEUTH_ARGUMENT', { argument: 'headers', problem })
}

const nothing = new Uint8Array(0)

function ignore(): void {}
