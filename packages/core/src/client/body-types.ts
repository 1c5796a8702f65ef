/**
 * What a body is, told by its looks, as undici's `fetch` does: there are packages that bring a `FormData` or `Blob` of
 * their own, and their classes are not Node's.
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
