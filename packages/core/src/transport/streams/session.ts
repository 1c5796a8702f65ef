import { randomInt } from 'node:crypto'
import type { Peer } from '@sleuth/zre'
import { sleuthError } from '../../shared/errors.js'
import { FIELD_BYTES, WINDOW } from '../../shared/limits.js'
import { SlabMap } from '../../shared/slab.js'
import { inParts } from '../../shared/turns.js'
import type {
  CloseReason,
  IncomingRequest,
  OutgoingRequest,
  RequestServer,
  ResponseHandler,
} from '../transport.js'
import { ClientStream } from './client-stream.js'
import { MAX_HEAD, type ResetName } from './format.js'
import { PendingResets } from './pending-resets.js'
import { type FrameHandler, PacketFault, type PacketReader } from './reader.js'
import { SendQueue } from './send-queue.js'
import { ServerStream } from './server-stream.js'
import {
  type Held,
  type ResponseHead,
  SERVICE_KEYS,
  SMALL_BODY,
  type Stream,
  type StreamHost,
  serviceKey,
  TINY_BODY,
} from './stream-host.js'
import { LAST_STREAM, StreamIds } from './stream-ids.js'
import type { SessionDrop } from './types.js'
import { WindowBudget } from './window-budget.js'
import { PacketWriter } from './writer.js'

export interface SessionOptions {
  /** Sends a packet to the peer. May throw: then nothing of it leaves. */
  readonly send: (packet: Buffer) => void
  /** What answers requests. */
  readonly server: () => RequestServer
  /** Resolves when the peer has all that was sent until now: false when it goes first. */
  readonly acknowledged: () => Promise<boolean>
  /** Milliseconds, from any moment on. */
  readonly now: () => number
  /** The most bytes of heads and messages that wait to be sent. */
  readonly maxQueued: number
  /** Answers could not be sent. */
  readonly unsent: (error: unknown) => void
  /** The most requests whose answer is not complete. */
  readonly maxStreams: number
  /** The most bytes of requests that nobody has read yet. */
  readonly maxBuffered: number
  /** The peer sent what is not taken. */
  readonly dropped: (reason: SessionDrop) => void
  /** Called once: this session carries nothing any more. */
  readonly closed: () => void
}

/**
 * A packet of more bytes than this leaves before the turn is over, so that the peer begins with it while this side goes on.
 * Each packet costs both sides about as much as several small calls. This is about 30 of them: with half as many, 64 callers
 * take twice as many packets.
 */
const FULL_PACKET = 8192

/** With more streams than this, both ends have enough to do meanwhile: larger packets save a tenth of the processor's time. */
const MANY_STREAMS = 128
const LARGE_PACKET = 32 * 1024

/**
 * What there is between this node and one peer on the second wire: the calls made to it, and those answered for it. All
 * that is written in one turn of the event loop leaves in one packet when the turn is over; no timer waits for more.
 */
export class Session implements FrameHandler, StreamHost {
  readonly #options: SessionOptions
  readonly #writer = new PacketWriter()
  readonly #calls = new SlabMap<number, ClientStream>()
  readonly #answers = new SlabMap<number, ServerStream>()
  /** Answers that held something back, in case the turn brings more of it. */
  readonly #holding: Held[] = []
  /** Calls whose request is in the packet that has not left yet. */
  #fresh: ClientStream[] = []
  /** Answers that have ended in the packet that has not left yet. */
  #replied: number[] = []
  readonly #owed = new PendingResets(() => this.#send())
  /** Encodes what has to wait. */
  readonly #later = new PacketWriter()
  readonly #queue: SendQueue
  readonly windows: WindowBudget
  #messages = 0
  /** As it was when the last packet came. */
  #peer: Peer | undefined
  /** What it takes to keep the requests that nobody has read yet, in bytes. */
  buffered = 0
  readonly #ours = new StreamIds()
  readonly #theirs = new StreamIds()
  #nextStream = randomInt(LAST_STREAM)
  #scheduled = false
  #closed = false

  constructor(options: SessionOptions) {
    this.#options = options
    const { acknowledged, now, maxQueued, maxBuffered } = options
    this.windows = new WindowBudget(maxBuffered)
    this.#queue = new SendQueue({
      written: () => this.#writer.size,
      makeRoom: () => void this.packet,
      acknowledged,
      now,
      maxBytes: maxQueued,
    })
  }

  /** The packet of this turn, to be written to at once. */
  get packet(): PacketWriter {
    if (this.#writer.size > FULL_PACKET && this.#isFull()) this.#send()
    if (this.#writer.size === 0) this.#writeOwed()
    this.#schedule()
    return this.#writer
  }

  #isFull(): boolean {
    return this.#writer.size > LARGE_PACKET || this.#calls.size + this.#answers.size <= MANY_STREAMS
  }

  /** The limit that a request of so many bytes would exceed, on either wire. */
  excess(bytes: number): IncomingRequest['excess'] {
    const { maxStreams, maxBuffered } = this.#options
    if (this.#answers.size >= maxStreams) return 'peer-streams'
    return this.buffered > 0 && this.buffered + bytes > maxBuffered ? 'peer-buffered' : undefined
  }

  overfull(own: number): boolean {
    if (this.buffered <= this.#options.maxBuffered || this.buffered === own) return false
    this.#options.dropped('peer-buffered')
    return true
  }

  protocolError(by: 'caller' | 'service', stream: number): void {
    this.#options.dropped('peer-protocol')
    this.reset(by, stream, 'protocol')
  }

  /** Throws for a head that is too large to be sent. */
  call(request: OutgoingRequest, handler: ResponseHandler): ClientStream {
    const { deadline, method, url, body } = request
    const streamed = typeof body === 'function'
    const first = streamed ? nothing : this.#beginning(body)
    const end = !streamed && first.length === body.length
    const isLater = this.#queue.isFull
    const writer = isLater ? this.#later : this.packet
    while (this.#calls.has(this.#nextStream)) this.#advance()
    const calling = new ClientStream(this, this.#nextStream, handler)
    const { id } = calling
    if (!writer.request(id, deadline, method, url, headersOf(request), first, end)) throw headTooLarge()
    this.#advance()
    this.#ours.given(id)
    this.#calls.set(id, calling)
    if (!isLater) this.#written(calling)
    else if (!this.#sendLater(id, () => this.#written(calling))) {
      const error = tooMuchWaits(this.#options.maxQueued)
      process.nextTick(() => calling.lose({ type: 'unsent', error }))
      // What ends the call ends its body.
      if (streamed) calling.sendBody(body)
      return calling
    }
    if (end) return calling
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
   * Reads a packet that came; whether to its end. If not, since `mayGoOn` has said no, the next call goes on. Throws a
   * `PacketFault` for what can not be read, or what somebody threw on the way, which ends every stream: the rest of the packet
   * is not read, and nobody knows what of each was in it.
   */
  receive(peer: Peer, packet: PacketReader, mayGoOn: () => boolean): boolean {
    if (this.#closed) return true
    this.#peer = peer
    try {
      return packet.read(this, mayGoOn)
    } catch (error) {
      this.missed(error instanceof PacketFault ? 'protocol' : 'lost')
      throw error
    }
  }

  /** What the peer sent is not read, or not all of it. */
  missed(why: 'protocol' | 'lost'): void {
    // What is in the packet of this turn has not left, but will.
    this.#send()
    this.#breakOff({ type: 'reset', why }, why)
    this.#schedule()
  }

  respond(stream: number, head: ResponseHead, body: Uint8Array, end: boolean): boolean {
    const { status, message, headers } = head
    const isLater = this.#queue.isFull
    const writer = isLater ? this.#later : this.packet
    if (!writer.response(stream, status, message, headers, body, end)) return false
    if (!isLater) return true
    const written = () => {
      if (end) this.#replied.push(stream)
    }
    if (!this.#sendLater(serviceKey(stream), written)) {
      this.#options.unsent(tooMuchWaits(this.#options.maxQueued))
      this.#answers.get(stream)?.onReset()
      this.reset('service', stream, 'lost')
    }
    return true
  }

  isSmall(size: number): boolean {
    return size <= (this.#queue.isFull ? TINY_BODY : SMALL_BODY)
  }

  reset(by: 'caller' | 'service', stream: number, why: ResetName): void {
    if (by === 'service' && this.#queue.append(serviceKey(stream), () => this.#writeReset(by, stream, why)))
      return
    this.#writeReset(by, stream, why)
  }

  #writeReset(by: 'caller' | 'service', stream: number, why: ResetName): void {
    this.packet.reset(by, stream, why)
    this.#owed.said(by, stream, why)
  }

  /** A request is in the packet of this turn, and so it leaves, even if it is given up before the turn is over. */
  #written(calling: ClientStream): void {
    calling.sent = true
    this.#fresh.push(calling)
  }

  /** The packet of this turn does not leave. */
  #unwrite(calls: readonly ClientStream[]): void {
    for (const calling of calls) calling.sent = false
  }

  /** What was encoded leaves when there is room. False if too much waits already. */
  #sendLater(key: number, written: () => void): boolean {
    const frame = this.#later.take()
    const write = () => {
      this.packet.frame(frame)
      written()
    }
    return this.#queue.add(key, { size: frame.length, write })
  }

  roomFor(stream: Stream): number {
    return this.#queue.roomFor(stream)
  }

  /** Sends a message of the first wire, now or when there is room. Returns what takes it back, if it has not left. */
  message(content: Buffer, sent: () => void, failed: (error: unknown) => void): () => void {
    const send = () => {
      try {
        this.#options.send(content)
      } catch (error) {
        failed(error)
        return
      }
      this.#queue.sent(content.length)
      sent()
    }
    if (!this.#queue.isFull) {
      send()
      return ignore
    }
    const key = --this.#messages
    if (!this.#queue.add(key, { size: content.length, write: send }))
      failed(tooMuchWaits(this.#options.maxQueued))
    return () => {
      this.#queue.remove(key)
    }
  }

  hold(held: Held): void {
    this.#holding.push(held)
    this.#schedule()
  }

  forget(call: ClientStream): boolean {
    this.#calls.delete(call.id)
    this.#queue.leave(call)
    return this.#queue.remove(call.key)
  }

  over(answer: ServerStream, answered: boolean): void {
    this.#answers.delete(answer.id)
    this.#queue.leave(answer)
    if (answered && !this.#queue.has(answer.key)) this.#replied.push(answer.id)
  }

  /** Resolves when the peer has all that was to be sent to it, or is gone; at once when nothing was sent lately. */
  drained(): Promise<void> {
    this.flush()
    return this.#queue.drained()
  }

  /** What waits for room is sent now; the rest of bodies is not. */
  force(): void {
    this.flush()
    this.#queue.force()
    this.#send()
  }

  /** Calls fail, and those who answer see their caller hang up. */
  close(cause: CloseReason): void {
    if (this.#closed) return
    this.#closed = true
    this.#unwrite(this.#fresh)
    this.#queue.close()
    this.#owed.close()
    this.#options.closed()
    this.#loseAll(cause)
  }

  /**
   * The peer has greeted us anew, and may be in the middle of what we asked after it had begun to: of what is over for us
   * it is told. What has not left yet never will.
   */
  renew(cause: CloseReason): void {
    this.#writer.take()
    this.#unwrite(this.#fresh.splice(0))
    for (const key of this.#queue.restart())
      if (key >= SERVICE_KEYS) this.#owed.add('service', key - SERVICE_KEYS, 'lost')
    this.#packetLost(this.#replied.splice(0))
    this.#breakOff(cause, 'lost')
    this.#schedule()
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
    this.#theirs.given(stream)
    if (this.#owed.isFull) {
      this.#options.dropped('peer-unread')
      return
    }
    // A number that is in use: the caller has lost count, and neither call can be told from the other.
    const before = this.#answers.get(stream)
    if (before !== undefined || body.length > WINDOW) {
      this.protocolError('service', stream)
      before?.onReset()
      return
    }
    const kept = headBytes + (headers.length / 2) * FIELD_BYTES
    const excess = this.excess(kept + body.length)
    const answering = new ServerStream(this, { stream, method, headBytes: kept, body, end })
    this.#answers.set(stream, answering)
    this.#options.server().accept(
      this.#peer as Peer,
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
    _message: string,
    headers: string[],
    body: Buffer,
    end: boolean,
  ): void {
    this.#call(stream)?.onResponse(status, headers, body, end)
  }

  callerData(stream: number, body: Buffer, end: boolean): void {
    this.#answer(stream)?.onData(body, end)
  }

  serviceData(stream: number, body: Buffer, end: boolean): void {
    this.#call(stream)?.onData(body, end)
  }

  callerReset(stream: number): void {
    this.#queue.remove(serviceKey(stream))
    this.#answer(stream)?.onReset()
  }

  serviceReset(stream: number, why: ResetName): void {
    this.#call(stream)?.lose({ type: 'reset', why })
  }

  callerCredit(stream: number, bytes: number): void {
    this.#answer(stream)?.onCredit(bytes)
  }

  serviceCredit(stream: number, bytes: number): void {
    this.#call(stream)?.onCredit(bytes)
  }

  // Frames for a stream that is over were under way when it ended: they are passed over.
  #call(stream: number): ClientStream | undefined {
    const calling = this.#calls.get(stream)
    if (calling === undefined && !this.#ours.has(stream)) this.#options.dropped('unknown-stream')
    return calling
  }

  #answer(stream: number): ServerStream | undefined {
    const answering = this.#answers.get(stream)
    if (answering === undefined && !this.#theirs.has(stream)) this.#options.dropped('unknown-stream')
    return answering
  }

  #advance(): void {
    this.#nextStream = this.#nextStream === LAST_STREAM ? 0 : this.#nextStream + 1
  }

  #schedule(): void {
    if (this.#scheduled || this.#closed) return
    this.#scheduled = true
    process.nextTick(flush, this)
  }

  flush(): void {
    this.#scheduled = false
    for (const held of this.#holding.splice(0)) held.flush()
    this.#send()
  }

  #send(): void {
    if (this.#writer.size === 0) this.#writeOwed()
    if (this.#writer.size > 0) this.#sendPacket()
  }

  /** Into an empty packet. What one can not hold leaves in others before it. */
  #writeOwed(): void {
    while (this.#owed.write(this.#writer)) if (!this.#sendPacket()) return
  }

  /** Whether it could be sent. */
  #sendPacket(): boolean {
    const packet = this.#writer.take()
    if (this.#closed) return false
    const fresh = this.#fresh
    const replied = this.#replied
    this.#fresh = []
    this.#replied = []
    try {
      this.#options.send(packet)
    } catch (error) {
      if (replied.length > 0 || this.#answers.size > 0) this.#options.unsent(error)
      this.#packetLost(replied)
      this.#unwrite(fresh)
      // What was in the packet is lost, and with it the order of every stream.
      this.#breakOff({ type: 'unsent', error }, 'lost')
      this.#owed.later()
      return false
    }
    this.#queue.sent(packet.length)
    this.#owed.paid()
    return true
  }

  /**
   * A packet is lost, and with it the ends of these answers. Their callers are told before they hear what else was in it:
   * that nobody reads the rest of a request must not look like all that came of it.
   */
  #packetLost(answers: readonly number[]): void {
    for (const stream of answers) this.#owed.add('service', stream, 'lost')
    this.#owed.unpaid()
  }

  /** As much of a body as may go with the head of its request. */
  #beginning(body: Uint8Array): Uint8Array {
    if (this.isSmall(body.length)) return body
    return body.subarray(0, Math.min(WINDOW, this.#queue.room))
  }

  /** Ends every stream. The peer is told with the packet that leaves next. */
  #breakOff(cause: CloseReason, why: ResetName): void {
    for (const { id, sent } of this.#calls.all()) if (sent) this.#owed.add('caller', id, why)
    for (const { id, key } of this.#answers.all()) {
      this.#queue.remove(key)
      this.#owed.add('service', id, why)
    }
    this.#loseAll(cause)
  }

  /** The peer decides how many it asks: all its streams end here at once, and their handlers are told by and by. */
  #loseAll(cause: CloseReason): void {
    for (const calling of this.#calls.all()) calling.lose(cause)
    const answers = this.#answers.all()
    for (const answering of answers) answering.detach()
    inParts(answers, (answering) => answering.onReset())
  }
}

function flush(session: Session): void {
  session.flush()
}

/** The length of a body that the headers do not tell is told by a field of its own. */
function headersOf({ headers, length }: OutgoingRequest): readonly string[] {
  return length === undefined ? headers : [...headers, 'Content-Length', String(length)]
}

function headTooLarge() {
  const problem = `must not be larger than ${MAX_HEAD} bytes together with the URL`
  return sleuthError('SLEUTH_ARGUMENT', { argument: 'headers', problem })
}

function tooMuchWaits(bytes: number): Error {
  return new Error(`the peer does not take what is sent to it, and ${bytes} bytes wait`)
}

const nothing = new Uint8Array(0)

function ignore(): void {}
