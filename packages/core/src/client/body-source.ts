import { Readable } from 'node:stream'
import { isAnyArrayBuffer } from 'node:util/types'
import { sleuthError } from '../shared/errors.js'
import { StreamChunks } from '../shared/stream-chunks.js'
import type { BodySource } from '../transport/transport.js'

export type Chunks = AsyncIterable<unknown> | Iterable<unknown>

/**
 * The reader of a web stream can be cancelled during a read, and so can a stream of Node. The `return` of an iterator waits
 * for the read before it.
 */
export function openSource(chunks: Chunks | ReadableStream): BodySource {
  if (isWebStream(chunks)) {
    const reader = chunks.getReader()
    return sourceOf(
      () => reader.read(),
      (reason) => void settle(() => reader.cancel(reason)),
    )
  }
  if (isNodeStream(chunks) && StreamChunks.canRead(chunks)) {
    const reader = new StreamChunks(chunks)
    return sourceOf(
      () => reader.next(),
      () => void chunks.destroy(),
    )
  }
  const iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
  return sourceOf(
    () => iterator.next(),
    isNodeStream(chunks) ? () => void chunks.destroy() : () => void settle(() => iterator.return?.()),
  )
}

/** It also finds the streams of the package `readable-stream`. */
function isNodeStream(chunks: object): chunks is Readable {
  return chunks instanceof Readable || ('pipe' in chunks && 'destroy' in chunks)
}

/** Ignores what the action throws, and a promise that is rejected. */
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

/** A view of bytes that are there already, also of another realm. */
export function viewOf(bytes: unknown): Uint8Array | undefined {
  if (bytes instanceof Uint8Array) return bytes
  if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return isAnyArrayBuffer(bytes) ? new Uint8Array(bytes) : undefined
}

/*
 * The kind of a body is told by its shape, as in undici's `fetch`: some packages bring a `FormData` or `Blob` of their own,
 * whose classes are not Node's.
 */

export interface BlobLike {
  readonly size?: number
  readonly type?: string
  readonly name?: string
  stream?(): ReadableStream | AsyncIterable<unknown>
  arrayBuffer(): Promise<ArrayBuffer>
}

export type FormDataLike = Iterable<readonly [name: string, value: string | BlobLike]>

function tagOf(value: object): unknown {
  return (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag]
}

function hasMethods(value: object, ...names: string[]): boolean {
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
}

export function isBlob(value: object): value is BlobLike {
  const tag = tagOf(value)
  return (
    (tag === 'Blob' || tag === 'File') && (hasMethods(value, 'stream') || hasMethods(value, 'arrayBuffer'))
  )
}

export function isFormData(value: object): value is FormDataLike {
  return (
    tagOf(value) === 'FormData' &&
    Symbol.iterator in value &&
    hasMethods(value, 'append', 'delete', 'get', 'getAll', 'has', 'set')
  )
}

export function isSearchParams(value: object): value is URLSearchParams {
  return tagOf(value) === 'URLSearchParams' && hasMethods(value, 'append', 'get', 'toString')
}

export function isWebStream(value: object): value is ReadableStream {
  return hasMethods(value, 'getReader')
}

/** An async iterable, or an iterable. */
export function isIterable(value: object): value is AsyncIterable<unknown> | Iterable<unknown> {
  return Symbol.asyncIterator in value || Symbol.iterator in value
}
