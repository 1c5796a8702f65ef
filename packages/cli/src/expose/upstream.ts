import { randomBytes } from 'node:crypto'
import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import type { SleuthRequest } from '@sleuth/core'
import { endToEnd, refuse } from '@sleuth/core/adapter'
import { forwardedHeaders, isLoop } from '../proxy/forwarded.js'
import { sendProblem } from '../proxy/problem.js'
import type { Target } from './target.js'

/** Milliseconds after which an idle connection is closed: servers close theirs, and the one who closes last loses a request. */
const IDLE_TIME = 1000

/** Milliseconds for a connection to the server. */
const CONNECT_TIME = 5000

/** Node's own is 16 KiB. The network carries heads of 64 KiB. */
const MAX_HEAD = 64 * 1024

export interface UpstreamOptions {
  readonly maxConnections: number
  readonly keepAlive: boolean
  /** The server takes no connection, or broke one off. */
  onUnreachable(): void
}

/** A request listener that passes each request to an HTTP server. */
export class Upstream {
  readonly #target: Target
  readonly #options: UpstreamOptions
  readonly #agent: Agent
  readonly #via = `sleuth-expose-${randomBytes(4).toString('hex')}`

  constructor(target: Target, options: UpstreamOptions) {
    this.#target = target
    this.#options = options
    this.#agent = new Agent({
      keepAlive: options.keepAlive,
      maxSockets: options.maxConnections,
      maxFreeSockets: options.maxConnections,
      timeout: IDLE_TIME,
      scheduling: 'lifo',
    })
  }

  readonly listener = (req: SleuthRequest, res: ServerResponse): void => {
    if (isLoop(req.rawHeaders, this.#via)) {
      const detail = 'this request has come through this instance before'
      sendProblem(res, { status: 508, code: 'LOOP', detail })
    } else {
      // The caller may reset while nobody listens.
      req.on('error', ignore)
      res.on('error', ignore)
      this.#pass(req, res, 0)
    }
  }

  close(): void {
    this.#agent.destroy()
  }

  #pass(req: SleuthRequest, res: ServerResponse, before: number): void {
    const { host, port, base } = this.#target
    const out = request({
      host,
      port,
      agent: this.#agent,
      maxHeaderSize: MAX_HEAD,
      method: req.method,
      path: req.url?.startsWith('/') ? base + req.url : req.url,
      headers: this.#headers(req),
    })
    const hangUp = () => out.destroy()
    res.once('close', hangUp)
    let connected = false
    out.once('socket', (socket) => {
      if (!socket.connecting) {
        connected = true
        return
      }
      const timer = setTimeout(
        () => out.destroy(new Unreachable(`no connection within ${CONNECT_TIME} ms`)),
        CONNECT_TIME,
      )
      socket.once('connect', () => {
        connected = true
      })
      for (const event of ['connect', 'close'] as const) socket.once(event, () => clearTimeout(timer))
    })
    let answered = false
    out.once('response', (answer) => {
      answered = true
      this.#respond(req, answer, res)
    })
    out.once('upgrade', (_, socket) => {
      socket.destroy()
      badGateway(res, 'the server switched protocols, which nobody asked for')
    })
    out.on('error', (error: NodeJS.ErrnoException) => {
      // A server may answer and close before it has read everything. Whether the answer is whole is seen by reading it.
      if (answered || res.destroyed) return
      res.off('close', hangUp)
      // The server closed an idle connection in the moment in which it was used again.
      if (out.reusedSocket && error.code === 'ECONNRESET' && before < 2 && canRepeat(req)) {
        this.#pass(req, res, before + 1)
        return
      }
      if (isMalformed(error)) {
        badGateway(res, `the server does not speak HTTP: ${error.message}`)
        return
      }
      this.#options.onUnreachable()
      refuse(res, connected)
    })
    // Not `pipeline`, which would destroy the request, and its response with it.
    if (hasBody(req)) req.pipe(out)
    else out.end()
  }

  #headers(req: SleuthRequest): string[] {
    const { sleuthPeer: peer, rawHeaders } = req
    const fields = forwardedHeaders(rawHeaders, {
      client: peer?.verified ? peer.address : undefined,
      host: req.headers.host ?? '',
      prefix: '',
      via: this.#via,
      // Who calls is a service of this network, and may be its gateway.
      trusted: true,
    })
    fields.unshift('Host', this.#target.authority)
    if (req.headers['transfer-encoding'] !== undefined) fields.push('Transfer-Encoding', 'chunked')
    if (peer !== undefined) {
      fields.push('X-Sleuth-Peer', peer.name, 'X-Sleuth-Peer-Id', peer.id)
      if (peer.service !== undefined) fields.push('X-Sleuth-Peer-Service', peer.service)
      if (peer.publicKey !== undefined) fields.push('X-Sleuth-Peer-Key', peer.publicKey)
    }
    return fields
  }

  #respond(req: IncomingMessage, answer: IncomingMessage, res: ServerResponse): void {
    if (res.destroyed) {
      answer.destroy()
      return
    }
    const { statusCode = 502, rawHeaders } = answer
    try {
      res.writeHead(statusCode, endToEnd(rawHeaders))
    } catch (error) {
      answer.destroy()
      badGateway(res, `the server's response can't be passed on: ${String(error)}`)
      return
    }
    if (req.method !== 'HEAD') res.flushHeaders()
    pipeline(answer, res, (error) => {
      if (error) res.destroy()
    })
  }
}

class Unreachable extends Error {
  readonly code = 'ETIMEDOUT'
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** Nothing of it is lost, and it does no harm twice. */
function canRepeat(req: IncomingMessage): boolean {
  return !hasBody(req) && ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'].includes(req.method ?? '')
}

function isMalformed({ code }: NodeJS.ErrnoException): boolean {
  return code?.startsWith('HPE_') === true
}

function badGateway(res: ServerResponse, detail: string): void {
  sendProblem(res, { status: 502, code: 'BAD_RESPONSE', detail })
}

function ignore(): void {}
