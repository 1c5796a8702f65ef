import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { type Context, Hono } from 'hono'
import { validator } from 'hono/validator'
import { binary, boom, unicode } from '../content.js'
import type { Env } from './app.js'
import { web } from './streams.js'

/** What only a handler of `Request` and `Response` has. */
export function own(_site: string): Hono<Env> {
  const app = new Hono<Env>()
  responses(app)
  requests(app)
  byHand(app)
  app.get('/unhandled', () => {
    throw boom('nobody handles it')
  })
  app.get('/no-response', () => undefined as never)
  app.get(
    '/validated',
    validator('query', (query, c) => (query.n ? { n: Number(query.n) } : c.text('n?', 400))),
    (c) => c.json(c.req.valid('query')),
  )
  return app
}

const bodies: Record<string, () => ConstructorParameters<typeof Response>[0]> = {
  null: () => null,
  string: () => unicode,
  'empty-string': () => '',
  bytes: () => Uint8Array.from(binary),
  'part-of-a-buffer': () => Uint8Array.from(binary).subarray(100, 200),
  'array-buffer': () => Uint8Array.from(binary).buffer,
  'empty-bytes': () => new Uint8Array(),
  blob: () => new Blob(['a blob'], { type: 'text/x-blob' }),
  'blob-without-type': () => new Blob(['a blob']),
  form: () => new URLSearchParams({ a: '1', b: 'two words' }),
  stream: () => web(Readable.from([Buffer.from('a '), Buffer.from('stream')])),
  'empty-stream': () => new ReadableStream({ start: (controller) => controller.close() }),
  'late-stream': () => web(Readable.from(late())),
  'failing-stream': () => web(Readable.from(failing())),
}

function responses(app: Hono<Env>): void {
  app.get('/body/:type', (c) => new Response(bodies[c.req.param('type')]?.() ?? null))
  app.get('/typed/:type', (c) => {
    return new Response(bodies[c.req.param('type')]?.() ?? null, {
      headers: { 'Content-Type': 'text/x-own' },
    })
  })
  app.get('/response/json', () => Response.json({ a: [1] }, { status: 201, headers: { 'X-Own': 'yes' } }))
  app.get('/response/redirect', () => Response.redirect('https://example.test/a', 307))
  app.get('/response/error', () => Response.error())
  app.get('/response/cloned', () => new Response('cloned').clone())
  app.get('/response/cookies', () => {
    const headers = new Headers({ 'X-Own': 'yes' })
    for (const cookie of ['a=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT', 'b=2'])
      headers.append('Set-Cookie', cookie)
    return new Response('cookies', { headers })
  })
  app.get('/response/again', () => new Response(new Response('made of another').body))
  app.get('/response/length', () => new Response('0123456789', { headers: { 'Content-Length': '10' } }))
  app.get('/response/connection', () => {
    return new Response('closes', { headers: { Connection: 'close', 'Keep-Alive': 'timeout=1' } })
  })
  app.get('/response/chunked', () => new Response('chunked', { headers: { 'Transfer-Encoding': 'chunked' } }))
}

function requests(app: Hono<Env>): void {
  const seen = (c: Context<Env>, value: unknown) => c.json({ seen: value })
  app.post('/request/twice', async (c) => {
    await c.req.raw.text()
    return seen(c, await c.req.raw.text().catch((error: Error) => `${error.name}, ${c.req.raw.bodyUsed}`))
  })
  app.post('/request/cloned', async (c) => {
    const clone = c.req.raw.clone()
    return seen(c, [await clone.text(), await c.req.raw.text(), clone.url, clone.method])
  })
  app.post('/request/blob', async (c) => {
    const blob = await c.req.raw.blob()
    return seen(c, [blob.type, blob.size, await blob.text()])
  })
  app.post('/request/first-piece', async (c) => {
    const reader = c.req.raw.body?.getReader()
    const { value } = (await reader?.read()) ?? {}
    await reader?.cancel()
    return seen(c, (value?.length ?? 0) > 0)
  })
  app.get('/request/none', async (c) => {
    const { body, bodyUsed } = c.req.raw
    return seen(c, [body, bodyUsed, await c.req.raw.text()])
  })
  app.get('/request/headers', (c) =>
    seen(
      c,
      [...c.req.raw.headers].filter(([name]) => name.startsWith('x-')),
    ),
  )
  app.get('/request/kinds', (c) =>
    seen(c, [c.req.raw instanceof Request, `${c.req.raw}`, c.req.raw.signal instanceof AbortSignal]),
  )
}

/** Node's own response, which `@hono/node-server` gives as well. */
function byHand(app: Hono<Env>): void {
  const sent = () => new Response(null, { headers: { 'x-hono-already-sent': 'true' } })
  app.get('/by-hand', (c) => {
    c.env.outgoing.writeHead(201, { 'Content-Type': 'text/plain' })
    c.env.outgoing.end('by hand')
    return sent()
  })
  app.get('/by-hand/later', (c) => {
    setImmediate(() => {
      c.env.outgoing.writeHead(201, { 'Content-Type': 'text/plain' })
      c.env.outgoing.end('by hand, later')
    })
    return sent()
  })
  app.get('/by-hand/header', (c) => {
    c.env.outgoing.setHeader('X-Of-Node', 'yes')
    return c.text('with a header of Node')
  })
}

async function* failing(): AsyncGenerator<Buffer> {
  yield Buffer.from('begun')
  throw boom('in the middle')
}

async function* late(): AsyncGenerator<Buffer> {
  await wait(5)
  yield Buffer.from('late')
}
