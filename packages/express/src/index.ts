import type { Sleuth, SleuthPeer } from '@sleuth/core'
import { type AdapterOptions, carry, isSleuth, Mount, type Mounted, sleuthError } from '@sleuth/core/adapter'
import type { Application, NextFunction, Request, RequestHandler, Response } from 'express'

declare global {
  namespace Express {
    interface Request {
      /** Makes calls to other services for this request: they inherit its deadline, and end when its caller hangs up. */
      sleuth: Sleuth
      /** The node that called. Undefined for a request over HTTP. */
      readonly sleuthPeer?: SleuthPeer | undefined
    }
  }
}

export interface SleuthExpressOptions extends AdapterOptions {
  /** The app that answers for the service. A `Router` does not tell a middleware its app, so name the app here. */
  app?: Application | undefined
}

export interface SleuthMiddleware extends RequestHandler, Mounted {}

const hints = {
  ownOptions: ['app'],
  notJoined: 'call app.listen(), or await the middleware: const s = sleuth(…); app.use(s); await s.ready',
  notMounted: 'give the middleware to app.use(), or, for a Router, name the app: sleuth({ service, app })',
}

/** `app.use(sleuth('article-service'))` offers the app, and `req.sleuth` calls other services. Without a name: client-only. */
export function sleuth(input?: string | SleuthExpressOptions | Sleuth): SleuthMiddleware {
  const { app, ...options } = split(input)
  const mount = new Mount(options.input, hints)
  const handle = (req: Request, res: Response, next: NextFunction): void => {
    // A property of its own, since each app that the request passes through changes its prototype; and no getter, since
    // to define one costs ten times what this object does.
    req.sleuth = mount.clientOf(req, res)
    const joining = mount.admit()
    if (joining) joining.then(() => next(), next)
    else next()
  }
  if (app) attach(mount, app)
  return Object.assign(carry(handle, mount), {
    // With these three, app.use() takes the middleware for an app to mount, and tells it where. A real sub-app would
    // cost each request two changes of prototype.
    handle,
    set: () => {},
    emit: (event: string, parent: Application) => {
      if (event === 'mount') attach(mount, parent)
    },
  })
}

function attach(mount: Mount, app: Application): void {
  if (mount.answerWith(app)) joinOnListening(mount, app)
}

/** The app may be mounted on others, before or after this: it is the outermost that a server has. */
function joinOnListening(mount: Mount, app: Application & { parent?: Application }): void {
  mount.joinOnListening(app)
  if (app.parent) joinOnListening(mount, app.parent)
  app.on('mount', (parent) => joinOnListening(mount, parent))
}

function split(input: string | SleuthExpressOptions | Sleuth | undefined) {
  if (typeof input !== 'object' || input === null || Array.isArray(input) || isSleuth(input)) return { input }
  const { app, ...options } = input
  if (app !== undefined && typeof app !== 'function') {
    throw sleuthError('SLEUTH_OPTION', {
      option: 'app',
      problem: 'must be an Express app: what express() gives',
    })
  }
  return { input: options, app }
}

export type { Sleuth, SleuthPeer } from '@sleuth/core'

// Under `require` the package is the function itself. Compiled ES modules look for their default import in `.default`.
sleuth.default = sleuth

export { sleuth as default, sleuth as 'module.exports' }
