import { AsyncResource } from 'node:async_hooks'
import { sleuthError } from '../shared/errors.js'
import { isThenable } from '../shared/thenable.js'
import type { AbortReason, Done, RequestExchange, ResponseSink } from '../transport/transport.js'
import type { Place } from './admission.js'
import type { Admitted, AnsweredExchange, ExchangeHost } from './exchange-host.js'
import { keepPlace } from './handler-promise.js'
import { emitRequest, emitTimeout, publishFinish, responseFinish } from './node-http/app-server.js'
import type { Ending } from './node-http/body-ends.js'
import {
  abortRequest,
  closesConnection,
  completeBody,
  createRequest,
  createResponse,
  detachResponse,
  holdLittle,
  isTaken,
  isTold,
  loseSocket,
  pushBody,
  type Request,
  type Response,
  sendContinue,
  settleRequest,
} from './node-http/messages.js'
import type { Socket } from './node-http/socket.js'
import type { RequestHead } from './request-head.js'
import { sendErrorResponse } from './send-error.js'
import { NEVER, type Timed, UNWATCHED } from './timeouts.js'
import type { RemoteCaller, SocketHandler } from './types.js'

/**
 * One request and its response. It takes the place of `http.Server` and of the connection. It is an async resource, so that
 * what a handler sets by `AsyncLocalStorage.enterWith` stays with its request.
 */
export class Exchange
  extends AsyncResource
  implements SocketHandler, RequestExchange, AnsweredExchange, Ending, Timed
{
  readonly req: Request
  readonly res: Response
  index = UNWATCHED
  deadlineTurn = NEVER
  handlerTurn = NEVER
  requestTurn = NEVER
  readonly #host: ExchangeHost
  readonly #reply: ResponseSink
  readonly caller: RemoteCaller
  readonly startedAt = performance.now()
  readonly #socket: Socket
  /** The method that the caller sent. Middleware may change `req.method`. */
  readonly #method: string
  readonly #place: Place
  headed = false
  failed = false
  #settled = false
  /** The response is complete, and the wire has not taken all of it yet. */
  #hasEnded = false
  /** The exchange ended before its response did. */
  #cut = false
  /** The response has finished, and the handler still reads the request. */
  #lingers = false
  receiving: boolean
  readonly length: number | undefined
  #reason: AbortReason = 'destroyed'

  constructor(head: RequestHead, admitted: Admitted, reply: ResponseSink, host: ExchangeHost) {
    super('SLEUTHREQUEST')
    const { caller, place, more } = admitted
    this.#host = host
    this.receiving = more
    this.#reply = reply
    this.caller = caller
    this.#place = place
    this.length = head.length
    this.#method = head.method
    this.#socket = host.sockets.acquire(this, caller, host.local, host.httpServer)
    this.#socket.bytesRead += head.size
    this.req = createRequest(host.messageClasses, this.#socket, head, caller.peer)
    this.res = createResponse(host.messageClasses, this.req, this.#socket, this)
    if (head.expectsContinue) sendContinue(this.res)
  }

  get unlimited(): boolean {
    return this.#settled || (this.headed && this.#reply.streams === true)
  }

  /** Runs the listener, and gives it the body. A body that comes later comes by `push` and `endBody`. */
  start(body: Buffer | null): void {
    this.runInAsyncScope(this.#start, this, body)
  }

  #start(body: Buffer | null): void {
    try {
      if (body !== null) this.#host.bodyEnds.arm()
      // The listener may see the exchange end, which receives nothing more: what it has of the body is not all of it.
      const { receiving } = this
      emitRequest(this.#host.httpServer, this.req, this.res)
      if (receiving) return
      if (body === null || body.length === 0) completeBody(this.req)
      else this.#deliver(body)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** The body arrives after the listener has run and before its ticks, as from Node's parser. */
  #deliver(body: Buffer): void {
    this.#socket.bytesRead += body.length
    this.req.push(body)
    this.#host.bodyEnds.add(this)
  }

  returned(result: unknown): void {
    if (!isThenable(result)) return
    keepPlace(
      result,
      this.#place,
      this.#host,
      () => this.#settled,
      (error) => this.#fail(error),
    )
  }

  push(bytes: Buffer): boolean {
    let wanted = true
    this.#socket.bytesRead += bytes.length
    this.run(() => {
      wanted = pushBody(this.req, bytes)
    })
    return wanted
  }

  endBody(): void {
    this.#host.bodyEnds.add(this)
  }

  completeBody(): void {
    this.receiving = false
    if (!this.req.destroyed) this.run(() => completeBody(this.req))
    if (this.#lingers) this.#retire()
  }

  /** Node's server forgets a request that has its response. Here, a handler that still reads it would wait without end. */
  abortBody(): void {
    this.#host.timeouts.remove(this)
    if (isTaken(this.req)) this.run(() => abortRequest(this.req))
  }

  answered(reason: AbortReason | null): void {
    this.#host.answered(this, reason)
  }

  onTimeout(reason: AbortReason): void {
    if (!this.#settled) this.abort(reason)
    else if (reason === 'slow') {
      this.#reply.unread?.()
      this.abortBody()
    }
  }

  run(action: () => void): void {
    try {
      this.runInAsyncScope(action)
    } catch (error) {
      this.#fail(error)
    }
  }

  resumed(): void {
    if (this.receiving) holdLittle(this.req)
    this.#reply.resumed?.()
  }

  /** An error that a listener throws ends the process over HTTP. Here it ends the exchange. */
  #fail(error: unknown): void {
    this.#host.failed(error)
    if (this.#settled) return
    if (this.headed) {
      this.#reason = 'failed'
    } else {
      this.#settled = true
      this.failed = true
      // Who looks at the response sees what the caller gets: subscribers of channels, and tools that trace requests.
      this.res.statusCode = 500
      this.#place.answered()
      sendErrorResponse(this.#reply, 'failed', this.#method)
    }
    this.#socket.destroy()
  }

  /**
   * Ends the exchange as a caller that hangs up does: 'aborted' and 'close' on the request, 'close' on the
   * response.
   */
  abort(reason: AbortReason): void {
    if (this.#settled) return
    this.#reason = reason
    this.run(() => this.#socket.endFor(reason))
  }

  refuse(ran: boolean): boolean {
    if (this.#settled || this.headed) return false
    this.abort(ran ? 'closed' : 'refused')
    this.#place.leave()
    return true
  }

  head(status: number, message: string, headers: string[]): void {
    this.headed = true
    this.#reply.head(status, message, headers)
  }

  data(chunks: readonly Buffer[], done: Done): void {
    if (this.#settled) {
      done()
    } else if (this.headed) {
      this.#reply.data(chunks, done)
    } else {
      // Over HTTP this would be the text of a response. Here no wire carries text, and nobody reads it.
      const error = sleuthError('SLEUTH_SOCKET_WRITE')
      this.#fail(error)
      done(error)
    }
  }

  ending(): void {
    if (this.#settled || !this.headed) return
    this.#hasEnded = true
    this.#reply.end()
  }

  end(): void {
    if (this.#settled) return
    if (!this.headed) {
      this.#socket.destroy()
      return
    }
    this.#settled = true
    this.#place.answered()
    if (!this.#hasEnded) this.#reply.end()
  }

  /** Does what `resOnFinish` does in Node's server. */
  finished(): void {
    if (responseFinish.hasSubscribers) publishFinish(this.#host.httpServer, this.req, this.res)
    // Node 20 also emits 'finish' for a response whose last bytes were not taken.
    if (!this.#settled && !this.#socket.errored) this.end()
    const read = settleRequest(this.req)
    detachResponse(this.res, this.#socket)
    // A handler that still reads the request needs its socket. `connection: close` ends that, as it does over HTTP.
    this.#lingers = this.receiving && read && isTaken(this.req) && !closesConnection(this.res)
    if (this.#lingers) return
    this.#reply.unread?.()
    this.#retire()
  }

  #retire(): void {
    const { timeouts, sockets } = this.#host
    timeouts.remove(this)
    if (closesConnection(this.res)) this.#socket.destroySoon()
    else if (this.#socket.retire()) sockets.release(this.caller, this.#socket, this.req)
  }

  destroyed(): void {
    loseSocket(this.res)
    this.receiving = false
    if (this.#settled) return
    this.#settled = true
    this.#cut = true
    const { req, res } = this
    const place = this.#place
    // A handler that streams ends when it is told, and does not call `res.end()`.
    const ends = this.headed && !place.pending && isTold(req, res, this.#socket)
    place.aborted(this.#reason, res.writableEnded || ends)
    if (!place.free) res.once('pipe', () => this.endedLate())
    this.#reply.abort(this.#reason)
  }

  endedLate(): void {
    this.#place.leave()
  }

  /** Does what `abortIncoming` does in Node's server. The response has a listener of its own for it. */
  closed(): void {
    this.#host.timeouts.remove(this)
    // A response that is over by now does not end a request that was cut off before.
    if (this.#socket.isInUse || (this.#cut && !this.req.complete)) abortRequest(this.req)
    this.#reply.unread?.()
  }

  timedOut(): void {
    emitTimeout(this.#host.httpServer, this.req, this.res, this.#socket)
  }
}
