import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SleuthError } from '#src/shared/errors.js'
import { settle } from '../../harness.js'
import { wired } from './harness.js'

/** What a handler notes, and how it makes its caller hang up. */
export interface Probe {
  log(...entries: unknown[]): void
  /** The caller hangs up when it has got this far. */
  hangUp(when: 'at once' | 'after the head'): void
}

export type Handler = (req: http.IncomingMessage, res: http.ServerResponse, probe: Probe) => void

export interface Sent {
  method?: string
  /** What of the body is sent. */
  body?: string
  /** The rest of the body never comes. */
  open?: boolean
}

/** How a caller of sleuth gives up. */
export type Way = 'abort' | 'timeout' | 'cancel' | 'cancel the reader' | 'abort while reading'

/** Runs a handler under `http.createServer` and as a service, has the caller hang up on it, and compares what it noted. */
export async function sameHangUp(sent: Sent, way: Way, handler: Handler): Promise<unknown[]> {
  const overHttp = await viaHttp(sent, handler)
  const overSleuth = await viaSleuth(sent, way, handler)
  assert.deepEqual(overSleuth, overHttp)
  return overSleuth
}

class Run {
  readonly log: unknown[] = []
  readonly #handler: Handler
  #closed: Promise<unknown> | undefined
  #when: string | undefined
  #wake: () => void = () => {}

  constructor(handler: Handler) {
    this.#handler = handler
  }

  readonly listen = (req: http.IncomingMessage, res: http.ServerResponse): void => {
    this.#closed = Promise.all([closed(req), closed(res)])
    const log = (...entries: unknown[]) => this.log.push(entries.length === 1 ? entries[0] : entries)
    const hangUp = (when: string) => {
      this.#when = when
      this.#wake()
    }
    this.#handler(req, res, { log, hangUp })
  }

  async wants(when: string): Promise<void> {
    while (this.#when !== when) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async end(): Promise<unknown[]> {
    await this.#closed
    await settle(2)
    return this.log
  }
}

function closed(emitter: http.IncomingMessage | http.ServerResponse): Promise<void> {
  return new Promise((resolve) => emitter.once('close', resolve))
}

async function viaHttp({ method = 'GET', body, open }: Sent, handler: Handler): Promise<unknown[]> {
  const run = new Run(handler)
  const server = http.createServer(run.listen)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const request = http.request({ port, host: '127.0.0.1', method })
  request.on('error', () => {})
  void run.wants('at once').then(() => request.destroy())
  request.on('response', async (response) => {
    response.on('error', () => {})
    await run.wants('after the head')
    request.destroy()
  })
  if (open) request.write(body ?? '')
  else request.end(body)
  await new Promise((resolve) => request.once('close', resolve))
  const log = await run.end()
  server.close()
  return log
}

async function viaSleuth(
  { method = 'GET', body, open }: Sent,
  way: Way,
  handler: Handler,
): Promise<unknown[]> {
  const run = new Run(handler)
  const { sleuth } = await wired(run.listen)
  const controller = new AbortController()
  const { signal } = controller
  const init = {
    method,
    body: (open ? stays(body) : body) as never,
    duplex: 'half' as const,
    ...(way === 'timeout' ? { timeout: 20 } : { signal }),
  }
  void run.wants('at once').then(() => {
    if (way === 'abort') controller.abort()
  })
  try {
    const response = await sleuth.do('sleuth://foo/', init)
    await run.wants('after the head')
    if (way === 'cancel') await response.body?.cancel()
    else if (way === 'cancel the reader') await response.body?.getReader().cancel()
    else if (way === 'abort while reading') await abortWhileReading(response, controller)
    else controller.abort()
  } catch (error) {
    const { name, code } = error as SleuthError
    assert.ok(
      way === 'timeout' ? code === 'SLEUTH_TIMEOUT' : (name as string) === 'AbortError',
      String(error),
    )
  }
  return run.end()
}

async function abortWhileReading(response: Response, controller: AbortController): Promise<void> {
  const reading = assert.rejects(response.text(), { name: 'AbortError' })
  await settle(2)
  controller.abort()
  await reading
}

async function* stays(first: string | undefined): AsyncGenerator<string> {
  if (first !== undefined) yield first
  await new Promise(() => {})
}
