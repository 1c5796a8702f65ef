import type { LeanResponse, RequestOptions } from '../types.js'
import type { Call } from './caller.js'
import { joinHeaders, rawHeaders } from './headers.js'
import type { Reply } from './pending.js'
import { splitUrl } from './target.js'

/** What `request` was called with. */
export function leanCall(url: string, init: RequestOptions = {}): Call {
  const { method = 'GET', headers, body, timeout, signal } = init
  return { target: splitUrl(url), method, headers: rawHeaders(headers), body, timeout, signal }
}

export function leanResponse({ code, headers, body }: Reply): LeanResponse {
  return { status: code, headers: joinHeaders(headers), body }
}
