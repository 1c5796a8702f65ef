import type { RequestListener } from 'node:http'
import { mock } from 'node:test'
import type { NodeOptions } from '@sleuth/zre'
import type { JoinOptions } from '#src/node/join-options.js'
import { startSleuth } from '#src/sleuth/create-sleuth.js'
import type { Logger, Sleuth, SleuthOptions } from '#src/types.js'
import { FakeNetwork, type FakeNode } from './fake-network.js'

export interface Line {
  level: 'trace' | 'debug' | 'info' | 'warn' | 'error'
  fields: { code?: string; codes?: number[]; err?: unknown }
  message: string
}

/** A logger that keeps its lines. */
export function recorder(): { logger: Logger; lines: Line[]; problems(): Line[] } {
  const lines: Line[] = []
  const write = (level: Line['level']) => (fields: object, message: string) => {
    lines.push({ level, fields, message })
  }
  const logger = {
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  }
  return { logger, lines, problems: () => lines.filter(({ level }) => level === 'warn' || level === 'error') }
}

export interface Endpoint {
  sleuth: Sleuth
  node: FakeNode
  lines: Line[]
  /** Warnings and errors. */
  problems(): Line[]
}

/** Joins a sleuth to a network in memory, and hands out what is underneath. On a busy machine the default timeout is short. */
export async function join(
  network: FakeNetwork,
  options: SleuthOptions = {},
  how?: JoinOptions,
): Promise<Endpoint> {
  const { logger, lines, problems } = recorder()
  let node: FakeNode | undefined
  const create = async (nodeOptions: NodeOptions) => {
    node = network.add(nodeOptions)
    return node
  }
  const sleuth = await startSleuth(
    { interface: 'loopback', logger, timeout: 10_000, ...options },
    create,
    how ?? {},
  )
  return { sleuth, node: node as FakeNode, lines, problems }
}

/** A service and a client-only sleuth that knows it. */
export async function pair(handler: RequestListener, options: SleuthOptions = {}) {
  const network = new FakeNetwork()
  const server = await join(network, { service: 'foo', handler, ...options })
  const client = await join(network)
  return { network, server, client, sleuth: client.sleuth }
}

/** Lets mocked time pass in small steps: a timer that is set while it passes counts from the end of a step. */
export function pass(timers: { tick(milliseconds: number): void }, milliseconds: number): void {
  for (let left = milliseconds; left > 0; left -= 50) timers.tick(50)
}

/** Lets everything that was whispered arrive. */
export async function settle(turns = 10): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Answers with what it was asked: method, URL, headers and body. */
export const mirror: RequestListener = async (req, res) => {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk)
  const { method, url, headers } = req
  res.setHeader('content-type', 'application/json')
  res.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }))
}

let now = 0

/** Timers and the clock stand still until `tick`. Undone by `restoreTime`. */
export function mockTime(): void {
  now = 1000
  mock.timers.enable({ apis: ['setTimeout'] })
  mock.method(performance, 'now', () => now)
}

export function tick(milliseconds: number): void {
  now += milliseconds
  mock.timers.tick(milliseconds)
}

/** As when the process is busy: no timer has run yet. */
export function stall(milliseconds: number): void {
  now += milliseconds
}

export function restoreTime(): void {
  // Forgets the mocks as well: `restoreAll` would restore old ones again, those in the place of mocked timers among them.
  mock.reset()
}
