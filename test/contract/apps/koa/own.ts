import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import Router from '@koa/router'
import { binary, boom } from '../content.js'
import type { Part } from './part.js'

/** What only Koa has: a body of any type, and the context's helpers. */
export function own(site: string): Part {
  const router = new Router()
  const bodies: Record<string, () => unknown> = {
    null: () => null,
    undefined: () => undefined,
    string: () => 'a string',
    markup: () => '<b>markup</b>',
    buffer: () => binary,
    object: () => ({ an: 'object' }),
    array: () => [1, 'two'],
    number: () => 42,
    true: () => true,
    stream: () => Readable.from(['a ', 'stream']),
    file: () => createReadStream(join(site, 'data.json')),
    blob: () => new Blob(['a blob'], { type: 'text/plain' }),
    'web-stream': () => new Blob(['a web stream']).stream(),
    response: () => new Response('a response', { status: 201, headers: { 'X-Of-Response': 'yes' } }),
    'failing-stream': () => Readable.from(failing()),
  }
  router.get('/body/:type', (ctx) => {
    ctx.body = bodies[ctx.params.type ?? '']?.()
  })
  router.get('/default-handler/thrown/:status', (ctx) => ctx.throw(Number(ctx.params.status)))
  router.get('/default-handler/own/exposed', (ctx) => ctx.throw(400, 'name required', { user: 1 }))
  router.get('/default-handler/own/asserted', (ctx) => ctx.assert(ctx.query.name, 422, 'a name, please'))
  router.get('/default-handler/own/enoent', () => {
    throw boom('no file', { code: 'ENOENT' })
  })
  router.get('/attachment', (ctx) => {
    ctx.attachment('数え.txt')
    ctx.body = 'attached'
  })
  router.get('/by-hand', (ctx) => {
    ctx.respond = false
    ctx.res.writeHead(201, { 'Content-Type': 'text/plain' })
    ctx.res.end('by hand')
  })
  router.get('/negotiated', (ctx) => {
    ctx.vary('Accept')
    ctx.body = ctx.accepts('html') ? '<p>html</p>' : { json: true }
  })
  router.get('/only-head', (ctx) => {
    ctx.status = 200
    ctx.set('X-Nothing', 'else')
  })
  return router.routes()
}

async function* failing(): AsyncGenerator<string> {
  yield 'begun'
  throw boom('in the middle')
}
