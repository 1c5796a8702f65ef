import { isUtf8 } from 'node:buffer'
import type { Summary } from './summary.js'

/** What `--json` prints of a call: one object. */
export function jsonOf(summary: Summary, headers: Headers | undefined, body: Buffer | undefined): object {
  const { service, method, url, status, instance, attempts, bytes, headAfter, total, error } = summary
  return {
    service,
    method,
    url,
    status,
    headers: headers && fields(headers),
    ...(body && bodyFields(body)),
    bytes,
    instance,
    attempts,
    headAfter,
    total,
    error,
  }
}

/** A header that came more than once has a list of values, and so has `set-cookie` always. */
function fields(headers: Headers): Record<string, string | string[]> {
  const all: Record<string, string | string[]> = Object.fromEntries(headers)
  const cookies = headers.getSetCookie()
  if (cookies.length > 0) all['set-cookie'] = cookies
  return all
}

/** Text as text, and other bytes in base64. */
function bodyFields(body: Buffer): object {
  return isUtf8(body) ? { body: body.toString() } : { bodyBase64: body.toString('base64') }
}
