import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Handled, handlerMark } from '../shared/marks.js'
import type { FetchHandler, SleuthRequest } from '../types.js'
import { checkResponse, discard } from './check-response.js'
import { Hangup } from './hangup.js'
import { breakOff } from './http2.js'
import { requestOf } from './lazy-request.js'
import { RequestBody } from './request-body.js'
import { urlOf } from './request-url.js'
import { writeResponse } from './write-response.js'

export { installFastResponse } from './fast-response.js'

/** Its promise is not rejected: whoever calls the listener may not look at it. */
export async function answer(
  handler: FetchHandler,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const url = urlOf(req)
  if (url === undefined) return refuse(res, 400)
  // A `Request` has none of these methods (Fetch standard, section 2.2.1).
  if (req.method === 'TRACE' || req.method === 'CONNECT') return refuse(res, 501)
  const hangup = new Hangup(res)
  try {
    const context = { incoming: req as SleuthRequest, outgoing: res, peer: (req as SleuthRequest).sleuthPeer }
    const given = await handler(requestOf({ req, url, body: new RequestBody(req, hangup), hangup }), context)
    // The handler has answered by `outgoing`.
    if (res.headersSent) {
      discard(given)
      return
    }
    checkResponse(given, req)
    await writeResponse(req, res, given, hangup)
  } catch (error) {
    if (hangup.explains(error)) return
    const exchange = (res as Handled)[handlerMark]
    if (exchange !== undefined) {
      // It makes a 500 and a line of the log.
      exchange.returned(Promise.reject(error))
      return
    }
    process.emitWarning(error instanceof Error ? error : new Error(String(error)))
    if (res.headersSent) breakOff(res)
    else refuse(res, 500)
  }
}

function refuse(res: ServerResponse, status: number): void {
  res.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  res.end(`${status}\n`)
}
