import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'

type Handler = (req: IncomingMessage, res: ServerResponse, url: URL) => unknown

const facts = JSON.stringify({ name: 'bear', legs: 4, ünï: '✓' })

/** How often a path has been asked, for clients that try again. Both ways ask the same ones, one after the other. */
const asked = new Map<string, number>()

const routes: Record<string, Handler> = {
  '/json': (_req, res) => res.setHeader('content-type', 'application/json').end(facts),
  '/echo': echo,
  '/form': echoForm,
  '/empty': (_req, res) => res.writeHead(204).end(),
  '/missing': (_req, res) =>
    res.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not here"}'),
  '/broken-json': (_req, res) => res.setHeader('content-type', 'application/json').end('{'),
  '/gzip': (_req, res) => coded(res, 'gzip', gzipSync(facts)),
  '/br': (_req, res) => coded(res, 'br', brotliCompressSync(facts)),
  '/deflate': (_req, res) => coded(res, 'deflate', deflateSync(facts)),
  '/redirect': (_req, res) => res.writeHead(302, { location: '/json' }).end(),
  '/redirect-307': (_req, res) => res.writeHead(307, { location: '/echo' }).end(),
  '/cookies': (_req, res) => res.setHeader('set-cookie', ['a=1; Path=/', 'b=2']).end('{}'),
  '/stream': stream,
  '/flaky': (_req, res, url) => {
    const key = url.search
    const times = (asked.get(key) ?? 0) + 1
    asked.set(key, times % 3)
    if (times < 3) res.writeHead(503).end('later')
    else res.setHeader('content-type', 'application/json').end(`{"times":${times}}`)
  },
  '/slow': async (req, res) => {
    await sleep(20_000, undefined, { ref: false })
    if (!req.destroyed) res.end('late')
  },
}

export function app(req: IncomingMessage, res: ServerResponse): void {
  const url = new URL(req.url ?? '/', 'http://app')
  const handler = routes[url.pathname]
  if (handler) void handler(req, res, url)
  else res.writeHead(404).end('no such path')
}

/** What any client is asked for: that the request came as it was meant. */
async function echo(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const body = await text(req)
  const { authorization, accept, 'content-type': type, 'content-length': length, 'x-own': own } = req.headers
  const answer = { method: req.method, url: req.url, authorization, accept, type, length, own, body }
  res.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
}

async function echoForm(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const form = await new Response(await bytes(req), {
    headers: { 'content-type': req.headers['content-type'] ?? '' },
  }).formData()
  const fields: unknown[] = []
  for (const [name, value] of form) {
    fields.push(
      typeof value === 'string' ? [name, value] : [name, value.name, value.type, await value.text()],
    )
  }
  res.setHeader('content-type', 'application/json').end(JSON.stringify(fields))
}

async function stream(_req: IncomingMessage, res: ServerResponse): Promise<void> {
  res.setHeader('content-type', 'text/event-stream')
  for (let event = 0; event < 3; event++) {
    res.write(`data: ${event}\n\n`)
    await sleep(5)
  }
  res.end()
}

function coded(res: ServerResponse, coding: string, body: Buffer): void {
  res.writeHead(200, { 'content-type': 'application/json', 'content-encoding': coding }).end(body)
}

async function bytes(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export async function text(req: IncomingMessage): Promise<string> {
  return (await bytes(req)).toString()
}
