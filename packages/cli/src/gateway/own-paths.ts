import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Sleuth } from '@sleuth/core'
import { sendProblem } from '../proxy/problem.js'

/** What the gateway answers itself, below `/_sleuth/`. */
export interface OwnPaths {
  /** Undefined until the gateway has joined the network. */
  readonly sleuth: Sleuth | undefined
  readonly map: ((req: IncomingMessage, res: ServerResponse) => void) | undefined
}

/** `path`: without `/_sleuth`. */
export function answerOwn(req: IncomingMessage, res: ServerResponse, path: string, own: OwnPaths): void {
  const { sleuth, map } = own
  const [name] = path.split('?')
  const isKnown = name === '/health' || name === '/metrics'
  if (path === '') {
    res.writeHead(308, ['Location', '/_sleuth/', 'Content-Length', '0'])
    res.end()
  } else if (!isKnown) {
    if (map !== undefined) map(req, res)
    else
      sendProblem(res, {
        status: 404,
        code: 'NOT_FOUND',
        detail: 'there are /_sleuth/health and /_sleuth/metrics',
      })
  } else if (req.method !== 'GET' && req.method !== 'HEAD') {
    sendProblem(res, { status: 405, code: 'METHOD', detail: 'use GET', headers: ['Allow', 'GET, HEAD'] })
  } else if (name === '/health') {
    send(res, sleuth === undefined ? 503 : 200, 'application/json', `${JSON.stringify(healthOf(sleuth))}\n`)
  } else if (sleuth === undefined) {
    send(res, 503, 'text/plain', 'The gateway has not joined the network yet.\n')
  } else {
    send(res, 200, 'application/openmetrics-text; version=1.0.0; charset=utf-8', sleuth.metrics())
  }
}

function healthOf(sleuth: Sleuth | undefined): object {
  if (sleuth === undefined) return { status: 'joining' }
  return { status: 'ok', services: sleuth.services().length, peers: sleuth.stats().peers }
}

function send(res: ServerResponse, status: number, type: string, text: string): void {
  const body = Buffer.from(text)
  res.writeHead(status, [
    'Content-Type',
    type,
    'Content-Length',
    String(body.length),
    'Cache-Control',
    'no-store',
  ])
  res.end(body)
}
