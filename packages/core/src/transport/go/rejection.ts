import {
  errorHeader,
  fieldOf,
  handleHeader,
  isOwnHeader,
  isRejection,
  type RawHeaders,
  type Rejection,
  without,
} from '../../http/headers.js'

/** Whether a reply rejects the request. A reply that a handler copied from elsewhere has another request's handle, if any. */
export function rejectionIn(code: number, headers: RawHeaders, handle: string): Rejection | undefined {
  if (code !== 503 || fieldOf(headers, handleHeader) !== handle) return undefined
  const why = fieldOf(headers, errorHeader)
  return isRejection(why) ? why : undefined
}

/**
 * The headers of a reply without what it says in sleuth's name, unless sleuth says so: a service of Go's may write what it
 * likes.
 */
export function believedHeaders(headers: RawHeaders, handle: string): RawHeaders {
  if (!headers.some((name, place) => place % 2 === 0 && isOwnHeader(name))) return headers
  if (fieldOf(headers, handleHeader) !== handle) return without(headers, isOwnHeader)
  return without(headers, (name) => name.toLowerCase() === handleHeader.toLowerCase())
}
