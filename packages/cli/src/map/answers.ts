// How each answer of the map is written.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { File } from './files.js'

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  // A URL may have the token in it.
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** Headers that all answers have. */
export function guardHeaders(res: ServerResponse): void {
  for (const [name, value] of Object.entries(HEADERS)) res.setHeader(name, value)
  res.setHeader('cache-control', 'no-store')
}

export function sendFile(
  req: IncomingMessage,
  res: ServerResponse,
  { type, body, zipped, etag }: File,
): void {
  // The page of another version may not run with files of this one: always ask, but send each file once.
  res.setHeader('cache-control', 'no-cache')
  res.setHeader('etag', etag)
  res.setHeader('vary', 'accept-encoding')
  if (req.headers['if-none-match']?.includes(etag) === true) {
    res.writeHead(304).end()
    return
  }
  const zip = /\bgzip\b/.test(String(req.headers['accept-encoding'] ?? ''))
  const bytes = zip ? zipped : body
  if (zip) res.setHeader('content-encoding', 'gzip')
  res.writeHead(200, { 'content-type': type, 'content-length': bytes.length })
  res.end(req.method === 'HEAD' ? undefined : bytes)
}

export function sendText(res: ServerResponse, status: number, words: string): void {
  res.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  res.end(`${words}\n`)
}

export function sendJson(res: ServerResponse, value: unknown): void {
  res.writeHead(200, { 'content-type': 'application/json' })
  res.end(JSON.stringify(value))
}
