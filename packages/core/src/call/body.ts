import { Readable } from 'node:stream'
import { reasonOf, SleuthError, sleuthError } from '../errors.js'
import type { BodyInput } from '../types.js'

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

type Chunks = AsyncIterable<unknown> | Iterable<unknown>

/** What a call was given as its body: bytes that are there already, or a stream. */
export function readBody(body: BodyInput): ReadBody | Streamed {
  if (body === undefined || body === null) return { bytes: Buffer.alloc(0) }
  if (typeof body === 'string') return { bytes: Buffer.from(body), type: 'text/plain;charset=UTF-8' }
  if (body instanceof Uint8Array) return { bytes: body }
  if (ArrayBuffer.isView(body))
    return { bytes: new Uint8Array(body.buffer, body.byteOffset, body.byteLength) }
  if (body instanceof ArrayBuffer || body instanceof SharedArrayBuffer) return { bytes: new Uint8Array(body) }
  if (body instanceof URLSearchParams) {
    return { bytes: Buffer.from(body.toString()), type: 'application/x-www-form-urlencoded;charset=UTF-8' }
  }
  if (body instanceof Blob) {
    return {
      type: body.type || undefined,
      length: body.size,
      again: true,
      open: () => openSource(body.stream()),
    }
  }
  if (body instanceof FormData) return readForm(body)
  if (isIterable(body)) {
    return { type: undefined, length: undefined, again: false, open: () => openSource(body) }
  }
  throw badBody(
    'must be a string, bytes, a Blob, FormData, URLSearchParams or a stream; for JSON give JSON.stringify(value)',
  )
}

function isIterable(body: unknown): body is Chunks {
  return (
    typeof body === 'object' && body !== null && (Symbol.asyncIterator in body || Symbol.iterator in body)
  )
}

export function isStreamed(body: ReadBody | Streamed): body is Streamed {
  return 'open' in body
}

/** `Response` knows how a form is written; only it knows the boundary that it chose. */
function readForm(form: FormData): Streamed {
  const response = new Response(form)
  const type = response.headers.get('content-type') ?? undefined
  return { type, length: undefined, again: false, open: () => openSource(response.body as Chunks) }
}

/** The first wire carries a body whole. */
export async function gather(body: Streamed, { limit, stop }: GatherOptions): Promise<ReadBody> {
  const parts: Uint8Array[] = []
  let size = 0
  let source: Source | undefined
  try {
    source = body.open()
    stop.addEventListener('abort', source.cancel)
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

export interface Source {
  /** The next bytes, or undefined at the end. */
  next(): Promise<Uint8Array | undefined>
  cancel(): void
}

/**
 * `cancel` must work while a read waits for a chunk that may never come. An iterator's `return` waits for that read; the
 * reader of a web stream and Node's `destroy` do not.
 */
function openSource(chunks: Chunks): Source {
  if (chunks instanceof ReadableStream) {
    const reader = chunks.getReader()
    return sourceOf(
      () => reader.read(),
      () => reader.cancel().catch(() => {}),
    )
  }
  if (chunks instanceof Readable) {
    const iterator = chunks[Symbol.asyncIterator]()
    return sourceOf(
      () => iterator.next(),
      () => chunks.destroy(),
    )
  }
  const iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
  return sourceOf(
    () => iterator.next(),
    // It may throw, or reject.
    () => void (async () => iterator.return?.())().catch(() => {}),
  )
}

type Next = () => Promise<IteratorResult<unknown>> | IteratorResult<unknown>

function sourceOf(next: Next, cancel: () => void): Source {
  return {
    cancel,
    async next() {
      const { done, value } = await next()
      return done ? undefined : bytesOf(value)
    },
  }
}

function bytesOf(chunk: unknown): Uint8Array {
  const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
  if (bytes instanceof Uint8Array) return bytes
  throw badBody('holds a chunk that is neither bytes nor a string')
}

function badBody(problem: string) {
  return sleuthError('SLEUTH_ARGUMENT', { argument: 'body', problem })
}

export function tooLarge(bytes: number) {
  return sleuthError(
    'SLEUTH_TOO_LARGE',
    { what: 'the request', limit: 'message', size: `${bytes} bytes` },
    { codes: [1007, 934] },
  )
}
