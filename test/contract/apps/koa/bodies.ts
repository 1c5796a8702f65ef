import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import type { Context } from 'koa'
import multer from 'multer'
import type { Part } from './part.js'

/** Routes that read a body, by every parser in use, and by hand. */
export function bodies(): Part {
  const router = new Router()
  const parsed = (ctx: Context) => {
    ctx.body = { got: ctx.request.body ?? null }
  }
  router.all('/json-body', bodyParser({ enableTypes: ['json'], jsonLimit: '2mb' }), parsed)
  router.post('/small-json', bodyParser({ jsonLimit: 100 }), parsed)
  router.post('/form', bodyParser({ enableTypes: ['form'] }), parsed)
  router.post('/text-body', bodyParser({ enableTypes: ['text'] }), parsed)
  router.post('/raw', async (ctx) => {
    ctx.type = 'application/octet-stream'
    ctx.body = await read(ctx)
  })
  router.post('/upload', async (ctx) => {
    const request = ctx.req as never
    await promisify(multer().any())(request, ctx.res as never)
    const { body, files } = request as { body: unknown; files: Express.Multer.File[] }
    const described = files.map(({ fieldname, originalname, mimetype, size, buffer }) => {
      return { fieldname, originalname, mimetype, size, sha: sha(buffer) }
    })
    ctx.body = { fields: body, files: described }
  })
  router.all('/pipe', (ctx) => {
    ctx.type = ctx.get('content-type') || 'application/octet-stream'
    ctx.body = ctx.req
  })
  router.post('/digest', async (ctx) => {
    const body = await read(ctx)
    ctx.body = { length: body.length, sha: sha(body), complete: ctx.req.complete }
  })
  router.post('/unread', (ctx) => {
    ctx.status = 202
    ctx.body = 'not read'
  })
  return router.routes()
}

async function read(ctx: Context): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of ctx.req) parts.push(part)
  return Buffer.concat(parts)
}

function sha(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}
