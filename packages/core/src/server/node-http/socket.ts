import type { Server } from 'node:http'
import { isIPv6 } from 'node:net'
import { Duplex } from 'node:stream'
import type { AbortReason, Done } from '../../transport/transport.js'
import type { Local, RemoteCaller, SocketHandler } from '../types.js'
import { SocketTimer } from './socket-timer.js'

/** The options with which `http.Server` makes its sockets. As in `net.Socket`, the socket emits 'close' itself. */
const options = { allowHalfOpen: true, autoDestroy: true, decodeStrings: false, emitClose: false }

const channelOf = Symbol('channel')
const callerOf = Symbol('caller')
const localOf = Symbol('local')
const timerOf = Symbol('timer')
/** The bytes that a connection would have sent over HTTP. */
export const written: unique symbol = Symbol('written')

/**
 * Takes the place of the `net.Socket` of a request. Node's `IncomingMessage` and `ServerResponse` need one, and so do
 * `on-finished`, Koa and everyone who asks for the remote address. What the response writes to it goes to the channel. There is
 * never anything to read.
 */
export class Socket extends Duplex {
  declare [channelOf]: SocketHandler
  declare readonly [callerOf]: RemoteCaller
  declare readonly [localOf]: Local
  declare [timerOf]: SocketTimer | null
  declare timeout: number | undefined
  /** `ServerResponse` sets it: the response that is in progress. */
  declare _httpMessage: unknown
  declare server: Server
  /** The bytes of all requests that it has served: about as many as over HTTP/1.1, without the framing of bodies. */
  declare bytesRead: number
  declare [written]: number
  declare readonly writableBuffer: readonly { chunk: Buffer | string; encoding: BufferEncoding }[]
  /** The number of events that have listeners. */
  declare _eventsCount: number

  constructor(channel: SocketHandler, caller: RemoteCaller, local: Local, server: Server) {
    super(options)
    this[channelOf] = channel
    this[callerOf] = caller
    this[localOf] = local
    this[timerOf] = null
    this.bytesRead = 0
    this[written] = 0
    this.server = server
    this.on('error', ignore)
  }

  /**
   * Undefined, as on a Unix socket, unless the node has checked it. Frameworks, allow lists and trusted proxies rely on it, and
   * a peer may claim any address.
   */
  get remoteAddress(): string | undefined {
    const { address, verified } = this[callerOf].peer
    return verified ? address : undefined
  }

  get remotePort(): number | undefined {
    return this[callerOf].peer.verified ? this[callerOf].port : undefined
  }

  get remoteFamily(): string | undefined {
    const address = this.remoteAddress
    return address === undefined ? undefined : family(address)
  }

  get localAddress(): string {
    return this[localOf].address
  }

  get localPort(): number {
    return this[localOf].port
  }

  get localFamily(): string {
    return family(this.localAddress)
  }

  address(): { address: string; family: string; port: number } {
    return { address: this.localAddress, family: this.localFamily, port: this.localPort }
  }

  get connecting(): boolean {
    return false
  }

  get pending(): boolean {
    return false
  }

  get readyState(): string {
    if (this.writable) return 'open'
    return this.destroyed ? 'closed' : 'readOnly'
  }

  get bufferSize(): number {
    return this.writableLength
  }

  get bytesWritten(): number {
    let bytes = this[written]
    for (const { chunk, encoding } of this.writableBuffer) bytes += Buffer.byteLength(chunk, encoding)
    return bytes
  }

  /** A response is in progress on it. */
  get isInUse(): boolean {
    return Boolean(this._httpMessage)
  }

  setTimeout(milliseconds: number, callback?: () => void): this {
    if (this.destroyed) return this
    this.timeout = milliseconds
    this[timerOf] ??= new SocketTimer(this, this[channelOf])
    this[timerOf].set(milliseconds, callback)
    return this
  }

  /**
   * The response has finished. Over HTTP the connection would wait for the next request, and close some time later. Those who
   * wait for that are told after this turn. Returns whether the socket may serve again.
   */
  retire(): boolean {
    this[timerOf]?.clear()
    if (this.listenerCount('close') === 0) return true
    setImmediate(destroy, this)
    return false
  }

  /** The exchange ends too early, as a connection does for this reason. */
  endFor(reason: AbortReason): void {
    // Fastify's `onTimeout` hook listens for what a server's own limit would emit.
    if (reason === 'timeout') this.emit('timeout')
    if (reason === 'client-disconnected') this.emit('end')
    this.destroy()
  }

  /** Takes the next request, if the last one has left no trace. */
  serve(channel: SocketHandler): boolean {
    // Its only listener is the one that it has from the start.
    const unused = this._eventsCount === 1 && this[timerOf] === null && this.timeout === undefined
    if (!unused || !this.writable || this.writableLength > 0 || this._httpMessage) return false
    this[channelOf] = channel
    return true
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  destroySoon(): void {
    if (this.writable) this.end()
    else this.destroy()
  }

  resetAndDestroy(): this {
    return this.destroy()
  }

  /** Node's messages call these two to start and stop a body. The body does not come from here: it is pushed. */
  override resume(): this {
    this[channelOf].resumed()
    return this
  }

  override pause(): this {
    return this
  }

  override _read(): void {}

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: Done): void {
    this[timerOf]?.refresh()
    if (chunk.length === 0) {
      done()
      return
    }
    const data = bytes(chunk, encoding)
    this[written] += data.length
    this[channelOf].data([data], done)
  }

  override _writev(pieces: { chunk: Buffer | string; encoding: BufferEncoding }[], done: Done): void {
    this[timerOf]?.refresh()
    const chunks: Buffer[] = []
    for (const { chunk, encoding } of pieces) {
      if (chunk.length === 0) continue
      const data = bytes(chunk, encoding)
      this[written] += data.length
      chunks.push(data)
    }
    if (chunks.length === 0) done()
    else this[channelOf].data(chunks, done)
  }

  /** The connection will send nothing more. Over HTTP the caller sees its end, and closes it. */
  override _final(done: Done): void {
    done()
    process.nextTick(destroy, this)
  }

  override _destroy(error: Error | null, done: Done): void {
    this[timerOf]?.clear()
    this[channelOf].destroyed()
    done(error)
    // A real socket emits 'close' when its handle has closed: after this turn of the event loop.
    setImmediate(close, this, error !== null)
  }
}

/** Without a listener, Node would throw an error. The request and the response report it. */
function ignore(): void {}

function destroy(socket: Socket): void {
  socket.destroy()
}

function close(socket: Socket, hadError: boolean): void {
  socket[channelOf].closed()
  socket.emit('close', hadError)
}

function bytes(chunk: Buffer | string, encoding: BufferEncoding): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk
}

function family(address: string): string {
  return isIPv6(address) ? 'IPv6' : 'IPv4'
}

/** The most sockets that are kept for one caller. */
const MAX_SOCKETS = 64

interface Used {
  readonly socket: Socket
  /** The last request that it served. */
  readonly req: { readonly destroyed: boolean }
}

/**
 * A socket serves one request after another, as a connection that is kept alive does: to make one takes a tenth of all the
 * time of a request. As over HTTP, it serves one caller only, nobody listens to it any more, and no request is left that
 * could destroy it.
 */
export class SocketPool {
  readonly #used = new WeakMap<RemoteCaller, Used[]>()

  acquire(channel: SocketHandler, caller: RemoteCaller, local: Local, server: Server): Socket {
    const used = this.#used.get(caller)?.shift()
    if (used?.req.destroyed && used.socket.serve(channel)) return used.socket
    return new Socket(channel, caller, local, server)
  }

  /** `acquire` checks the state of the request later. */
  release(caller: RemoteCaller, socket: Socket, req: Used['req']): void {
    const used = this.#used.get(caller)
    if (used === undefined) this.#used.set(caller, [{ socket, req }])
    else if (used.length < MAX_SOCKETS) used.push({ socket, req })
  }
}
