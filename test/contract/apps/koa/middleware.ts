import { Readable } from 'node:stream'
import cors from '@koa/cors'
import Router from '@koa/router'
import type Koa from 'koa'
import type { Context, Middleware } from 'koa'
import compress from 'koa-compress'
import session from 'koa-session'
import { clientHeader, text } from '../content.js'
import type { Part } from './part.js'

/** Routes behind the middleware that people use. */
export function middleware(app: Koa): Part[] {
  const router = new Router()
  cookies(router)
  compressed(router)
  const allow = cors({ origin: 'https://app.example.test', credentials: true, maxAge: 600 })
  router.all('/cors', allow, (ctx) => {
    ctx.body = { allowed: true }
  })
  router.get('/session', session({ signed: true }, app as never) as never, (ctx) => {
    const kept = ctx.session as { views?: number }
    kept.views = (kept.views ?? 0) + 1
    ctx.body = { views: kept.views }
  })
  return [logged(), router.routes(), router.allowedMethods()]
}

function cookies(router: Router): void {
  router.get('/cookies/set', (ctx) => {
    ctx.cookies.set('plain', 'a%20b')
    ctx.cookies.set('signed', 'yes', { signed: true, httpOnly: true, sameSite: 'lax', expires: new Date(0) })
    ctx.body = 'set'
  })
  router.get('/cookies/read', (ctx) => {
    ctx.body = { plain: ctx.cookies.get('plain'), signed: ctx.cookies.get('signed', { signed: true }) }
  })
  router.get('/cookies/clear', (ctx) => {
    ctx.cookies.set('plain', null)
    ctx.body = 'cleared'
  })
}

function compressed(router: Router): void {
  const squeeze = compress({ threshold: 100 })
  const bodies: Record<string, () => string | Readable> = {
    text: () => text,
    small: () => 'small',
    stream: () => Readable.from([text, text]),
  }
  router.get('/compressed/:what', squeeze, (ctx) => {
    ctx.type = 'text/plain'
    ctx.body = bodies[ctx.params.what ?? '']?.()
  })
}

/** A line for each request, handed out to the client that made it. */
function logged(): Middleware {
  const lines: [client: string, line: string][] = []
  return async (ctx: Context, next) => {
    const client = ctx.get(clientHeader)
    if (ctx.path === '/log') {
      ctx.body = lines.filter(([of]) => of === client).map(([, line]) => line)
      return
    }
    if (!ctx.path.startsWith('/logged/')) return next()
    ctx.res.once('finish', () => {
      lines.push([client, `${ctx.ip} ${ctx.method} ${ctx.url} ${ctx.status} ${ctx.length}`])
    })
    ctx.body = ctx.path.slice('/logged/'.length)
  }
}
