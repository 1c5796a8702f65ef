import { randomBytes } from 'node:crypto'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Sleuth } from '@sleuth/core'
import { forwardedHeaders, isLoop, plainAddress } from '../proxy/forwarded.js'
import { type Problem, problemBody, problemHeaders, sendProblem } from '../proxy/problem.js'
import { AccessLog } from './access-log.js'
import { passOn } from './call.js'
import { isCrossSite } from './cross-site.js'
import { KnownServices } from './known-services.js'
import type { GatewayOptions } from './options.js'
import { answerOwn } from './own-paths.js'
import { Pipeline } from './pipeline.js'
import { notAllowed, notCarried, unknownService } from './refusals.js'
import { type Route, routeOf } from './route.js'

/** Milliseconds that a client may go on sending a body after it has its response. */
const LINGER = 5000

/** Node's own is 16 KiB. The network carries heads of 64 KiB. */
const MAX_HEAD = 64 * 1024

/** Serves HTTP, and makes a call of each request. */
export class Gateway {
  readonly #options: GatewayOptions
  readonly #server: Server
  readonly #services: KnownServices
  readonly #origins: ReadonlySet<string>
  readonly #via = `sleuth-gateway-${randomBytes(4).toString('hex')}`
  readonly #pipeline = new Pipeline()
  #sleuth: Sleuth | undefined
  #map: RequestListener | undefined
  #closing = false

  constructor(options: GatewayOptions) {
    this.#options = options
    this.#services = new KnownServices(options.allow)
    this.#origins = new Set(options.origins.map((origin) => origin.toLowerCase()))
    this.#server = createServer({
      maxHeaderSize: MAX_HEAD,
      headersTimeout: options.clientHeadTime,
      // It would include the body, which may take as long as it takes.
      requestTimeout: 0,
      connectionsCheckingInterval: Math.min(1000, options.clientHeadTime),
    })
    this.#server.maxConnections = options.maxConnections
    // Node drops headers above this number without a word. The size of the head is the limit.
    this.#server.maxHeadersCount = 0
    this.#server
      .on('request', (req, res) => this.#pipeline.add(req, res, () => this.#handle(req, res, false)))
      .on('checkContinue', (req, res) => this.#pipeline.add(req, res, () => this.#handle(req, res, true)))
      .on('connect', (_req, socket) => refuseRaw(socket, notCarried('CONNECT')))
      .on('clientError', (error: NodeJS.ErrnoException, socket) => refuseBroken(error, socket))
  }

  /** Resolves with the port. Until `join` the gateway answers that it is not ready. */
  listen(port: number, host: string): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.#server
        .once('error', reject)
        .listen(port, host, () => resolve(this.#server.address() as AddressInfo))
    })
  }

  /** `map` answers below `/_sleuth/`, beside `health` and `metrics`. */
  join(sleuth: Sleuth, map?: RequestListener): void {
    this.#services.follow(sleuth)
    this.#sleuth = sleuth
    this.#map = map
  }

  /** Takes no more connections, and lets the requests in flight finish for `time` milliseconds. */
  async close(time: number): Promise<void> {
    this.#closing = true
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeIdleConnections()
    const timer = setTimeout(() => this.#server.closeAllConnections(), time)
    await closed
    clearTimeout(timer)
  }

  #handle(req: IncomingMessage, res: ServerResponse, expectsContinue: boolean): void {
    // The service is called later: a client that resets its connection meanwhile must not end the process.
    req.on('error', ignore)
    res.on('error', ignore)
    res.once('finish', () => endUpload(req))
    res.once('close', () => {
      // A client could keep a connection that it got no word about.
      if (this.#closing) setImmediate(() => this.#server.closeIdleConnections())
    })
    if (this.#closing) res.setHeader('Connection', 'close')
    const log = new AccessLog(req, res, this.#options.log)
    const route = routeOf(
      {
        url: req.url as string,
        hosts: valuesOf(req.rawHeaders, 'host'),
        localAddress: plainAddress(req.socket.localAddress),
      },
      this.#options.hosts,
    )
    if (route.type === 'service') this.#call(req, res, route, log, expectsContinue)
    else if (route.type === 'own') answerOwn(req, res, route.path, { sleuth: this.#sleuth, map: this.#map })
    else this.#refuse(res, log, route.problem)
  }

  #call(
    req: IncomingMessage,
    res: ServerResponse,
    route: Extract<Route, { type: 'service' }>,
    log: AccessLog,
    expectsContinue: boolean,
  ): void {
    const { select, timeout, stallTime, behindProxy } = this.#options
    const sleuth = this.#sleuth
    const service = this.#services.find(route.service)
    const problem = this.#problem(req, route, service)
    if (problem !== undefined || sleuth === undefined || service === undefined) {
      this.#refuse(res, log, problem ?? notReady)
      return
    }
    log.service = service
    const headers = forwardedHeaders(req.rawHeaders, {
      client: plainAddress(req.socket.remoteAddress),
      host: `${bracketed(route.authority.name)}${route.authority.port}`,
      prefix: route.prefix,
      via: this.#via,
      trusted: behindProxy,
    })
    const seen = { ...route, service }
    const failed = (code: string) => log.failed(code)
    const { url } = route
    void passOn({ sleuth, req, res, seen, url, headers, select, timeout, stallTime, expectsContinue, failed })
  }

  /** Why a request to a service goes nowhere. */
  #problem(
    req: IncomingMessage,
    route: { readonly service: string },
    service: string | undefined,
  ): Problem | undefined {
    const method = req.method as string
    if (method === 'TRACE') return notCarried('TRACE')
    if (isWebSocket(req)) return notCarried('an upgrade to WebSocket')
    if (isLoop(req.rawHeaders, this.#via))
      return { status: 508, code: 'LOOP', detail: 'this request has come through this gateway before' }
    if (isCrossSite(method, req.headers, this.#origins)) return crossSite
    if (this.#sleuth === undefined) return notReady
    if (!this.#services.isAllowed(route.service)) return notAllowed(route.service, this.#services)
    return service === undefined ? unknownService(route.service, this.#services) : undefined
  }

  #refuse(res: ServerResponse, log: AccessLog, problem: Problem): void {
    log.failed(problem.code)
    sendProblem(res, problem)
  }
}

const notReady: Problem = {
  status: 503,
  code: 'NOT_READY',
  detail: 'the gateway has not joined the network yet',
  headers: ['Retry-After', '1'],
}

const crossSite: Problem = {
  status: 403,
  code: 'CROSS_SITE',
  detail: 'a page of another origin sent this request; if it may, start the gateway with --origin',
}

function isWebSocket({ headers }: IncomingMessage): boolean {
  return /(?:^|[\s,])websocket(?:$|[\s,])/i.test(headers.upgrade ?? '')
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

function valuesOf(raw: readonly string[], lowerName: string): string[] {
  return raw.filter((_, at) => at % 2 === 1 && (raw[at - 1] as string).toLowerCase() === lowerName)
}

/** A response may be complete before its request is. Nobody reads the rest, which has an end then. */
function endUpload(req: IncomingMessage): void {
  if (req.complete || req.destroyed) return
  const timer = setTimeout(() => req.socket.destroy(), LINGER)
  req.once('close', () => clearTimeout(timer)).once('end', () => clearTimeout(timer))
  req.resume()
}

/** Answers where Node gives no response object. */
function refuseRaw(socket: Duplex, problem: Problem): void {
  const body = problemBody(problem)
  const fields = ['Connection', 'close', ...problemHeaders(problem, body.length)]
  let head = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n`
  for (let i = 0; i < fields.length; i += 2) head += `${fields[i]}: ${fields[i + 1]}\r\n`
  socket.on('error', ignore)
  socket.end(Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), body]))
}

function refuseBroken(error: NodeJS.ErrnoException, socket: Duplex): void {
  // A response is under way on this connection, or the client is gone: there is nobody to tell.
  const busy = (socket as Socket & { _httpMessage?: unknown })._httpMessage
  if (busy || !socket.writable || error.code === 'ECONNRESET') socket.destroy(error)
  else refuseRaw(socket, brokenRequest(error))
}

function brokenRequest({ code, message }: NodeJS.ErrnoException): Problem {
  if (code === 'HPE_HEADER_OVERFLOW')
    return {
      status: 431,
      code: 'HEAD_TOO_LARGE',
      detail: `the head of the request is larger than ${MAX_HEAD} bytes`,
    }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return { status: 408, code: 'HEAD_STALLED', detail: 'the head of the request did not come in time' }
  return { status: 400, code: 'BAD_REQUEST', detail: `the request is not HTTP: ${message}` }
}

function ignore(): void {}
