import { STATUS_CODES } from 'node:http'
import { byteString } from '../wire/http.js'
import type { Reply } from './attempt.js'

// Fetch standard section 2.2.3: with these a Response may have no body at all.
const nullBody = new Set([101, 103, 204, 205, 304])

/**
 * Gives a `Response` its `url`, and any status: the constructor takes 200 to 599 only, and refuses a body beside 204 and
 * the like, but a service may answer so. Own properties, since the class has accessors that only `fetch` can fill.
 */
function withHead(response: Response, url: string, status: number): Response {
  return Object.defineProperties(response, {
    url: { value: url, configurable: true, enumerable: true },
    status: { value: status, configurable: true, enumerable: true },
    statusText: { value: STATUS_CODES[status] ?? '', configurable: true, enumerable: true },
    ok: { value: status >= 200 && status <= 299, configurable: true, enumerable: true },
    clone: {
      value: () => withHead(Response.prototype.clone.call(response), url, status),
      configurable: true,
    },
  })
}

export function fetchResponse(url: string, method: string, { code, headers, body }: Reply): Response {
  const pairs: [string, string][] = []
  for (let i = 0; i < headers.length; i += 2) {
    pairs.push([headers[i] as string, byteString(headers[i + 1] as string)])
  }
  const bodiless = Buffer.isBuffer(body) && body.length === 0 && (method === 'HEAD' || nullBody.has(code))
  const content = bodiless ? null : Buffer.isBuffer(body) ? body : body.stream()
  return withHead(new Response(content, { headers: pairs }), withoutFragment(url), code)
}

function withoutFragment(url: string): string {
  const hash = url.indexOf('#')
  return hash === -1 ? url : url.slice(0, hash)
}
