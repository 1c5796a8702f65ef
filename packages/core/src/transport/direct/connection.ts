import type { Socket } from 'node:net'
import type { Peer } from '@sleuth/zre'
import { directWindows } from '../../shared/limits.js'
import { Queue } from '../../shared/queue.js'
import { ControlKind, FRAME_HEAD_BYTES } from '../streams/format.js'
import type { Session } from '../streams/session.js'
import type { DirectChannel } from '../streams/sessions.js'
import type { CloseReason, Done } from '../transport.js'
import { isTlsFault } from './faults.js'
import { FrameReader } from './frame-reader.js'
import { readInto, sharedMemory } from './read-into.js'
import { type Finding, Silence } from './silence.js'
import type { Rest, TurnSlice } from './turn-slice.js'

export interface ConnectionOptions {
  /** One object for as long as the peer is present, and the connection ends when it is not. */
  readonly peer: Peer
  /** The most bytes that wait for the kernel to take them. */
  readonly maxBacklog: number
  /** Milliseconds after which a connection is given up that does not answer, though its peer does. */
  readonly lostAfter: number
  /** Milliseconds, from any moment on. */
  readonly now: () => number
  /** The time of this turn for the work of all connections. */
  readonly slice: TurnSlice
  /** Bytes came, or were handed over. */
  readonly received: (bytes: number) => void
  readonly sent: (bytes: number) => void
  /** The peer sent what can not be read, something was changed on the way, or handling it threw. */
  readonly failed: (error: unknown) => void
  /** Called once: it carries nothing any more. */
  readonly closed: () => void
}

/** A ping that has no answer yet. */
interface Ping {
  readonly number: number
  readonly answered: (received: boolean) => void
}

/** A TCP connection to one peer, after its handshake: frames, one after the other, in both directions. */
export class Connection implements DirectChannel, Rest {
  readonly takesTails = true
  readonly windows = directWindows
  readonly #socket: Socket
  readonly #options: ConnectionOptions
  readonly #reader = new FrameReader()
  readonly #pings = new Queue<Ping>()
  readonly #silence: Silence
  #session: Session | undefined
  #nextPing = 0
  /** The newest ping that is not answered, since the peer does not read. */
  #pongDue: number | undefined
  /** The number of the last pong. Before the first, it stands for no ping. */
  #ponged = 0xffff_ffff
  #signedAt = Number.NEGATIVE_INFINITY
  #corked = false
  /** Not all that came is read. */
  #isBehind = false
  /** Since the last check. */
  #wrote = false
  #heard = false
  #cause: CloseReason = { type: 'gone', reason: 'lost' }
  #closed = false

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket
    this.#options = options
    this.#silence = new Silence(options.lostAfter)
    socket.setNoDelay(true)
    // It closes next.
    socket.on('error', (error) => {
      if (isTlsFault(error)) options.failed(error)
    })
    // A peer that vanished without a word, and to which nothing is sent, is found out by the kernel.
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    // The node's own sockets keep the process going for as long as it is a member.
    socket.unref()
  }

  /** Begins to read: first what came with the handshake. */
  start(session: Session, first: Buffer): void {
    this.#session = session
    const socket = this.#socket
    const memory = sharedMemory()
    const received = (bytes: number): true => {
      this.#receive(memory.subarray(0, bytes), true)
      return true
    }
    if (!readInto(socket, memory, received)) socket.on('data', (chunk: Buffer) => this.#receive(chunk, false))
    socket.on('drain', () => this.#drained())
    socket.on('end', () => this.#end())
    socket.on('close', () => this.#end())
    // It flows from the next tick on, unless there is too much to do with what came first.
    socket.resume()
    if (first.length > 0) this.#receive(first, false)
  }

  send(packet: Buffer, tail?: Uint8Array, done?: Done): void {
    const socket = this.#socket
    if (!socket.writable) throw new Error('the connection to the peer is closed')
    if (socket.writableLength > this.#options.maxBacklog)
      throw new Error(`the peer does not take what is sent to it, and ${socket.writableLength} bytes wait`)
    // The first byte says that it is a packet: here there is nothing else.
    this.#cork()
    this.#write(packet.subarray(1))
    if (tail === undefined) return
    this.#write(tail, done)
    // At once: its owner may change its bytes, or even how many there are, before the turn is over.
    this.flush()
  }

  flush(): void {
    if (!this.#corked) return
    this.#corked = false
    this.#socket.uncork()
  }

  /** Bytes that wait for the kernel to take them. */
  get backlog(): number {
    return this.#socket.writableLength
  }

  acknowledged(): Promise<boolean> {
    if (!this.#socket.writable) return Promise.resolve(false)
    return new Promise((answered) => this.#ping(answered))
  }

  control(kind: number, number: number): void {
    if (kind === ControlKind.ping) this.#pong(number)
    else if (kind === ControlKind.pong) this.#answered(number)
  }

  /**
   * To be called in intervals. If something was written since the last time, and nothing came, the peer is asked for a sign of
   * life. `reachedAt`: when it was last reached by ZeroMQ.
   */
  check(reachedAt: number): Finding {
    const owes = this.#pings.size > 0
    if (this.#isBehind) this.#sign()
    const heard = this.#heard || this.#isBehind
    if (this.#wrote && !heard && !owes) this.#ping(ignore)
    this.#wrote = false
    this.#heard = false
    return this.#silence.check(owes && !heard, reachedAt)
  }

  /** Sends what was written, and then closes. Resolves when the peer has closed as well. */
  end(cause: CloseReason): Promise<void> {
    this.#cause = cause
    if (this.#closed) return Promise.resolve()
    this.flush()
    return new Promise((resolve) => {
      this.#socket.once('close', () => resolve())
      this.#socket.end()
    })
  }

  /** Closes at once. */
  close(): void {
    this.#socket.destroy()
    this.#end()
  }

  /** `isLent`: the memory of the chunk is used again after this. */
  #receive(chunk: Buffer, isLent: boolean): void {
    this.#heard = true
    this.#options.received(chunk.length)
    this.#reader.push(chunk, isLent)
    if (!this.#options.slice.isSpent && this.#read()) return
    // What is not done with in this turn is handled in another one; the peer waits meanwhile.
    this.#socket.pause()
    this.#reader.keep()
    this.#isBehind = true
    this.#sign()
    this.#options.slice.later(this)
  }

  goOn(): boolean {
    if (this.#closed) return true
    if (this.#read()) {
      this.#isBehind = false
      this.#heard = true
      this.#socket.resume()
      return true
    }
    this.#sign()
    return false
  }

  /** Whether all that came is read. */
  #read(): boolean {
    const { peer, slice, failed } = this.#options
    try {
      return this.#session?.receive(peer, this.#reader, slice.mayGoOn) ?? true
    } catch (error) {
      // Where the next frame begins, nobody knows.
      failed(error)
      this.close()
      return true
    }
  }

  #end(): void {
    if (this.#closed) return
    this.#closed = true
    for (const { answered } of this.#pings.drain()) answered(false)
    this.#session?.close(this.#cause)
    this.#options.closed()
  }

  #ping(answered: (received: boolean) => void): void {
    const number = this.#nextPing
    this.#nextPing = (number + 1) >>> 0
    this.#pings.push({ number, answered })
    this.#write(controlFrame(ControlKind.ping, number))
  }

  /** An answer stands for all pings before. */
  #answered(number: number): void {
    const first = this.#pings.peek()?.number ?? number
    const last = (number - first) >>> 0
    if (last >= this.#pings.size) return
    for (let left = last; left >= 0; left--) this.#pings.shift()?.answered(true)
  }

  /** To a peer that does not read, one answer waits, however often it asks. */
  #pong(number: number): void {
    if (this.#socket.writableNeedDrain) {
      this.#pongDue = number
      return
    }
    this.#ponged = number
    this.#write(controlFrame(ControlKind.pong, number))
  }

  #drained(): void {
    if (this.#pongDue === undefined) return
    const number = this.#pongDue
    this.#pongDue = undefined
    this.#pong(number)
  }

  /** A peer whose requests take long waits for the answer to a ping behind them: it hears the last pong again meanwhile. */
  #sign(): void {
    const now = this.#options.now()
    if (now < this.#signedAt + SIGN_MS || this.#socket.writableNeedDrain) return
    this.#signedAt = now
    this.#write(controlFrame(ControlKind.pong, this.#ponged))
  }

  /** What is sent in one turn leaves together, with a single call of the kernel. */
  #cork(): void {
    if (this.#corked) return
    this.#corked = true
    this.#socket.cork()
  }

  #write(bytes: Uint8Array, done?: Done): void {
    if (!this.#socket.writable) return
    this.#wrote = true
    this.#options.sent(bytes.length)
    this.#socket.write(bytes, done)
  }
}

const KEEP_ALIVE_MS = 5000

/** Milliseconds between signs of life while the peer's frames are handled: less than any `lostAfter`. */
const SIGN_MS = 250

function controlFrame(kind: number, number: number): Buffer {
  const frame = Buffer.alloc(FRAME_HEAD_BYTES)
  frame[0] = kind
  frame.writeUInt32BE(number, 1)
  return frame
}

function ignore(): void {}
