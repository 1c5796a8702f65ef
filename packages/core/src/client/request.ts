import { sleuthError } from '../shared/errors.js'
import type { ResponseBody } from '../transport/transport.js'
import type { LeanResponse, RequestOptions } from '../types.js'
import type { Call, Reply } from './call.js'
import { RequestHeaders } from './headers.js'
import { splitUrl } from './target.js'

/** Reads the arguments of `request`. */
export function leanCall(url: string, init?: RequestOptions | null): Call {
  if (typeof url !== 'string') {
    const problem = 'must be a string, such as sleuth://service/path; of a URL object give its href'
    throw sleuthError('SLEUTH_ARGUMENT', { argument: 'url', problem })
  }
  const {
    method = 'GET',
    headers,
    body,
    timeout,
    signal,
    retry,
    waitFor,
    balance,
    version,
    where,
    prefer,
    key,
    inherit = true,
  } = init ?? {}
  if (typeof inherit !== 'boolean')
    throw sleuthError('SLEUTH_ARGUMENT', { argument: 'inherit', problem: 'must be true or false' })
  const isAny = version === undefined && where === undefined && prefer === undefined && key === undefined
  return {
    target: splitUrl(url),
    // As in Node's `http.request`. Anything that is not a method, a string or not, is refused later.
    method: typeof method === 'string' ? method.toUpperCase() : method,
    headers: RequestHeaders.from(headers),
    body,
    readFirst: 0,
    timeout,
    signal,
    retry,
    waitFor,
    balance,
    select: isAny ? undefined : { version, where, prefer, key },
    tries: 0,
    begunAt: 0,
  }
}

/** The body is read to its end, up to `limits.unzipped`. */
export function leanResponse(
  _call: unknown,
  { code, headers, body }: Reply,
  { limits }: { readonly limits: { readonly unzipped: number } },
): LeanResponse | Promise<LeanResponse> {
  if (Buffer.isBuffer(body)) return { status: code, headers: joinHeaders(headers), body }
  return gathered(code, headers, body, limits.unzipped)
}

async function gathered(
  status: number,
  headers: string[],
  rest: ResponseBody,
  limit: number,
): Promise<LeanResponse> {
  const body = await rest.gather(limit, () => tooLargeAnswer(limit))
  return { status, headers: joinHeaders(headers), body }
}

function tooLargeAnswer(limit: number) {
  const values = { what: 'the response', limit: 'unzipped', size: `${limit} bytes` }
  return sleuthError('SLEUTH_TOO_LARGE', values, { codes: [1007, 934], mayHaveRun: true })
}

// Node keeps the first of these fields and drops the others (IncomingMessage, matchKnownFields).
const single = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
])

/** The headers in the shape of `http.IncomingMessage.headers`. */
export function joinHeaders(raw: readonly string[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {}
  const cookies: string[] = []
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase()
    const value = raw[i + 1] as string
    if (name === 'set-cookie') {
      cookies.push(value)
      headers[name] = cookies
      continue
    }
    const before = Object.hasOwn(headers, name) ? headers[name] : undefined
    if (name === '__proto__') define(headers, name, before === undefined ? value : `${before}, ${value}`)
    else if (before === undefined) headers[name] = value
    else if (!single.has(name)) headers[name] = `${before}${name === 'cookie' ? '; ' : ', '}${value}`
  }
  return headers
}

/** An assignment would set the prototype. */
function define(headers: object, name: string, value: string): void {
  Object.defineProperty(headers, name, { value, writable: true, enumerable: true, configurable: true })
}
