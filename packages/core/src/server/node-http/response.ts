import { type IncomingMessage, ServerResponse } from 'node:http'
import { hasForeignListener } from '../../shared/own-listener.js'
import type { Done } from '../../transport/transport.js'
import type { SocketHandler } from '../types.js'
import type { MessageClasses } from './message-classes.js'
import { type HeadState, storeHeader as makeHead, type StoredHead } from './response-head.js'
import type { Socket } from './socket.js'

const channelKey = Symbol('channel')
const headOf = Symbol('head')

/**
 * A real `http.ServerResponse`, and Node's own `write`, `end`, `writeHead` and all that checks, counts and
 * emits in them. Beneath those, Node turns the response into text in four methods: these are ours. They are
 * own properties, since Express gives the response another prototype.
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
  [channelKey]: SocketHandler
  [headOf]: StoredHead | undefined
}

/** The owner of a response, if it is one of ours. */
export function channelOf(res: ServerResponse): SocketHandler | undefined {
  return (res as Partial<Response>)[channelKey]
}

export function createResponse(
  { Response }: MessageClasses,
  req: IncomingMessage,
  socket: Socket,
  channel: SocketHandler,
): Response {
  const res = new Response(req) as Response
  res[channelKey] = channel
  res._storeHeader = storeHeader
  res._send = send
  res._writeRaw = writeRaw
  res._finish = finish
  res.assignSocket(socket as Response['socket'])
  res.on('finish', finished)
  return res
}

/**
 * The socket was destroyed. From here on nothing is sent, and Node may go its own way: it ends a response in
 * chunks (with a last chunk, which is dropped) otherwise than one of a declared length (where 'finish' is
 * emitted all the same).
 */
export function loseSocket(res: Response): void {
  if (res[headOf]?.chunked) res.chunkedEncoding = true
}

/** Node lets whoever waits for `100 Continue` have it by this mark. */
export function sendContinue(res: Response): void {
  res._expect_continue = true
  res.writeContinue()
}

/** Whether the connection of this response ends with it. */
export function closesConnection(res: Response): boolean {
  return res._last
}

/**
 * Whether the app is told when the caller hangs up. Node itself listens for the socket's 'close', and for nothing else. Sleuth
 * listens for the response's 'close', for the calls of a handler.
 */
export function isTold(req: IncomingMessage, res: Response, socket: Socket): boolean {
  if (hasForeignListener(res, 'close') || socket.listenerCount('close') > 1) return true
  return ['close', 'aborted', 'error'].some((event) => req.listenerCount(event) > 0)
}

/** What `http.Server` does once a response is finished. */
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

/** Gets the body's chunks, `''` to flush the head, and `''` with a callback at the end. */
function send(this: Response, ...[data, encoding, callback]: Parameters<Response['_send']>): boolean {
  const { socket } = this
  if (!this._headerSent && this._header !== null) {
    this._headerSent = true
    const { status, message, fields } = this[headOf] as StoredHead
    if (socket?.destroyed === false) {
      socket.sentHead(this._header.length)
      this[channelKey].head(status, message, fields)
    }
  }
  // A response without a socket has finished; `flushHeaders()` is all that can still come.
  if (!socket) return true
  if (!socket.writable) return false
  if (data.length === 0 && !callback) return true
  const ready = socket.write(data, encoding as BufferEncoding, callback)
  if (!ready && socket.listenerCount('drain', drain) === 0) socket.once('drain', drain)
  return ready
}

/**
 * Gets informational responses (1xx), which are not carried: their callbacks keep their place in the order of
 * things.
 */
function writeRaw(this: Response, ...[, , callback]: Parameters<Response['_writeRaw']>): boolean {
  if (!this.socket?.writable) return false
  return this.socket.write('', 'latin1', callback)
}

const nodeFinish = (ServerResponse.prototype as Response)._finish

/** Node calls this at the end of `end()`, when all of the response was given to the socket. */
function finish(this: Response): void {
  const { socket } = this
  if (socket?.destroyed) this[channelKey].endedLate()
  else if (socket?.writableLength === 0) this[channelKey].end()
  nodeFinish.call(this)
}

function finished(this: Response): void {
  this[channelKey].finished()
}

/**
 * Node lets the response emit 'drain' where it hands its own output over to the socket; here, there is none.
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
