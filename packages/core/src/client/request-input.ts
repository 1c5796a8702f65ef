import { getEventListeners } from 'node:events'
import type { DoInput } from '../types.js'

/** By its looks, so that the `Request` of another undici than Node's own is one too. */
export function isRequest(input: DoInput): input is Request {
  return typeof input === 'object' && input !== null && 'url' in input && 'headers' in input
}

/**
 * Whether a `Request` was made with a signal. It has one in any case, so it is told by what undici keeps: a controller
 * under a symbol for one that was made with a signal, and a listener for a clone. Of a clone nobody knows more.
 */
export function hasOwnSignal(input: DoInput): boolean {
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
