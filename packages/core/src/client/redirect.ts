import { sleuthError } from '../shared/errors.js'
import type { CheckedOptions } from '../shared/options/options.js'
import { isStreamed, readBody } from './body.js'
import type { FetchCall, Redirect, Reply } from './call.js'
import { normalUrl, splitUrl, type Target } from './target.js'

const modes: readonly unknown[] = ['follow', 'manual', 'error'] satisfies Redirect[]

export function redirectOf(given: unknown): Redirect {
  if (modes.includes(given)) return given as Redirect
  throw sleuthError('SLEUTH_ARGUMENT', { argument: 'redirect', problem: 'must be follow, manual or error' })
}

// Fetch standard, section 2.2.3; the rest is in section 4.4.
const redirects = new Set([301, 302, 303, 307, 308])
const most = 20

const ofBody = new Set([
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-type',
])
const ofCredentials = new Set(['authorization', 'cookie'])

/**
 * The call to which a redirect leads. Undefined if the caller gets the reply. A redirect out of the network, such as to
 * `https://`, is never followed: the caller gets it.
 */
export function follow(call: FetchCall, reply: Reply, options: CheckedOptions): FetchCall | undefined {
  if (call.redirect === 'manual' || !redirects.has(reply.code)) return undefined
  if (call.redirect === 'error') throw failed(reply, 'the call says redirect: "error"')
  const url = locationOf(call, reply)
  if (url === undefined) return undefined
  if (call.redirects === most) throw failed(reply, `it would be the ${most + 1}st`)
  const target = split(reply, url)
  const isToGet = becomesGet(reply.code, call.method)
  if (!isToGet && !isRepeatable(call.body))
    throw failed(reply, 'the body is a stream, which cannot be sent again')
  discard(reply)

  const isOther = target.service !== call.target.service
  const isOut = (name: string) => (isToGet && ofBody.has(name)) || (isOther && ofCredentials.has(name))
  const now = performance.now()
  return {
    ...call,
    url,
    target,
    method: isToGet ? 'GET' : call.method,
    headers: call.headers.without(isOut),
    body: isToGet ? undefined : call.body,
    select: isOther ? withoutRange(call.select) : call.select,
    timeout: Math.max(1, (call.timeout ?? options.timeout) - (now - call.startedAt)),
    startedAt: now,
    tries: 0,
    redirects: call.redirects + 1,
  }
}

/** Another service has versions of its own. */
function withoutRange(select: FetchCall['select']): FetchCall['select'] {
  return select && { ...select, version: undefined }
}

function becomesGet(code: number, method: string): boolean {
  if (code === 303) return method !== 'GET' && method !== 'HEAD'
  return (code === 301 || code === 302) && method === 'POST'
}

function isRepeatable(body: FetchCall['body']): boolean {
  const read = readBody(body)
  return !isStreamed(read) || read.again
}

/** The URL to which it leads, if that is in the network. */
function locationOf(call: FetchCall, reply: Reply): string | undefined {
  const place = reply.headers.findIndex((name, at) => at % 2 === 0 && name.toLowerCase() === 'location')
  if (place === -1) return undefined
  const location = reply.headers[place + 1] as string
  let url: URL
  try {
    // Bytes beyond ASCII are UTF-8, although a header's value counts as latin1.
    const isText = /[\u0100-\uffff]/.test(location)
    url = new URL(isText ? location : Buffer.from(location, 'latin1').toString(), call.url)
  } catch {
    throw failed(reply, 'its location is no URL')
  }
  return url.protocol === 'sleuth:' ? normalUrl(url.href) : undefined
}

function split(reply: Reply, url: string): Target {
  try {
    return splitUrl(url)
  } catch (error) {
    discard(reply)
    throw error
  }
}

/** The error of `fetch`, with sleuth's error as its cause. */
function failed(reply: Reply, why: string): TypeError {
  discard(reply)
  return new TypeError('fetch failed', {
    cause: sleuthError('SLEUTH_REDIRECT', { why }, { mayHaveRun: true }),
  })
}

function discard({ body }: Reply): void {
  if (!Buffer.isBuffer(body)) body.cancel()
}
