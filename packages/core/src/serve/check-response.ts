import type { IncomingMessage } from 'node:http'
import { sleuthError } from '../shared/errors.js'
import { honoBodyOf } from './hono-body.js'

/** Throws unless a handler gave a `Response` that can be sent. Libraries have classes of their own for it. */
export function checkResponse(given: unknown, req: IncomingMessage): asserts given is Response {
  const why = problemOf(given)
  if (why !== undefined) throw responseError(req, why)
}

function problemOf(given: unknown): string | undefined {
  const { status, headers } = (given ?? {}) as Partial<Response>
  if (typeof status !== 'number' || typeof headers?.get !== 'function') return `it gave ${kindOf(given)}`
  // `Response.error()` has status 0, which no server can send.
  if (status < 200 || status > 999) return `the status is ${status}`
  const response = given as Response
  return honoBodyOf(response) === undefined && response.bodyUsed
    ? 'its body was read before: a Response answers once, so give its clone()'
    : undefined
}

function kindOf(given: unknown): string {
  if (given === null || given === undefined) return String(given)
  return typeof given === 'object' ? 'another object' : `a ${typeof given}`
}

/** Throws unless the body is a stream that nobody else reads. */
export function readerOf(
  body: ReadableStream<Uint8Array>,
  req: IncomingMessage,
): ReadableStreamDefaultReader<Uint8Array> {
  if (typeof body.getReader !== 'function') {
    throw responseError(req, 'its body is no ReadableStream, as in some libraries: make a Response of Node')
  }
  if (body.locked) throw responseError(req, 'somebody else reads its body')
  return body.getReader()
}

function responseError({ method = '', url = '' }: IncomingMessage, why: string): Error {
  return sleuthError('SLEUTH_FETCH_HANDLER', { method, url, why })
}

/** Nobody will read the body of what a handler gave. Its source may hold a file or a connection, so it has to learn of it. */
export async function discard(given: unknown): Promise<void> {
  try {
    await (given as Partial<Response> | undefined)?.body?.cancel()
  } catch {
    // Somebody else reads it, or its source can't end.
  }
}
