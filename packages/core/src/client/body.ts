import { reasonOf, SleuthError, sleuthError } from '../shared/errors.js'
import type { BodyInput } from '../types.js'
import { openSource, type Source, viewOf } from './body-source.js'
import { isBlob, isFormData, isIterable, isSearchParams, isWebStream } from './body-types.js'
import { openBlob, writeForm } from './form-data.js'

export interface ReadBody {
  bytes: Uint8Array
  /** The `content-type` that `fetch` would give it. */
  type?: string | undefined
}

/** A body that has to be read first. */
export interface Streamed {
  /** The `content-type` that `fetch` would give it. */
  type: string | undefined
  /** Bytes, where that is known. */
  length: number | undefined
  /** It can be opened more than once. */
  again: boolean
  open(): Source
}

export interface GatherOptions {
  /** The most bytes of a message. A body takes a third more than its size in it. */
  limit: number
  /** Stops a stream that is being read. */
  stop: AbortSignal
}

/** What a call was given as its body: bytes that are there already, or a stream. */
export function readBody(body: BodyInput): ReadBody | Streamed {
  if (body === undefined || body === null) return { bytes: Buffer.alloc(0) }
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

/** The first wire carries a body whole. */
export async function gather(body: Streamed, { limit, stop }: GatherOptions): Promise<ReadBody> {
  const parts: Uint8Array[] = []
  let size = 0
  let source: Source | undefined
  try {
    source = body.open()
    const { cancel } = source
    stop.addEventListener('abort', () => cancel())
    for (let bytes = await source.next(); bytes !== undefined; bytes = await source.next()) {
      size += bytes.length
      if (size > (limit * 3) / 4) throw tooLarge(limit)
      parts.push(bytes)
    }
  } catch (error) {
    source?.cancel()
    throw bodyError(error)
  }
  return {
    bytes: parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts, size),
    type: body.type,
  }
}

/** What went wrong while a body was read. */
export function bodyError(error: unknown, mayHaveRun = false): unknown {
  if (error instanceof SleuthError) {
    const { code, message, codes } = error
    return mayHaveRun ? new SleuthError(code, message, { codes, mayHaveRun, cause: error }) : error
  }
  const more = { codes: [925, 934], mayHaveRun, cause: error }
  return sleuthError('SLEUTH_REQUEST_MARSHAL', { why: reasonOf(error) }, more)
}

export function tooLarge(bytes: number) {
  return sleuthError(
    'SLEUTH_TOO_LARGE',
    { what: 'the request', limit: 'message', size: `${bytes} bytes` },
    { codes: [1007, 934] },
  )
}
