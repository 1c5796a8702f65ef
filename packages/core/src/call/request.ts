import { sleuthError } from '../errors.js'
import type { LeanResponse, RequestOptions } from '../types.js'
import type { Call } from './caller.js'
import { joinHeaders, rawHeaders } from './headers.js'
import type { Reply } from './pending.js'
import { splitUrl } from './target.js'

/** What `request` was called with. */
export function leanCall(url: string, init?: RequestOptions | null): Call {
  if (typeof url !== 'string') {
    const problem = 'must be a string, such as sleuth://service/path; of a URL object give its href'
    throw sleuthError('SLEUTH_ARGUMENT', { argument: 'url', problem })
  }
  const { method = 'GET', headers, body, timeout, signal } = init ?? {}
  return { target: splitUrl(url), method, headers: rawHeaders(headers), body, timeout, signal }
}

export function leanResponse({ code, headers, body }: Reply): LeanResponse {
  return { status: code, headers: joinHeaders(headers), body }
}
