import type { IncomingMessage, ServerResponse } from 'node:http'
import { type FetchHandler, type Sleuth, type SleuthPeer, type SleuthRequest, serve } from '@sleuth/core'
import { type AdapterInput, carry, Mount, type Mounted, sleuthError } from '@sleuth/core/adapter'
import type { Context, Hono, MiddlewareHandler } from 'hono'

declare module 'hono' {
  interface ContextVariableMap {
    /** Makes calls to other services for this request: they inherit its deadline, and end when its caller hangs up. */
    sleuth: Sleuth
    /** The node that called. Undefined for a request over HTTP. */
    sleuthPeer: SleuthPeer | undefined
  }
}

export interface SleuthMiddleware extends MiddlewareHandler, Mounted {}

/** Any app, whatever its environment and routes. */
// biome-ignore lint/suspicious/noExplicitAny: Hono's types are invariant
type App = Hono<any, any, any>

const hints = {
  notJoined:
    'await the middleware once the routes are there: const s = sleuth(…, app); app.use(s); await s.ready',
  notMounted: 'Hono does not tell a middleware its app, so give it: app.use(sleuth({ service }, app))',
}

/** `app.use(sleuth('article-service', app))` offers the app, and `c.var.sleuth` calls other services. */
export function sleuth(input?: AdapterInput, app?: App): SleuthMiddleware {
  const mount = new Mount(input, hints)
  if (app !== undefined) attach(mount, app)
  else mount.demandApp()
  mount.followByRequests()
  const middleware: MiddlewareHandler = async (c, next) => {
    const { incoming, outgoing } = nodeOf(c)
    if (incoming) mount.follow(incoming)
    c.set('sleuth', incoming && outgoing ? mount.clientOf(incoming, outgoing) : mount.sleuth)
    c.set('sleuthPeer', (incoming as Partial<SleuthRequest> | undefined)?.sleuthPeer)
    const joining = mount.admit()
    if (joining) await joining
    await next()
  }
  return carry(middleware, mount)
}

function attach(mount: Mount, app: App): void {
  if (typeof app?.fetch !== 'function') {
    throw sleuthError('SLEUTH_ARGUMENT', {
      argument: 'app',
      problem: 'must be a Hono app: sleuth(options, app)',
    })
  }
  mount.answerWith(serve(app.fetch as FetchHandler))
}

/** Node's request and response, as sleuth and `@hono/node-server` give them. `app.request()` of a test has none. */
function nodeOf({ env }: Context): { incoming?: IncomingMessage; outgoing?: ServerResponse } {
  return (env ?? {}) as { incoming?: IncomingMessage; outgoing?: ServerResponse }
}

export type { Sleuth, SleuthPeer } from '@sleuth/core'

// Under `require` the package is the function itself. Compiled ES modules look for their default import in `.default`.
sleuth.default = sleuth

export { sleuth as default, sleuth as 'module.exports' }
