import { IncomingMessage } from 'node:http'
import type { SleuthPeer } from '../../types.js'
import type { RequestHead } from '../request-head.js'
import type { MessageClasses } from './message-classes.js'
import type { Socket } from './socket.js'

/** A real `http.IncomingMessage`, with what of it Node's typings leave out. */
export interface Request extends IncomingMessage {
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

/** Whether the request has passed the bytes on. Bytes that nobody will read are thrown away, and count as passed on. */
export function pushBody(req: Request, bytes: Buffer): boolean {
  if (req.destroyed || req._dumped || bytes.length === 0) return true
  req.push(bytes)
  return req.readableLength === 0
}

/**
 * From now on the request asks for more only when its handler has read all that it holds. So bytes wait outside of it, where
 * they are joined and counted. Not from the start: the first read must get through, whatever the request holds.
 */
export function holdLittle(req: Request): void {
  req._readableState.highWaterMark = 1
}

export function completeBody(req: Request): void {
  req.complete = true
  req.push(null)
}

/**
 * What `http.Server` does with a request whose response has finished: what nobody will read is read, so that
 * 'end' and 'close' come. Whether the handler reads it.
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
  // No event brings what has come of the body any more: a handler that goes on does not keep it.
  while (req.read() !== null);
}

/**
 * Where Node has `req.signal` (24.21 does), it aborts when the socket closes, unless the server says by this
 * method that the response finished.
 */
const detachSignal = methodCalled('kDetachAbortSignal')

function methodCalled(description: string): (() => void) | undefined {
  const symbols = Object.getOwnPropertySymbols(IncomingMessage.prototype)
  const symbol = symbols.find((one) => one.description === description)
  return symbol && (IncomingMessage.prototype as unknown as Record<symbol, () => void>)[symbol]
}
