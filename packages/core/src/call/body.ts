import { Readable } from 'node:stream'
import { reasonOf, SleuthError, sleuthError } from '../errors.js'
import type { BodyInput } from '../types.js'

export interface ReadBody {
  bytes: Uint8Array
  /** The `content-type` that `fetch` would give it. */
  type?: string | undefined
}

export interface ReadBodyOptions {
  /** The most bytes of a message. A body takes a third more than its size in it. */
  limit: number
  /** Stops a stream that is being read. */
  stop: AbortSignal
}

type Chunks = AsyncIterable<unknown> | Iterable<unknown>

/**
 * The bytes of a body that is there already; a function that gathers them for one that has to be read. This wire carries
 * a body whole.
 */
export function readBody(body: BodyInput): ReadBody | ((options: ReadBodyOptions) => Promise<ReadBody>) {
  if (body === undefined || body === null) return { bytes: Buffer.alloc(0) }
  if (typeof body === 'string') return { bytes: Buffer.from(body), type: 'text/plain;charset=UTF-8' }
  if (body instanceof Uint8Array) return { bytes: body }
  if (ArrayBuffer.isView(body))
    return { bytes: new Uint8Array(body.buffer, body.byteOffset, body.byteLength) }
  if (body instanceof ArrayBuffer || body instanceof SharedArrayBuffer) return { bytes: new Uint8Array(body) }
  if (body instanceof URLSearchParams) {
    return { bytes: Buffer.from(body.toString()), type: 'application/x-www-form-urlencoded;charset=UTF-8' }
  }
  if (body instanceof Blob) return (options) => gather(body.stream(), body.type || undefined, options)
  if (body instanceof FormData) return (options) => readForm(body, options)
  if (isIterable(body)) return (options) => gather(body, undefined, options)
  throw badBody(
    'must be a string, bytes, a Blob, FormData, URLSearchParams or a stream; for JSON give JSON.stringify(value)',
  )
}

function isIterable(body: unknown): body is Chunks {
  return (
    typeof body === 'object' && body !== null && (Symbol.asyncIterator in body || Symbol.iterator in body)
  )
}

/** `Response` knows how a form is written; only it knows the boundary that it chose. */
async function readForm(form: FormData, options: ReadBodyOptions): Promise<ReadBody> {
  const response = new Response(form)
  return gather(response.body as Chunks, response.headers.get('content-type') ?? undefined, options)
}

async function gather(
  chunks: Chunks,
  type: string | undefined,
  { limit, stop }: ReadBodyOptions,
): Promise<ReadBody> {
  const parts: Uint8Array[] = []
  let size = 0
  let source: Source | undefined
  try {
    source = openSource(chunks)
    stop.addEventListener('abort', source.cancel)
    for (let chunk = await source.next(); !chunk.done; chunk = await source.next()) {
      const bytes: unknown = typeof chunk.value === 'string' ? Buffer.from(chunk.value) : chunk.value
      if (!(bytes instanceof Uint8Array)) throw badBody('holds a chunk that is neither bytes nor a string')
      size += bytes.length
      if (size > (limit * 3) / 4) throw tooLarge(limit)
      parts.push(bytes)
    }
  } catch (error) {
    source?.cancel()
    if (error instanceof SleuthError) throw error
    throw sleuthError('SLEUTH_REQUEST_MARSHAL', { why: reasonOf(error) }, { codes: [925, 934], cause: error })
  }
  return { bytes: parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts, size), type }
}

interface Source {
  next(): Promise<IteratorResult<unknown>> | IteratorResult<unknown>
  cancel(): void
}

/**
 * `cancel` must work while a read waits for a chunk that may never come. An iterator's `return` waits for that read; the
 * reader of a web stream and Node's `destroy` do not.
 */
function openSource(chunks: Chunks): Source {
  if (chunks instanceof ReadableStream) {
    const reader = chunks.getReader()
    return { next: () => reader.read(), cancel: () => reader.cancel().catch(() => {}) }
  }
  if (chunks instanceof Readable) {
    const iterator = chunks[Symbol.asyncIterator]()
    return { next: () => iterator.next(), cancel: () => chunks.destroy() }
  }
  const iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
  return { next: () => iterator.next(), cancel: () => Promise.resolve(iterator.return?.()).catch(() => {}) }
}

function badBody(problem: string) {
  return sleuthError('SLEUTH_ARGUMENT', { argument: 'body', problem })
}

export function tooLarge(bytes: number) {
  return sleuthError(
    'SLEUTH_TOO_LARGE',
    { what: 'the request', limit: 'message', bytes },
    { codes: [1007, 934] },
  )
}
