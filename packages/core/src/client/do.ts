import { getEventListeners } from 'node:events'
import { sleuthError } from '../shared/errors.js'
import { isOwnRetry } from '../shared/options/retry.js'
import type { DoInit, DoInput, FetchInit, FetchOptions } from '../types.js'
import type { FetchCall } from './call.js'
import { RequestHeaders } from './headers.js'
import { fetchOptionNames } from './option-names.js'
import { redirectOf } from './redirect.js'
import { normalUrl, splitUrl } from './target.js'

/** A `Request` made from a string has a stream as its body. A stream of up to so many bytes becomes bytes again. */
const SMALL_BODY = 64 * 1024

/**
 * Reads the arguments of `do`. Other libraries use the names `timeout` and `retry` too: a value that has not sleuth's shape is
 * ignored, as `fetch` ignores it.
 */
export function doCall(input: DoInput, given?: DoInit | null): FetchCall {
  const init = given ?? {}
  const redirect = init.redirect ?? (isRequest(input) && input.redirect === 'error' ? 'error' : 'manual')
  const timeout: unknown = init.timeout
  const retry: unknown = init.retry
  return readCall(input, init, redirect, {
    timeout: typeof timeout === 'number' ? timeout : undefined,
    retry: isOwnRetry(retry) ? retry : undefined,
    waitFor: init.waitFor,
    balance: init.balance,
    version: init.version,
    where: init.where,
    prefer: init.prefer,
    key: init.key,
    inherit: init.inherit,
    decompress: init.decompress,
  })
}

/** Reads the arguments of `fetch`. A caller that gives a signal and no timeout decides by the signal how long to wait. */
export function fetchCall(input: DoInput, given?: FetchInit | null): FetchCall {
  const init = given ?? {}
  const own = ownOptions(init.sleuth)
  const redirect = init.redirect ?? (isRequest(input) ? input.redirect : undefined) ?? 'follow'
  const isSignalled = init.signal === undefined ? hasOwnSignal(input) : init.signal !== null
  const options = own.timeout === undefined && isSignalled ? { ...own, timeout: Infinity } : own
  return readCall(input, init, redirect, options)
}

/** As in `fetch`, `init` goes before a `Request`. With a body of `null` the `Request` keeps its own. */
function readCall(input: DoInput, init: RequestInit, redirect: unknown, options: FetchOptions): FetchCall {
  const { timeout, retry, waitFor, balance, inherit = true, decompress = true } = options
  const { version, where, prefer, key } = options
  const isAny = version === undefined && where === undefined && prefer === undefined && key === undefined
  const request = isRequest(input) ? input : undefined
  const url = normalUrl(request === undefined ? String(input) : request.url)
  const { method = request?.method ?? 'GET', headers = request?.headers } = init
  const isOwnBody = (init.body ?? undefined) === undefined && request !== undefined
  const signal = init.signal === undefined ? request?.signal : init.signal
  if (typeof decompress !== 'boolean') throw badArgument('decompress', 'must be true or false')
  if (typeof inherit !== 'boolean') throw badArgument('inherit', 'must be true or false')
  return {
    url,
    target: splitUrl(url),
    method: normalMethod(method),
    headers: RequestHeaders.from(headers),
    body: isOwnBody ? bodyOf(request) : init.body,
    readFirst: isOwnBody ? SMALL_BODY : 0,
    timeout,
    signal,
    retry,
    waitFor,
    balance,
    select: isAny ? undefined : { version, where, prefer, key },
    tries: 0,
    begunAt: 0,
    redirect: redirectOf(redirect),
    redirects: 0,
    decompress,
    startedAt: redirect === 'follow' ? performance.now() : 0,
  }
}

function bodyOf(request: Request): DoInit['body'] {
  if (request.bodyUsed) throw badArgument('input', 'is a Request whose body was read before')
  return request.body
}

function badArgument(argument: string, problem: string) {
  return sleuthError('SLEUTH_ARGUMENT', { argument, problem })
}

const normalised = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'])

/** The methods that `fetch` changes to upper case. All others stay as they are. */
function normalMethod(method: string): string {
  const upper = String(method).toUpperCase()
  return normalised.has(upper) ? upper : method
}

const none: FetchOptions = Object.freeze({})

/** Reads `init.sleuth` of `fetch`. The values are checked where they are used. */
function ownOptions(given: unknown): FetchOptions {
  if (given === undefined || given === null) return none
  if (typeof given !== 'object' || Array.isArray(given))
    throw badArgument('init.sleuth', `must be an object with any of ${fetchOptionNames.join(', ')}`)
  for (const name of Object.keys(given)) {
    if (!fetchOptionNames.includes(name))
      throw badArgument(
        'init.sleuth',
        `has no option "${name}": the options are ${fetchOptionNames.join(', ')}`,
      )
  }
  return given
}

/** It goes by the shape, so that the `Request` of another undici than Node's own counts too. */
export function isRequest(input: DoInput): input is Request {
  return typeof input === 'object' && input !== null && 'url' in input && 'headers' in input
}

/**
 * Whether a `Request` was made with a signal. Every `Request` has one, so the answer is in what undici keeps: a controller
 * under a symbol if it was made with a signal, and a listener if it is a clone.
 */
function hasOwnSignal(input: DoInput): boolean {
  if (!isRequest(input)) return false
  const { signal } = input
  if (!signal) return false
  if (!(input instanceof Request)) return true
  return (
    signal.aborted ||
    Object.getOwnPropertySymbols(input).some(({ description }) => description === 'abortController') ||
    getEventListeners(signal, 'abort').length > 0
  )
}
