import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

// Node loads these classes when they are first named, which takes a part of the time that the first call has.
const { Request } = globalThis

/** The `Request` of one that has come whole. */
export function requestOf(req: IncomingMessage, body: Buffer, service: string): Request {
  const headers = new Headers()
  for (const [name, values] of Object.entries(req.headersDistinct))
    for (const value of values ?? []) headers.append(name, value)
  const hasBody = req.method !== 'GET' && req.method !== 'HEAD'
  return new Request(new URL(req.url ?? '/', `http://${service}`), {
    ...{ method: req.method ?? 'GET', headers },
    body: hasBody ? body : null,
  })
}

export async function sendResponse(res: ServerResponse, response: Response): Promise<void> {
  res.statusCode = response.status
  res.statusMessage = response.statusText
  for (const [name, value] of response.headers) if (name !== 'set-cookie') res.setHeader(name, value)
  const cookies = response.headers.getSetCookie()
  if (cookies.length > 0) res.setHeader('set-cookie', cookies)
  if (response.body === null) res.end()
  else await pipeline(Readable.fromWeb(response.body as never), res)
}
