import { sleuthError } from '../errors.js'
import type { DoInit, DoInput } from '../types.js'
import type { Call } from './call.js'
import { rawHeaders } from './headers.js'
import { splitUrl } from './target.js'

/** What `do` was called with: as in `fetch`, `init` goes before what a `Request` says, and `null` is none. */
export function fetchCall(input: DoInput, given?: DoInit | null): Call & { url: string } {
  const init = given ?? {}
  const request = isRequest(input) ? input : undefined
  const url = request === undefined ? String(input) : request.url
  const { method = request?.method ?? 'GET', headers = request?.headers, timeout } = init
  const body = init.body === undefined ? bodyOf(request) : init.body
  const signal = init.signal === undefined ? request?.signal : init.signal
  return {
    url,
    target: splitUrl(url),
    method: normalMethod(method),
    headers: rawHeaders(headers),
    body,
    timeout,
    signal,
    retry: init.retry,
    waitFor: init.waitFor,
    tries: 0,
  }
}

/** By its looks, so that the `Request` of another undici than Node's own is one too. */
function isRequest(input: DoInput): input is Request {
  return typeof input === 'object' && input !== null && 'url' in input && 'headers' in input
}

function bodyOf(request: Request | undefined): DoInit['body'] {
  if (request?.bodyUsed) {
    throw sleuthError('SLEUTH_ARGUMENT', {
      argument: 'input',
      problem: 'is a Request whose body was read before',
    })
  }
  return request?.body
}

const normalised = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'])

/** The methods that `fetch` puts in upper case; all others it leaves as they are. */
function normalMethod(method: string): string {
  const upper = String(method).toUpperCase()
  return normalised.has(upper) ? upper : method
}
