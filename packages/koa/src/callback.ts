import type { IncomingMessage, ServerResponse } from 'node:http'

interface App {
  readonly middleware: readonly unknown[]
  callback(): (req: IncomingMessage, res: ServerResponse) => unknown
}

/** `app.callback()` holds the middleware of its moment, so it is called again once there is more. */
export function lazyCallback(app: App): (req: IncomingMessage, res: ServerResponse) => unknown {
  let size = -1
  let callback: ReturnType<App['callback']>
  return (req, res) => {
    if (app.middleware.length !== size) {
      callback = app.callback()
      size = app.middleware.length
    }
    return callback(req, res)
  }
}
