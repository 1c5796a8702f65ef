/** The characters of a method and of a header's name (RFC 9110, section 5.6.2). */
export const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** A service meets few names, but a peer may send any. So the caches have a bound, and they keep no long names. */
const MAX_CACHED = 1000
const MAX_CACHED_LENGTH = 64
const kinds = new Map<string, FieldKind>()
const canonicalNames = new Map<string, string>()

/**
 * The form in which Go's `Header.Get` finds a name (net/textproto CanonicalMIMEHeaderKey): `content-type` becomes
 * `Content-Type`. A name that is not a token stays as it is.
 */
export function canonicalName(name: string): string {
  const known = canonicalNames.get(name)
  if (known !== undefined) return known
  const canonical = token.test(name)
    ? name.toLowerCase().replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase())
    : name
  if (canonicalNames.size < MAX_CACHED && name.length <= MAX_CACHED_LENGTH)
    canonicalNames.set(name, canonical)
  return canonical
}

/** What a header field is, by its name. */
export type FieldKind =
  | 'end-to-end'
  | 'accept'
  | 'content-type'
  | 'date'
  | 'host'
  | 'expect'
  | 'content-length'
  | 'user-agent'
  | 'connection'
  | 'trailer'
  | 'transfer-encoding'
  /** Another field that is about one connection. */
  | 'hop-by-hop'
  /** Sleuth's own. */
  | 'own'
  /** HTTP has no such name. */
  | 'invalid'

/** The kinds of fields that are about one connection: see `isHopByHop`. */
export const connectionKinds: ReadonlySet<FieldKind> = new Set([
  'connection',
  'hop-by-hop',
  'trailer',
  'transfer-encoding',
])

/** A name that is in the cache costs one look-up. */
export function fieldKind(name: string): FieldKind {
  const known = kinds.get(name)
  if (known !== undefined) return known
  const kind = kindOf(name)
  if (kinds.size < MAX_CACHED && name.length <= MAX_CACHED_LENGTH) kinds.set(name, kind)
  return kind
}

function kindOf(name: string): FieldKind {
  if (!token.test(name)) return 'invalid'
  const lower = name.length <= MAX_CACHED_LENGTH ? name.toLowerCase() : ''
  switch (lower) {
    case 'accept':
    case 'connection':
    case 'content-length':
    case 'content-type':
    case 'date':
    case 'expect':
    case 'host':
    case 'trailer':
    case 'transfer-encoding':
    case 'user-agent':
      return lower
  }
  if (isHopByHop(name)) return 'hop-by-hop'
  return isOwnHeader(name) ? 'own' : 'end-to-end'
}

export function isContentLength(name: string): boolean {
  return name.length === 14 && name.toLowerCase() === 'content-length'
}

/**
 * The length that the fields tell. Undefined: they tell none. Null: they tell two, or one that is not a number. Node's
 * parser refuses both.
 */
export function contentLength(fields: readonly string[]): number | null | undefined {
  let length: number | undefined
  for (let i = 0; i < fields.length; i += 2) {
    if (!isContentLength(fields[i] as string)) continue
    const value = fields[i + 1] as string
    if (length !== undefined || !isLength(value)) return null
    length = Number(value)
  }
  return length
}

export function isLength(value: string): boolean {
  return /^[\t ]*[0-9]+[\t ]*$/.test(value) && Number.isSafeInteger(Number(value))
}

/**
 * Whether a field is about one connection (RFC 9110, sections 7.6.1 and 11.7). No wire carries such fields: each end makes
 * its own framing, and there are no trailers. The switch on the length spares nearly every name its lower-case copy.
 */
export function isHopByHop(name: string): boolean {
  switch (name.length) {
    case 2:
      return name.toLowerCase() === 'te'
    case 7: {
      const lower = name.toLowerCase()
      return lower === 'upgrade' || lower === 'trailer'
    }
    case 10:
      return isConnection(name) || name.toLowerCase() === 'keep-alive'
    case 17:
      if (name.toLowerCase() === 'transfer-encoding') return true
  }
  return (name[0] === 'P' || name[0] === 'p') && name.slice(0, 6).toLowerCase() === 'proxy-'
}

export function isConnection(name: string): boolean {
  return name.length === 10 && name.toLowerCase() === 'connection'
}

/** Removes the fields that `connection` names: they are about the connection as well. */
export function withoutNamed(fields: string[], connection: string): string[] {
  const named = new Set(connection.toLowerCase().match(/[^\t ,]+/g))
  const isNamed = (name: string) => named.has(name.toLowerCase())
  return fields.some((text, place) => place % 2 === 0 && isNamed(text)) ? without(fields, isNamed) : fields
}

/** Removes fields by their names. `fields` alternates names and values. */
export function without(fields: readonly string[], isOut: (name: string) => boolean): string[] {
  const kept: string[] = []
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string
    if (!isOut(name)) kept.push(name, fields[i + 1] as string)
  }
  return kept
}

/** The values of `connection`, joined as HTTP joins them. */
function connectionOf(fields: readonly string[]): string {
  let value = ''
  for (let i = 0; i < fields.length; i += 2)
    if (isConnection(fields[i] as string)) value += `,${fields[i + 1]}`
  return value
}

/** The fields that a wire carries. */
export function endToEnd(fields: readonly string[]): string[] {
  return withoutNamed(without(fields, isHopByHop), connectionOf(fields))
}

/** Sleuth sets it on every response that it makes in place of the app, so that callers can tell the two apart. */
export const errorHeader = 'X-Sleuth-Error'

/** On wire 1, beside `errorHeader`: the handle of the call. No app knows it, and no Go peer sends the header. */
export const handleHeader = 'X-Sleuth-Handle'

const prefix = 'x-sleuth-'

/** Whether only sleuth may set it. No wire carries what apps and callers set under such a name. */
export function isOwnHeader(name: string): boolean {
  const first = name[0]
  if (first !== 'x' && first !== 'X') return false
  return name.length > prefix.length && name.slice(0, prefix.length).toLowerCase() === prefix
}

/** Why an instance gave a request to no handler. Another instance may take it. */
export type Rejection = 'draining' | 'overloaded'

export function isRejection(why: string | undefined): why is Rejection {
  return why === 'draining' || why === 'overloaded'
}

/** The value of the first field of that name. */
export function fieldOf(headers: readonly string[], name: string): string | undefined {
  const wanted = name.toLowerCase()
  for (let i = 0; i < headers.length; i += 2) {
    if ((headers[i] as string).toLowerCase() === wanted) return headers[i + 1]
  }
  return undefined
}

/** Names and values alternate, as `http.IncomingMessage.rawHeaders` has them. */
export type RawHeaders = string[]

/** What no value may contain, as in Node's `http`. Characters beyond one byte are valid here, since JSON can carry them. */
export const invalidInValue = /[^\t\x20-\x7e\u0080-\uffff]/

/** Removes the headers that HTTP can't carry. Go's server leaves them out as well. */
export function withoutInvalid(headers: RawHeaders): RawHeaders {
  const valid: RawHeaders = []
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    const value = headers[i + 1] as string
    if (isField(name, value)) valid.push(name, value)
  }
  return valid
}

function isField(name: string, value: string): boolean {
  return token.test(name) && !invalidInValue.test(value)
}
