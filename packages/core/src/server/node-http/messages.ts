import { IncomingMessage, ServerResponse } from 'node:http'
import { type Bounded, handlerMark, hasForeignListener } from '../../shared/marks.js'
import type { Done } from '../../transport/transport.js'
import type { SleuthPeer } from '../../types.js'
import type { RequestHead } from '../request-head.js'
import type { Listener, SocketHandler } from '../types.js'
import { type HeadState, storeHeader as makeHead, type StoredHead } from './response-head.js'
import { type Socket, written } from './socket.js'

const headOf = Symbol('head')

/** The classes of the two objects that a listener is given. */
export interface MessageClasses {
  readonly Request: new (socket: IncomingMessage['socket']) => IncomingMessage
  readonly Response: new (req: IncomingMessage) => ServerResponse
}

const plain: MessageClasses = { Request: IncomingMessage, Response: ServerResponse }

/**
 * An Express app gives each request and response another prototype: its own `request` and `response`. In V8, to change the
 * prototype of an object costs more than all the rest of a call, and to set the one that it has costs nothing. So for such an
 * app they have these prototypes from the start.
 */
export function messageClassesFor(listener: Listener): MessageClasses {
  const { request, response } = listener as { request?: unknown; response?: unknown }
  if (!(request instanceof IncomingMessage) || !(response instanceof ServerResponse)) return plain
  try {
    const made = { Request: derive(IncomingMessage, request), Response: derive(ServerResponse, response) }
    new made.Response(new made.Request(undefined as never))
    return made
  } catch {
    // In this version of Node they are classes, which can't be called.
    return plain
  }
}

function derive<T extends new (argument: never) => object>(Base: T, prototype: object): T {
  function Derived(this: object, argument: unknown): void {
    Reflect.apply(Base as unknown as () => void, this, [argument])
  }
  Derived.prototype = prototype
  return Derived as unknown as T
}

/** A real `http.IncomingMessage`, with the fields that Node's typings leave out. */
export interface Request extends IncomingMessage, Bounded {
  sleuthPeer: SleuthPeer
  upgrade: boolean
  _consuming: boolean
  _readableState: { resumeScheduled: boolean; highWaterMark: number }
  _addHeaderLines(headers: string[], count: number): void
  _dump(): void
  _dumped: boolean
}

export function createRequest(
  { Request }: MessageClasses,
  socket: Socket,
  head: RequestHead,
  peer: SleuthPeer,
): Request {
  const req = new Request(socket as unknown as IncomingMessage['socket']) as Request
  req.httpVersionMajor = 1
  req.httpVersionMinor = 1
  req.httpVersion = '1.1'
  req.method = head.method
  req.url = head.url
  req.upgrade = false
  req.sleuthPeer = peer
  req._addHeaderLines(head.rawHeaders, head.rawHeaders.length)
  return req
}

/** Returns whether the handler has taken the bytes. Bytes that nobody will read are dropped, and count as taken. */
export function pushBody(req: Request, bytes: Buffer): boolean {
  if (req.destroyed || req._dumped || bytes.length === 0) return true
  req.push(bytes)
  return req.readableLength === 0
}

/**
 * From now on the request asks for more only when its handler has read all that it holds. So bytes wait outside of it, where
 * they are joined and counted. It does not begin like this: the first read must get through, whatever the request holds.
 */
export function holdLittle(req: Request): void {
  req._readableState.highWaterMark = 1
}

export function completeBody(req: Request): void {
  req.complete = true
  req.push(null)
}

/**
 * Does what `http.Server` does with a request whose response has finished: it reads what nobody will read, so that 'end' and
 * 'close' come. Returns whether the handler reads the request.
 */
export function settleRequest(req: Request): boolean {
  detachSignal?.call(req)
  if (!req._consuming && !req._readableState.resumeScheduled) req._dump()
  return !req._dumped
}

/** Whether the handler reads the body, or has only paused it. */
export function isTaken(req: Request): boolean {
  return req.readableFlowing === true || req.listenerCount('data') > 0 || req.listenerCount('readable') > 0
}

/** The caller hung up while the request was underway. */
export function abortRequest(req: Request): void {
  req.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }))
  // No event brings the rest of the body any more. It is dropped, in case the handler goes on.
  while (req.read() !== null);
}

/**
 * In versions of Node that have `req.signal` (from 24.21 on), the signal aborts when the socket closes, unless the server
 * calls this method because the response has finished.
 */
const detachSignal = methodCalled('kDetachAbortSignal')

function methodCalled(description: string): (() => void) | undefined {
  const symbols = Object.getOwnPropertySymbols(IncomingMessage.prototype)
  const symbol = symbols.find((one) => one.description === description)
  return symbol && (IncomingMessage.prototype as unknown as Record<symbol, () => void>)[symbol]
}

/**
 * A real `http.ServerResponse`. Its `write`, `end` and `writeHead`, with all that they check, count and emit, are Node's own.
 * Below them, Node turns the response into text in four methods: sleuth replaces these. They are own properties, because
 * Express gives the response another prototype.
 */
export interface Response extends ServerResponse, HeadState {
  socket: Socket & ServerResponse['socket']
  statusCode: number
  statusMessage: string
  sendDate: boolean
  _closed: boolean
  _sent100: boolean
  _expect_continue: boolean
  _storeHeader(statusLine: string, headers: Record<string, unknown> | unknown[] | undefined): void
  _send(data: string | Buffer, encoding?: BufferEncoding | null, callback?: Done): boolean
  _writeRaw(data: string, encoding?: BufferEncoding, callback?: Done): boolean
  _finish(): void
  _flush(): void
  _flushOutput(): boolean
  [handlerMark]: SocketHandler
  [headOf]: StoredHead | undefined
}

/**
 * For a handler that passes requests on: it gives this one back, since nobody answers it here. Another instance may take it,
 * whatever its method. `ran`: it may have been done in part or whole, so only a request that may be done twice goes on. Returns
 * false for a request over HTTP, and for a response that has begun.
 */
export function refuse(res: ServerResponse, ran = false): boolean {
  return channelOf(res)?.refuse(ran) ?? false
}

/** The owner of a response, if it is one of ours. */
export function channelOf(res: ServerResponse): SocketHandler | undefined {
  return (res as Partial<Response>)[handlerMark]
}

export function createResponse(
  { Response }: MessageClasses,
  req: IncomingMessage,
  socket: Socket,
  channel: SocketHandler,
): Response {
  const res = new Response(req) as Response
  res[handlerMark] = channel
  res._storeHeader = storeHeader
  res._send = send
  res._writeRaw = writeRaw
  res._finish = finish
  res.assignSocket(socket as Response['socket'])
  res.on('finish', finished)
  return res
}

/**
 * The socket was destroyed, so nothing more is sent, and Node does the rest: it ends a response in chunks with a last chunk,
 * which is dropped, and it emits 'finish' for one with a declared length.
 */
export function loseSocket(res: Response): void {
  if (res[headOf]?.chunked) res.chunkedEncoding = true
}

/** Does what `http.Server` does for a request that expects `100 Continue`. */
export function sendContinue(res: Response): void {
  res._expect_continue = true
  res.writeContinue()
}

/** Whether the connection of this response ends with it. */
export function closesConnection(res: Response): boolean {
  return res._last
}

/**
 * Whether the app learns that the caller hangs up. Node itself listens only for the socket's 'close'. Sleuth listens for the
 * response's 'close', because of the calls of a handler.
 */
export function isTold(req: IncomingMessage, res: Response, socket: Socket): boolean {
  if (hasForeignListener(res, 'close') || socket.listenerCount('close') > 1) return true
  return ['close', 'aborted', 'error'].some((event) => req.listenerCount(event) > 0)
}

/** Does what `http.Server` does when a response has finished. */
export function detachResponse(res: Response, socket: Socket): void {
  res.detachSocket(socket as Response['socket'])
  process.nextTick(closeResponse, res)
}

function closeResponse(res: Response): void {
  if (res._closed) return
  res.destroyed = true
  res._closed = true
  res.emit('close')
}

function storeHeader(this: Response, ...[statusLine, headers]: Parameters<Response['_storeHeader']>): void {
  this[headOf] = makeHead(this, statusLine, headers)
}

/** Node calls it with the chunks of the body, with `''` to flush the head, and with `''` and a callback at the end. */
function send(this: Response, ...[data, encoding, callback]: Parameters<Response['_send']>): boolean {
  const { socket } = this
  if (!this._headerSent && this._header !== null) {
    this._headerSent = true
    const { status, message, fields } = this[headOf] as StoredHead
    if (socket?.destroyed === false) {
      socket[written] += this._header.length
      this[handlerMark].head(status, message, fields)
    }
  }
  // A response without a socket has finished. Only `flushHeaders()` can still come.
  if (!socket) return true
  if (!socket.writable) return false
  if (data.length === 0 && !callback) return true
  const ready = socket.write(data, encoding as BufferEncoding, callback)
  if (!ready && socket.listenerCount('drain', drain) === 0) socket.once('drain', drain)
  return ready
}

/**
 * Node calls it with informational responses (1xx). No wire carries them, but their callbacks keep their place in the order.
 */
function writeRaw(this: Response, ...[, , callback]: Parameters<Response['_writeRaw']>): boolean {
  if (!this.socket?.writable) return false
  return this.socket.write('', 'latin1', callback)
}

const nodeFinish = (ServerResponse.prototype as Response)._finish

/** Node calls it at the end of `end()`, after it has given the whole response to the socket. */
function finish(this: Response): void {
  const { socket } = this
  if (socket?.destroyed) this[handlerMark].endedLate()
  else if (socket?.writableLength === 0) this[handlerMark].end()
  nodeFinish.call(this)
  // A wire that takes all of it at once finishes the response, which Node must have ended before.
  const isEnding = this.socket === socket && socket?.destroyed === false && socket.writableLength > 0
  if (isEnding && socket.writableBuffer.length === 0) this[handlerMark].ending()
}

function finished(this: Response): void {
  this[handlerMark].finished()
}

/**
 * Node lets the response emit 'drain' where it gives its own output to the socket. Here it has no output of its own.
 */
function drain(this: Socket): void {
  const res = this._httpMessage as Response | null
  if (!res?.writableNeedDrain) return
  res._flushOutput = nothingLeft
  res._flush()
}

function nothingLeft(): boolean {
  return true
}
