import type { Done, ResetReason } from '../transport.js'
import type { Channel } from './channel.js'
import type { ClientStream } from './client-stream.js'
import { PacketShare } from './packet-share.js'
import { PendingResets } from './pending-resets.js'
import { SendQueue } from './send-queue.js'
import { type Held, SMALL_BODY, type Stream } from './stream-host.js'
import { SERVICE_KEYS, serviceKey } from './stream-ids.js'
import { WholeMessages } from './whole-messages.js'
import { PacketWriter } from './writer.js'

/** A packet of more bytes than this leaves in any case. */
const FULL_PACKET = 32 * 1024

/** The most bytes of a body that follow one packet: others may leave between two of them. */
const LARGEST_PART = 256 * 1024

export interface OutboxOptions {
  readonly channel: Channel
  /** Milliseconds, from any moment on. */
  readonly now: () => number
  /** The most bytes of heads and messages that wait to be sent. */
  readonly maxQueued: number
  /** How many streams there are. */
  readonly streams: () => number
  /** A packet could not be sent, and with it the order of every stream is lost. `ends`: it had the ends of answers. */
  readonly lost: (error: unknown, ends: boolean) => void
}

/**
 * What leaves for a peer. All that is written in one turn of the event loop leaves in one packet when the turn is over; no
 * timer waits for more. What finds no room waits in a queue.
 */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #writer: PacketWriter
  readonly #largestPart: number
  /** Encodes what has to wait. */
  readonly later = new PacketWriter()
  readonly #queue: SendQueue
  readonly #share = new PacketShare()
  readonly #resets = new PendingResets(() => this.flush())
  /** Answers that held something back, in case the turn brings more of it. */
  readonly #holding: Held[] = []
  /** Calls whose request is in the packet that has not left yet. */
  #fresh: ClientStream[] = []
  /** Answers that have ended in the packet that has not left yet. */
  #ended: number[] = []
  readonly messages: WholeMessages
  #scheduled = false
  #closed = false

  constructor(options: OutboxOptions) {
    this.#options = options
    const { takesTails } = options.channel
    this.#writer = new PacketWriter(takesTails ? SMALL_BODY : Infinity)
    this.#largestPart = takesTails ? LARGEST_PART : Infinity
    this.#queue = new SendQueue({
      written: () => this.#writer.size,
      makeRoom: () => void this.openPacket(),
      acknowledged: () => options.channel.acknowledged(),
      now: options.now,
      maxBytes: options.maxQueued,
    })
    this.messages = new WholeMessages({
      channel: options.channel,
      queue: this.#queue,
      tooMuchWaits: () => this.tooMuchWaits(),
    })
  }

  /** The packet of this turn, to be written to at once. Sends one that is full before that. */
  openPacket(): PacketWriter {
    if (this.#writer.size > 0 && this.#isPacketFull()) {
      this.#send()
      this.#options.channel.flush()
    }
    if (this.#writer.size === 0) this.#writeResets()
    this.schedule()
    return this.#writer
  }

  #isPacketFull(): boolean {
    const messages = this.#fresh.length + this.#ended.length
    return this.#share.isReached(messages, this.#options.streams()) || this.#writer.size > FULL_PACKET
  }

  /** Whether a head has to wait. */
  get isFull(): boolean {
    return this.#queue.isFull
  }

  /** Bytes that a body may send at once without waiting for others. */
  get room(): number {
    return Math.min(this.#largestPart, this.#queue.room)
  }

  /** How many bytes of a body may go to the peer now. If none, its `flow` is called when some may. */
  roomFor(stream: Stream): number {
    return Math.min(this.#largestPart, this.#queue.roomFor(stream))
  }

  /** The packet of this turn has got a tail: it leaves. `done` is called when the bytes belong to their owner again. */
  sendTail(done?: Done): void {
    this.#sendPacket(done)
  }

  /** A request is in the packet of this turn, and so it leaves, even if it is given up before the turn is over. */
  requested(call: ClientStream): void {
    call.sent = true
    this.#fresh.push(call)
  }

  /** The end of an answer is in the packet of this turn. */
  answered(stream: number): void {
    this.#ended.push(stream)
  }

  /** What `later` has encoded leaves when there is room. False if too much waits already. */
  sendLater(key: number, written: () => void): boolean {
    const frame = this.later.take()
    const write = () => {
      this.openPacket().frame(frame)
      written()
    }
    return this.#queue.add(key, { size: frame.length, write })
  }

  /** Writes a reset; and writes it again, if the packet of this turn is lost. */
  reset(by: 'caller' | 'service', stream: number, why: ResetReason): void {
    if (by === 'service' && this.#queue.append(serviceKey(stream), () => this.#writeReset(by, stream, why)))
      return
    this.#writeReset(by, stream, why)
  }

  #writeReset(by: 'caller' | 'service', stream: number, why: ResetReason): void {
    this.openPacket().reset(by, stream, why)
    this.#resets.written(by, stream, why)
  }

  /** A reset that the next packet begins with. */
  resetNext(by: 'caller' | 'service', stream: number, why: ResetReason): void {
    this.#resets.add(by, stream, why)
  }

  /** The peer does not take the resets that it is sent. */
  get resetsPile(): boolean {
    return this.#resets.isFull
  }

  tooMuchWaits(): Error {
    return new Error(`the peer does not take what is sent to it, and ${this.#options.maxQueued} bytes wait`)
  }

  /** `flush` of it is called at the end of the turn, before its packet leaves. */
  hold(held: Held): void {
    this.#holding.push(held)
    this.schedule()
  }

  /** A stream is over. Whether what waits for it had not left: then it never does. */
  forget(stream: Stream): boolean {
    this.#queue.leave(stream)
    return this.#queue.remove(stream.key)
  }

  /** An answer is over. `answered`: its end may be in the packet of this turn. */
  over(answer: Stream & { readonly id: number }, answered: boolean): void {
    this.#queue.leave(answer)
    if (answered && !this.#queue.has(answer.key)) this.#ended.push(answer.id)
  }

  /** What waits under a key never leaves. */
  remove(key: number): void {
    this.#queue.remove(key)
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
    this.flush()
  }

  /** The peer begins anew: what has not left yet never will. */
  restart(): void {
    this.#writer.take()
    unsend(this.#fresh.splice(0))
    for (const key of this.#queue.restart())
      if (key >= SERVICE_KEYS) this.#resets.add('service', key - SERVICE_KEYS, 'lost')
    this.#packetLost(this.#ended.splice(0))
  }

  close(): void {
    this.#closed = true
    unsend(this.#fresh)
    this.#queue.close()
    this.#resets.close()
  }

  schedule(): void {
    if (this.#scheduled || this.#closed) return
    this.#scheduled = true
    process.nextTick(flush, this)
  }

  flush(): void {
    this.#scheduled = false
    for (const held of this.#holding.splice(0)) held.flush()
    this.#send()
    if (this.#share.sent > 1) this.#share.endTurn(this.#options.streams())
    this.#share.sent = 0
    this.#options.channel.flush()
  }

  /** What was written leaves now. */
  send(): void {
    this.#send()
  }

  #send(): void {
    if (this.#writer.size === 0) this.#writeResets()
    if (this.#writer.size > 0) this.#sendPacket()
  }

  /** Into an empty packet. What one can not hold leaves in others before it. */
  #writeResets(): void {
    while (this.#resets.write(this.#writer)) if (!this.#sendPacket()) return
  }

  /** Whether it could be sent. */
  #sendPacket(done?: Done): boolean {
    const { tail } = this.#writer
    const packet = this.#writer.take()
    if (this.#closed) {
      done?.()
      return false
    }
    const fresh = this.#fresh
    const ended = this.#ended
    this.#share.sent += fresh.length + ended.length
    this.#fresh = []
    this.#ended = []
    try {
      this.#options.channel.send(packet, tail, done)
    } catch (error) {
      done?.()
      this.#packetLost(ended)
      unsend(fresh)
      this.#options.lost(error, ended.length > 0)
      this.#resets.retryLater()
      return false
    }
    this.#queue.sent(packet.length + (tail?.length ?? 0))
    this.#resets.sent()
    return true
  }

  /**
   * A packet is lost, and with it the ends of these answers. Their callers are told before they hear what else was in it:
   * that nobody reads the rest of a request must not look like all that came of it.
   */
  #packetLost(answers: readonly number[]): void {
    for (const stream of answers) this.#resets.add('service', stream, 'lost')
    this.#resets.lost()
  }
}

function flush(outbox: Outbox): void {
  outbox.flush()
}

/** The packet with these requests does not leave. */
function unsend(calls: readonly ClientStream[]): void {
  for (const call of calls) call.sent = false
}
