import { createHash } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import type { Env } from './app.js'

/** Routes that read a body, in every way that a `Request` has. */
export function bodies(): Hono<Env> {
  const app = new Hono<Env>()
  app.all('/json-body', json)
  app.post('/small-json', bodyLimit({ maxSize: 100 }), json)
  app.post('/form', async (c) => c.json({ got: await c.req.parseBody({ all: true }) }))
  app.post('/text-body', async (c) => c.json({ got: await c.req.text() }))
  app.post('/raw', async (c) => {
    return c.body(await c.req.arrayBuffer(), 200, { 'Content-Type': 'application/octet-stream' })
  })
  app.post('/upload', async (c) => {
    const fields: Record<string, unknown> = {}
    const files: object[] = []
    for (const [name, part] of await c.req.formData()) {
      if (typeof part === 'string') fields[name] = part
      else {
        const content = Buffer.from(await part.arrayBuffer())
        files.push({ name, filename: part.name, type: part.type, size: part.size, sha: sha(content) })
      }
    }
    return c.json({ fields, files })
  })
  app.all('/pipe', (c) => {
    const type = c.req.header('content-type') ?? 'application/octet-stream'
    return new Response(c.req.raw.body, { headers: { 'Content-Type': type } })
  })
  app.post('/digest', async (c) => {
    const parts: Uint8Array[] = []
    for await (const part of c.req.raw.body ?? []) parts.push(part)
    const body = Buffer.concat(parts)
    return c.json({ length: body.length, sha: sha(body), complete: c.env.incoming.complete })
  })
  app.post('/unread', (c) => c.text('not read', 202))
  return app
}

async function json(c: Context): Promise<Response> {
  if (!c.req.header('content-type')?.startsWith('application/json')) return c.json({ got: null })
  const got: unknown = await c.req.json().catch(() => {
    throw new HTTPException(400, { message: 'no JSON' })
  })
  return c.json({ got })
}

function sha(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}
