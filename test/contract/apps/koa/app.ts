import Koa, { type Context, type Next } from 'koa'
import { bodies } from './bodies.js'
import { middleware } from './middleware.js'
import { mounted } from './mounted.js'
import { own } from './own.js'
import { replies } from './replies.js'

/** The app that the contract is put to. `first` gets it before any middleware: sleuth's goes there. */
export function koaApp(site: string, first?: (app: Koa) => void): Koa {
  const app = new Koa({ keys: ['a secret'], subdomainOffset: 2 })
  app.silent = true
  first?.(app)
  app.use(errors)
  for (const part of [...replies(site), bodies(), ...middleware(app), own(site), mounted()]) app.use(part)
  app.use((ctx: Context) => {
    ctx.status = 404
    ctx.body = { missing: ctx.url, method: ctx.method }
  })
  return app
}

/** JSON for what the app knows; the rest goes to Koa's own handler. */
async function errors(ctx: Context, next: Next): Promise<void> {
  try {
    await next()
  } catch (error) {
    if (ctx.path.startsWith('/default-handler')) throw error
    const { status, message, type } = error as { status?: number; message?: string; type?: string }
    ctx.status = status ?? 500
    ctx.body = { error: message ?? String(error), type }
  }
}
