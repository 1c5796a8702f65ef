import { sleuthError } from '../shared/errors.js'
import type { BodySource } from '../transport/transport.js'
import type { BodyInput } from '../types.js'
import {
  isBlob,
  isFormData,
  isIterable,
  isSearchParams,
  isWebStream,
  openSource,
  viewOf,
} from './body-source.js'
import { openBlob, writeForm } from './form-data.js'

export interface ReadBody {
  bytes: Uint8Array
  /** The `content-type` that `fetch` would give it. */
  type?: string | undefined
}

/** A body that is read while it is sent. */
export interface Streamed {
  /** The `content-type` that `fetch` would give it. */
  type: string | undefined
  /** The number of bytes, if it is known. */
  length: number | undefined
  /** It can be opened more than once. */
  again: boolean
  open(): BodySource
}

export const NO_BODY: ReadBody = Object.freeze({ bytes: Buffer.alloc(0) })

/** Reads the body of a call's arguments: it is bytes that are there already, or a stream. */
export function readBody(body: BodyInput): ReadBody | Streamed {
  if (body === undefined || body === null) return NO_BODY
  if (typeof body === 'string') return { bytes: Buffer.from(body), type: 'text/plain;charset=UTF-8' }
  const bytes = viewOf(body)
  if (bytes !== undefined) return { bytes }
  if (typeof body === 'object') {
    if (isSearchParams(body)) {
      return { bytes: Buffer.from(body.toString()), type: 'application/x-www-form-urlencoded;charset=UTF-8' }
    }
    if (isBlob(body)) {
      return { type: body.type || undefined, length: body.size, again: true, open: () => openBlob(body) }
    }
    if (isFormData(body)) return { ...writeForm(body), again: true }
    if (isWebStream(body) || isIterable(body)) {
      return { type: undefined, length: undefined, again: false, open: () => openSource(body) }
    }
  }
  const problem =
    'must be a string, bytes, a Blob, FormData, URLSearchParams or a stream; for JSON give JSON.stringify(value)'
  throw sleuthError('SLEUTH_ARGUMENT', { argument: 'body', problem })
}

export function isStreamed(body: ReadBody | Streamed): body is Streamed {
  return 'open' in body
}

/** Ends a stream that nobody has begun to read, as an aborted `fetch` does: nothing else would end it. */
export function cancelUnopened(body: ReadBody | Streamed, reason: unknown): void {
  if (!isStreamed(body) || body.again) return
  try {
    body.open().cancel(reason)
  } catch {
    // Somebody reads it.
  }
}

/** Makes a stream fail whose length is not the one that its caller told: a service may rely on it. */
export function enforceLength(body: Streamed, length: number): void {
  const { open } = body
  body.length = length
  body.open = () => enforced(length, open())
}

function enforced(length: number, { next, cancel }: BodySource): BodySource {
  let left = length
  return {
    cancel,
    async next() {
      const bytes = await next()
      left -= bytes?.length ?? 0
      if (left < 0 || (bytes === undefined && left > 0)) throw untrue(length)
      return bytes
    },
  }
}

function untrue(length: number) {
  const problem = `has not the ${length} bytes that its content-length says`
  return sleuthError('SLEUTH_ARGUMENT', { argument: 'body', problem })
}

/** Milliseconds without a chunk after which a stream counts as one that has no end yet. */
const patience = 20

const late = Symbol('late')

/**
 * Reads a stream whose bytes are all there already, such as that of a `Request` made from a string. Bytes have a length, and
 * can be sent again. A body that is larger than `limit`, or slow, stays a stream.
 */
export async function readAhead(body: Streamed, limit: number): Promise<ReadBody | Streamed> {
  const source = body.open()
  const parts: Uint8Array[] = []
  let size = 0
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<typeof late>((resolve) => {
    // Chunks that came while the process was busy are read before the time is over.
    timer = setTimeout(() => setImmediate(resolve, late), patience)
  })
  try {
    while (size <= limit) {
      const next = source.next()
      const bytes = await Promise.race([next, silence])
      if (bytes === late) return rest(body, parts, source, next)
      if (bytes === undefined) return { bytes: Buffer.concat(parts, size), type: body.type }
      parts.push(bytes)
      size += bytes.length
    }
    return rest(body, parts, source)
  } finally {
    clearTimeout(timer)
  }
}

/** The same stream, beginning with the bytes that were read. `pending`: the read that is in progress. */
function rest(
  body: Streamed,
  parts: readonly Uint8Array[],
  source: BodySource,
  pending?: Promise<Uint8Array | undefined>,
): Streamed {
  let at = 0
  let first = pending
  // It may fail before anybody asks for it.
  first?.catch(() => {})
  const next = () => {
    if (at < parts.length) return Promise.resolve(parts[at++])
    const waiting = first ?? source.next()
    first = undefined
    return waiting
  }
  return { ...body, again: false, open: () => ({ next, cancel: () => source.cancel() }) }
}
