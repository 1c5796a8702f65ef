import { AsyncResource } from 'node:async_hooks'
import { channel } from 'node:diagnostics_channel'
import type { Server } from 'node:http'
import { sleuthError } from '../shared/errors.js'
import { isThenable } from '../shared/thenable.js'
import type { AbortReason, Done, RequestExchange, ResponseSink } from '../transport/transport.js'
import type { Place } from './admission.js'
import type { BodyEnds, Ending } from './node-http/body-ends.js'
import { isTold } from './node-http/hang-up.js'
import type { Constructors } from './node-http/message-classes.js'
import {
  abortRequest,
  completeBody,
  createRequest,
  holdLittle,
  isTaken,
  pushBody,
  type Request,
  settleRequest,
} from './node-http/request.js'
import { closeResponse, createResponse, loseSocket, type Response } from './node-http/response.js'
import type { Socket } from './node-http/socket.js'
import type { SocketPool } from './node-http/socket-pool.js'
import type { RequestHead } from './request-head.js'
import { sendErrorResponse } from './send-error.js'
import type { AdmittedRequest, Local, RemoteCaller, SocketHandler } from './types.js'

/** What an exchange needs to know of the place where it runs. */
export interface Host {
  readonly server: Server
  readonly local: Local
  readonly constructors: Constructors
  readonly sockets: SocketPool
  readonly bodyEnds: BodyEnds
  /** Another number in each turn of the event loop. */
  readonly loopTurn: number
  /** The listener threw, or its promise was rejected. */
  failed(error: unknown, exchange: Exchange): void
  /** The reply was ended or cut. */
  settled(exchange: Exchange): void
}

/** What Node's own server tells of its requests. */
const requestStart = channel('http.server.request.start')
const responseFinish = channel('http.server.response.finish')

/**
 * One request and its one reply: plays the part of `http.Server` and of the connection. Being an async
 * resource of its own, what a handler sets with `AsyncLocalStorage.enterWith` stays with its request.
 */
export class Exchange extends AsyncResource implements SocketHandler, RequestExchange, Ending {
  readonly req: Request
  readonly res: Response
  /** Set and read by the dispatcher, to know the age. */
  turn = 0
  /** Where the dispatcher keeps it. */
  slot = 0
  /** The turn of the dispatcher's at which its caller has stopped waiting for the head of the response. */
  lastTurn = Infinity
  readonly #host: Host
  readonly #reply: ResponseSink
  readonly #caller: RemoteCaller
  readonly #socket: Socket
  /** Its request's. Middleware may give `req.method` another. */
  readonly #method: string
  readonly #place: Place | undefined
  /** The promise that the listener returned is not settled. */
  #pending = false
  #headed = false
  #settled = false
  /** The response has finished, and its handler still reads the request. */
  #lingers = false
  /** Not all of the request has come. */
  #more = false
  /** What of it is still to come. Undefined if nobody said how much it is. */
  #left: number | undefined
  #reason: AbortReason = 'destroyed'

  constructor(head: RequestHead, { caller, place }: AdmittedRequest, reply: ResponseSink, host: Host) {
    super('SLEUTHREQUEST')
    this.#host = host
    this.#reply = reply
    this.#caller = caller
    this.#place = place
    this.#left = head.length
    this.#method = head.method
    this.#socket = host.sockets.take(this, caller, host.local, host.server)
    this.#socket.received(head.size)
    this.req = createRequest(host.constructors, this.#socket, head, caller.peer)
    this.res = createResponse(host.constructors, this.req, this.#socket, this)
    if (head.expectsContinue) {
      this.res._expect_continue = true
      this.res.writeContinue()
    }
  }

  /** The response has begun. */
  get headed(): boolean {
    return this.#headed
  }

  /** The response is on its way, and may take as long as it likes. */
  get streaming(): boolean {
    return this.headed && this.#reply.streams === true
  }

  /** Runs the listener, and gives it the body; or, if there is `more` to come, by `push` and `endBody`. */
  start(body: Buffer | null, more: boolean): void {
    this.#more = more
    this.runInAsyncScope(this.#start, this, body, more)
  }

  #start(body: Buffer | null, more: boolean): void {
    try {
      if (body !== null) this.#host.bodyEnds.arm()
      if (requestStart.hasSubscribers) requestStart.publish(this.#told)
      this.#host.server.emit('request', this.req, this.res)
      if (!more) this.#deliver(body)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** The body arrives when the listener has run, before its ticks: as Node's parser tells of one that comes with its head. */
  #deliver(body: Buffer | null): void {
    if (body === null || body.length === 0) {
      completeBody(this.req)
    } else {
      this.#socket.received(body.length)
      this.req.push(body)
      this.#host.bodyEnds.add(this)
    }
  }

  get #told(): object {
    return { request: this.req, response: this.res, socket: this.#socket, server: this.#host.server }
  }

  returned(result: unknown): void {
    if (isThenable(result)) this.#await(Promise.resolve(result))
  }

  /** Its end is that of the handler, unless it comes so soon that it is only how the listener returns. */
  #await(promise: Promise<unknown>): void {
    const turn = this.#host.loopTurn
    this.#pending = true
    const returned = () => {
      this.#pending = false
      if (!this.#settled) return
      if (this.#host.loopTurn === turn) this.#place?.abandon(false)
      else this.#place?.leave()
    }
    promise.then(returned, (error) => {
      this.#fail(error)
      this.#place?.leave()
    })
  }

  /** Whether so much may come next of the body, and end it: else it is not as long as was said. */
  expects(bytes: number, end: boolean): boolean {
    if (this.#left === undefined) return true
    this.#left -= bytes
    return end ? this.#left === 0 : this.#left >= 0
  }

  /** More of the body; whether it was taken at once. If not, the reply's `resumed` tells when it is. */
  push(bytes: Buffer): boolean {
    let wanted = true
    this.#socket.received(bytes.length)
    this.run(() => {
      wanted = pushBody(this.req, bytes)
    })
    return wanted
  }

  endBody(): void {
    this.#host.bodyEnds.add(this)
  }

  completeBody(): void {
    this.#more = false
    if (!this.req.destroyed) this.run(() => completeBody(this.req))
    if (this.#lingers) this.#retire()
  }

  /**
   * The rest of the body will not come, though the reply is complete. As Node's server, this one has forgotten a request that
   * is answered, but whoever still reads it would wait without end.
   */
  cutBody(): void {
    if (isTaken(this.req)) this.run(() => abortRequest(this.req))
  }

  /** Runs what may call the handler's listeners. */
  run(action: () => void): void {
    try {
      this.runInAsyncScope(action)
    } catch (error) {
      this.#fail(error)
    }
  }

  resumed(): void {
    if (this.#more) holdLittle(this.req)
    this.#reply.resumed?.()
  }

  /** Over HTTP, an error that a listener lets out ends the process. Here it ends the exchange. */
  #fail(error: unknown): void {
    this.#host.failed(error, this)
    if (this.#settled) return
    if (this.headed) {
      this.#reason = 'failed'
    } else {
      this.#settle()
      this.#place?.answered()
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
    this.run(() => this.#abort())
  }

  #abort(): void {
    // Fastify's `onTimeout` hook listens for what a server's own limit would emit.
    if (this.#reason === 'timeout') this.#socket.emit('timeout')
    if (this.#reason === 'hung-up') this.#socket.emit('end')
    this.#socket.destroy()
  }

  head(status: number, message: string, headers: string[]): void {
    this.#headed = true
    this.#reply.head(status, message, headers)
  }

  data(chunks: readonly Buffer[], done: Done): void {
    if (this.#settled) {
      done()
    } else if (this.#headed) {
      this.#reply.data(chunks, done)
    } else {
      // Over HTTP this would be the text of a response. Here no text is carried, and none is read.
      const error = sleuthError('SLEUTH_SOCKET_WRITE')
      this.#fail(error)
      done(error)
    }
  }

  end(): void {
    if (this.#settled) return
    if (!this.headed) {
      this.#socket.destroy()
      return
    }
    this.#settle()
    this.#place?.answered()
    this.#reply.end()
  }

  /** As `resOnFinish` in Node's server. */
  finished(): void {
    if (responseFinish.hasSubscribers) responseFinish.publish(this.#told)
    // Node 20 emits 'finish' for a response whose last bytes were not taken, too.
    if (!this.#socket.errored) this.end()
    const read = settleRequest(this.req)
    this.res.detachSocket(this.#socket as Response['socket'])
    process.nextTick(closeResponse, this.res)
    // Who still reads the request needs its socket; but `connection: close` ends that over HTTP, too.
    this.#lingers = this.#more && read && isTaken(this.req) && !this.res._last
    if (this.#lingers) return
    this.#reply.unread?.()
    this.#retire()
  }

  #retire(): void {
    if (this.res._last) this.#socket.destroySoon()
    else if (this.#socket.retire()) this.#host.sockets.give(this.#caller, this.#socket, this.req)
  }

  destroyed(): void {
    loseSocket(this.res)
    if (this.#settled) return
    this.#settle()
    this.#release()
    this.#reply.cut(this.#reason)
  }

  endedLate(): void {
    this.#place?.leave()
  }

  /** The response is given up: its place is free when the handler is done with it. */
  #release(): void {
    const place = this.#place
    if (place === undefined) return
    if (byCaller.has(this.#reason)) place.reset()
    const { res, req } = this
    // Streams end when they are told, and not by `res.end()`.
    const ends = this.headed && isTold(req, res, this.#socket)
    if (byHandler.has(this.#reason) || res.writableEnded || (ends && !this.#pending)) {
      place.leave()
      return
    }
    place.abandon(this.#pending)
    res.once('pipe', () => this.endedLate())
  }

  /** As `abortIncoming` in Node's server; the response learns of it by its own listener. */
  closed(): void {
    if (this.#socket._httpMessage) abortRequest(this.req)
    this.#reply.unread?.()
  }

  /** As `socketOnTimeout` in Node's server. */
  timedOut(): void {
    const { req, res } = this
    const byRequest = !req.complete && req.emit('timeout', this.#socket)
    const byResponse = this.#socket._httpMessage && res.emit('timeout', this.#socket)
    const byServer = this.#host.server.emit('timeout', this.#socket as Response['socket'])
    if (!byRequest && !byResponse && !byServer) this.#socket.destroy()
  }

  #settle(): void {
    this.#settled = true
    this.#host.settled(this)
  }
}

/** The handler has ended it itself, or has had the time that it gets. */
const byHandler = new Set<AbortReason>(['destroyed', 'failed', 'timeout'])

const byCaller = new Set<AbortReason>(['hung-up', 'length', 'slow'])
