import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Listener } from '#src/server/types.js'
import { BufferedResponse } from '#src/transport/go/buffered-response.js'
import { peerAt, serverOf } from './callers.js'

/** What a test sends. `headers` alternates names and values. */
export interface Sent {
  method?: string
  url?: string
  headers?: string[]
  body?: string | Buffer
}

/** What a handler notes, and what it can make its caller do. */
export interface Probe {
  log(...entries: unknown[]): void
  hangUp(): void
}

/** What the caller got, and what the handler noted. */
export interface Seen {
  status: number
  headers: string[]
  body: string
  /** The response was cut off before its end. */
  cut: boolean
  log: unknown[]
}

export type Handler = (req: http.IncomingMessage, res: http.ServerResponse, probe: Probe) => unknown

const caller = peerAt(49152)
const perConnection = new Set(['connection', 'keep-alive', 'transfer-encoding'])

/**
 * Runs one handler under `http.createServer` and through the seam, and holds what was seen of the two
 * together.
 */
export async function same(sent: Sent, handler: Handler): Promise<Seen> {
  const overHttp = await viaHttp(sent, handler)
  const overSeam = await viaSeam(sent, handler)
  assert.deepEqual(overSeam, overHttp)
  return overSeam
}

export async function viaHttp(sent: Sent, handler: Handler): Promise<Seen> {
  const log: unknown[] = []
  const agent = new http.Agent({ keepAlive: true })
  const { method = 'GET', url = '/', headers = [] } = sent
  const body = Buffer.from(sent.body ?? '')
  const list = ['Host', 'article-service', ...headers]
  if (body.length > 0 || method === 'POST' || method === 'PUT')
    list.push('Content-Length', String(body.length))
  let closed: Promise<unknown> = Promise.resolve()
  const server = http.createServer((req, res) => {
    const probe = { log: noteIn(log), hangUp: () => request.destroy() }
    handler(req, res, probe)
    closed = bothClosed(req, res)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const options = { agent, method, path: url, port, host: '127.0.0.1', setHost: false, headers: list }
  const request = http.request(options as unknown as http.RequestOptions)
  const answer = answerOf(request)
  request.end(body)
  const got = await answer
  await closed
  agent.destroy()
  server.close()
  await once(server, 'close')
  return { ...got, log }
}

function answerOf(request: http.ClientRequest): Promise<Omit<Seen, 'log'>> {
  return new Promise((resolve) => {
    const cut = { status: 0, headers: [], body: '', cut: true }
    request.on('error', () => resolve(cut))
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', () => resolve(cut))
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString('latin1')
        resolve({
          status: response.statusCode as number,
          headers: kept(response.rawHeaders),
          body,
          cut: false,
        })
      })
    })
  })
}

export async function viaSeam(sent: Sent, handler: Handler): Promise<Seen> {
  const log: unknown[] = []
  const { method = 'GET', url = '/', headers = [] } = sent
  const body = sent.body === undefined ? null : Buffer.from(sent.body)
  let closed: Promise<unknown> = Promise.resolve()
  const listener: Listener = (req, res) => {
    const probe = { log: noteIn(log), hangUp: () => setImmediate(() => server.abort('client-disconnected')) }
    handler(req, res, probe)
    closed = bothClosed(req, res)
  }
  const { server, errors } = serverOf(listener)
  // The timers of sockets hold no process; over HTTP, the server does.
  const holding = setInterval(() => {}, 60_000)
  const got = await new Promise<Omit<Seen, 'log'>>((resolve) => {
    const reply = new BufferedResponse(method, 1 << 24, (response, reason) => {
      reply.exchange?.answered(reason)
      if (reason !== null) resolve({ status: 0, headers: [], body: '', cut: true })
      else {
        const { status } = response
        resolve({
          status,
          headers: kept(response.headers),
          body: response.body.toString('latin1'),
          cut: false,
        })
      }
    })
    server.accept(caller, { method, url, headers, body }, reply)
  })
  await closed
  clearInterval(holding)
  assert.deepEqual(errors, [])
  assert.equal(server.busy, false)
  assert.equal(server.timeouts.size, 0)
  return { ...got, log }
}

function noteIn(log: unknown[]): Probe['log'] {
  return (...entries) => {
    log.push(entries.length === 1 ? entries[0] : entries)
  }
}

/** Two turns more let what follows 'close' be noted too. */
async function bothClosed(req: http.IncomingMessage, res: http.ServerResponse): Promise<void> {
  const closed = (emitter: http.IncomingMessage | http.ServerResponse) =>
    new Promise((resolve) => emitter.once('close', resolve))
  await Promise.all([closed(req), closed(res)])
  await new Promise(setImmediate)
  await new Promise(setImmediate)
}

/** Leaves out what belongs to the connection; the moment of a `date` does not count. */
function kept(headers: string[]): string[] {
  const list: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    if (perConnection.has(name.toLowerCase())) continue
    list.push(name, name === 'Date' ? 'now' : (headers[i + 1] as string))
  }
  return list
}

/** Notes an emitter's events as they come, with the codes of errors. */
export function noteEvents(probe: Probe, label: string, emitter: NodeJS.EventEmitter, names: string[]): void {
  for (const name of names) {
    emitter.on(name, (argument?: unknown) => {
      const error =
        argument instanceof Error ? [(argument as NodeJS.ErrnoException).code, argument.message] : []
      probe.log(`${label} ${name}`, ...error)
    })
  }
}

/** The code of the error that `act` throws, or `undefined`. */
export function codeOf(act: () => unknown): string | undefined {
  try {
    act()
  } catch (error) {
    return (error as NodeJS.ErrnoException).code
  }
}
