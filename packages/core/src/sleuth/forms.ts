import type { Call, FetchCall, Reply } from '../client/call.js'
import { doCall, fetchCall } from '../client/do.js'
import { follow } from '../client/redirect.js'
import { leanCall, leanResponse } from '../client/request.js'
import { fetchResponse } from '../client/response.js'
import type { CheckedOptions } from '../shared/options/options.js'
import type { DoInit, DoInput, FetchInit, LeanResponse, RequestOptions } from '../types.js'

/** The difference between `do`, `fetch` and `request`: how they read their arguments, and what they return. */
export interface Form<C extends Call, Input, Init, Result> {
  read(input: Input, init: Init | undefined): C
  /** The next call, if the reply is a redirect to follow. */
  follow?(call: C, reply: Reply, options: CheckedOptions): C | undefined
  finish(call: C, reply: Reply, options: CheckedOptions): Result | Promise<Result>
}

export const doForm: Form<FetchCall, DoInput, DoInit, Response> = {
  read: doCall,
  follow,
  finish: fetchResponse,
}

export const fetchForm: Form<FetchCall, DoInput, FetchInit, Response> = { ...doForm, read: fetchCall }

/** The body stays on its way. */
export const forwardForm: Form<Call, string, RequestOptions, Reply> = {
  read: leanCall,
  finish: (_call, reply) => reply,
}

export const requestForm: Form<Call, string, RequestOptions, LeanResponse> = {
  read: leanCall,
  finish: leanResponse,
}
