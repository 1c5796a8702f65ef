import { randomInt } from 'node:crypto'
import type { ResetName } from '../wire2/format.js'
import { type FrameHandler, readPacket } from '../wire2/reader.js'
import { PacketWriter } from '../wire2/writer.js'
import type { Answering } from './answering.js'
import { Calling, type CallingEvents, type LostCause } from './calling.js'

export interface LinkOptions {
  /** Sends a packet to the peer. May throw: then nothing of it leaves. */
  readonly send: (packet: Buffer) => void
  /** A request came. Who answers it registers before the handler runs. */
  readonly accept: (link: Link, request: IncomingRequest) => void
  /** Answers could not be sent. */
  readonly unsent: (error: unknown) => void
  /** Called once: this link carries nothing any more. */
  readonly closed: () => void
}

export interface IncomingRequest {
  readonly stream: number
  /** Milliseconds that are left to answer; 0 for no limit. */
  readonly deadline: number
  readonly method: string
  readonly url: string
  readonly headers: string[]
  readonly body: Buffer
  /** No more of the body follows. */
  readonly end: boolean
}

export interface OutgoingRequest {
  readonly deadline: number
  readonly method: string
  readonly url: string
  readonly headers: readonly string[]
  /** null: it follows, by the stream's sender. */
  readonly body: Uint8Array | null
}

/** A packet is sent before the turn is over when it is this large. */
const FULL_PACKET = 524288

/**
 * What there is between this node and one peer on the second wire: the calls made to it, and those answered for it. All
 * that is written in one turn of the event loop leaves in one packet when the turn is over; no timer waits for more.
 */
export class Link implements FrameHandler {
  readonly #options: LinkOptions
  readonly #writer = new PacketWriter()
  readonly #calls = new Map<number, Calling>()
  readonly #answers = new Map<number, Answering>()
  /** Answers that held something back, in case the turn brings more of it. */
  readonly #holding: Answering[] = []
  /** Calls whose request is in the packet that has not left yet. */
  #fresh: Calling[] = []
  #nextStream = randomInt(2 ** 32)
  #scheduled = false
  #closed = false

  constructor(options: LinkOptions) {
    this.#options = options
  }

  /** The packet of this turn, to be written to at once. */
  get packet(): PacketWriter {
    if (this.#writer.size > FULL_PACKET) this.#send()
    this.#schedule()
    return this.#writer
  }

  call(request: OutgoingRequest, events: CallingEvents): Calling {
    const { deadline, method, url, headers, body } = request
    while (this.#calls.has(this.#nextStream)) this.#advance()
    const calling = new Calling(this, this.#nextStream, events)
    this.#advance()
    this.#calls.set(calling.id, calling)
    this.#fresh.push(calling)
    const { sender } = calling
    const first = body?.subarray(0, sender.credit) ?? nothing
    const end = first.length === body?.length
    this.packet.request(calling.id, deadline, method, url, headers, first, end)
    if (end) return calling
    sender.spend(first.length)
    if (body !== null) {
      sender.write(body.subarray(first.length), ignore)
      sender.end()
    }
    return calling
  }

  /** A packet came. Throws a `PacketFault` for what can not be read. */
  receive(packet: Buffer): void {
    readPacket(packet, this)
  }

  /** Something is to be said at the end of the turn, unless it is said before. */
  hold(answering: Answering): void {
    this.#holding.push(answering)
    this.#schedule()
  }

  forget(calling: Calling): void {
    this.#calls.delete(calling.id)
  }

  answered(answering: Answering): void {
    this.#answers.delete(answering.id)
  }

  /** Calls fail, and those who answer see their caller hang up. */
  close(cause: LostCause): void {
    if (this.#closed) return
    this.#closed = true
    this.#options.closed()
    for (const calling of [...this.#calls.values()]) calling.lose(cause)
    for (const answering of [...this.#answers.values()]) answering.onReset()
  }

  request(
    stream: number,
    deadline: number,
    method: string,
    url: string,
    headers: string[],
    body: Buffer,
    end: boolean,
  ): void {
    // A number that is in use: the caller has lost count, and neither call can be told from the other.
    const before = this.#answers.get(stream)
    if (before !== undefined) return before.onReset()
    const request = { stream, deadline, method, url, headers, body, end }
    this.#options.accept(this, request)
  }

  register(answering: Answering): void {
    this.#answers.set(answering.id, answering)
  }

  response(
    stream: number,
    status: number,
    _message: string,
    headers: string[],
    body: Buffer,
    end: boolean,
  ): void {
    this.#calls.get(stream)?.onResponse(status, headers, body, end)
  }

  // Frames for a stream that is over were under way when it ended: they are passed over.
  callerData(stream: number, body: Buffer, end: boolean): void {
    this.#answers.get(stream)?.onData(body, end)
  }

  serviceData(stream: number, body: Buffer, end: boolean): void {
    this.#calls.get(stream)?.onData(body, end)
  }

  callerReset(stream: number): void {
    this.#answers.get(stream)?.onReset()
  }

  serviceReset(stream: number, why: ResetName): void {
    this.#calls.get(stream)?.onReset(why)
  }

  callerCredit(stream: number, bytes: number): void {
    this.#answers.get(stream)?.sender.grant(bytes)
  }

  serviceCredit(stream: number, bytes: number): void {
    this.#calls.get(stream)?.sender.grant(bytes)
  }

  #advance(): void {
    this.#nextStream = (this.#nextStream + 1) >>> 0
  }

  #schedule(): void {
    if (this.#scheduled || this.#closed) return
    this.#scheduled = true
    process.nextTick(flush, this)
  }

  flush(): void {
    this.#scheduled = false
    for (const answering of this.#holding.splice(0)) answering.flush()
    this.#scheduled = false
    this.#send()
  }

  #send(): void {
    if (this.#writer.size === 0) return
    const packet = this.#writer.take()
    if (this.#closed) return
    const fresh = this.#fresh
    this.#fresh = []
    try {
      this.#options.send(packet)
    } catch (error) {
      // What was in the packet is lost, and with it the order of every stream.
      if (fresh.length === 0) this.#options.unsent(error)
      this.close({ type: 'unsent', error })
      return
    }
    for (const calling of fresh) calling.left = true
  }
}

function flush(link: Link): void {
  link.flush()
}

const nothing = new Uint8Array(0)

function ignore(): void {}
