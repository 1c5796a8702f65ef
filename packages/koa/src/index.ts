import type { Sleuth, SleuthPeer, SleuthRequest } from '@sleuth/core'
import {
  type AdapterInput,
  type AdapterOptions,
  carry,
  Mount,
  type Mounted,
  sleuthError,
} from '@sleuth/core/adapter'
import type Koa from 'koa'
import { lazyCallback } from './callback.js'

declare module 'koa' {
  interface ExtendableContext {
    /** Makes calls to other services for this request: they inherit its deadline, and end when its caller hangs up. */
    sleuth: Sleuth
    /** The node that called. Undefined for a request over HTTP. */
    sleuthPeer: SleuthPeer | undefined
  }
}

export type SleuthKoaOptions = AdapterOptions

export interface SleuthMiddleware extends Mounted {
  (ctx: Koa.ExtendableContext, next: Koa.Next): Promise<void>
}

/** Any app, whatever its state and context. */
// biome-ignore lint/suspicious/noExplicitAny: Koa's types are invariant in both
type App = Koa<any, any>

const hints = {
  notJoined:
    'call app.listen(), or await the middleware: const s = sleuth({ service }, app); app.use(s); await s.ready',
  notMounted: 'Koa does not tell a middleware its app, so give it: app.use(sleuth({ service }, app))',
}

/** `app.use(sleuth({ service: 'article-service' }, app))` offers the app, and `ctx.sleuth` calls other services. */
export function sleuth(input?: AdapterInput, app?: App): SleuthMiddleware {
  const mount = new Mount(input, hints)
  if (app !== undefined) attach(mount, app)
  else mount.demandApp()
  const middleware = async (ctx: Koa.ExtendableContext, next: Koa.Next): Promise<void> => {
    ctx.sleuth = mount.clientOf(ctx.req, ctx.res)
    ctx.sleuthPeer = (ctx.req as SleuthRequest).sleuthPeer
    const joining = mount.admit()
    if (joining) await joining
    await next()
  }
  return carry(middleware, mount)
}

function attach(mount: Mount, app: App): void {
  if (typeof app?.callback !== 'function') {
    throw sleuthError('SLEUTH_ARGUMENT', {
      argument: 'app',
      problem: 'must be a Koa app: sleuth(options, app)',
    })
  }
  mount.answerWith(lazyCallback(app))
  // Each call gives another listener, and it is for a server to have, `app.listen()`'s own or one of the user's.
  const { callback } = app
  app.callback = () => {
    const listener = callback.call(app)
    mount.joinOnListening(listener)
    return listener
  }
}

export type { Sleuth, SleuthPeer } from '@sleuth/core'

// Under `require` the package is the function itself. Compiled ES modules look for their default import in `.default`.
sleuth.default = sleuth

export { sleuth as default, sleuth as 'module.exports' }
