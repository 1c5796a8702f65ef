import { Readable } from 'node:stream'
import { isAnyArrayBuffer } from 'node:util/types'
import { sleuthError } from '../shared/errors.js'
import type { BodySource } from '../transport/transport.js'
import { isWebStream } from './body-types.js'

export type Chunks = AsyncIterable<unknown> | Iterable<unknown>

/**
 * An iterator's `return` waits for the read before it; the reader of a web stream and the `destroy` of Node's streams do
 * not.
 */
export function openSource(chunks: Chunks | ReadableStream): BodySource {
  if (isWebStream(chunks)) {
    const reader = chunks.getReader()
    return sourceOf(
      () => reader.read(),
      (reason) => void settle(() => reader.cancel(reason)),
    )
  }
  const iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
  return sourceOf(
    () => iterator.next(),
    isNodeStream(chunks) ? () => void chunks.destroy() : () => void settle(() => iterator.return?.()),
  )
}

/** Of the package `readable-stream` too. */
function isNodeStream(chunks: object): chunks is Readable {
  return chunks instanceof Readable || ('pipe' in chunks && 'destroy' in chunks)
}

/** Nobody minds whether it throws, or rejects. */
async function settle(action: () => unknown): Promise<void> {
  try {
    await action()
  } catch {}
}

type Next = () => Promise<IteratorResult<unknown>> | IteratorResult<unknown>

function sourceOf(next: Next, cancel: (reason?: unknown) => void): BodySource {
  return {
    cancel,
    async next() {
      const { done, value } = await next()
      return done ? undefined : bytesOf(value)
    },
  }
}

function bytesOf(chunk: unknown): Uint8Array {
  const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : viewOf(chunk)
  if (bytes !== undefined) return bytes
  const problem = 'holds a chunk that is neither bytes nor a string'
  throw sleuthError('SLEUTH_ARGUMENT', { argument: 'body', problem })
}

/** Bytes that are there already, of another realm too: a view of them. */
export function viewOf(bytes: unknown): Uint8Array | undefined {
  if (bytes instanceof Uint8Array) return bytes
  if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return isAnyArrayBuffer(bytes) ? new Uint8Array(bytes) : undefined
}
