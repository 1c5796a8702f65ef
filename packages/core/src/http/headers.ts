/** RFC 9110 section 5.6.2: what a method and a header's name are made of. */
export const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** A service meets few names, but a peer may send any: the caches have a bound, and take no long names. */
const MAX_CACHED = 1000
const MAX_CACHED_LENGTH = 64
const kinds = new Map<string, FieldKind>()
const canonicalNames = new Map<string, string>()

/**
 * The form in which Go's `Header.Get` finds a name (net/textproto CanonicalMIMEHeaderKey): `content-type` becomes
 * `Content-Type`. A name that is no token is left as it is.
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
  /** No name that HTTP has. */
  | 'invalid'

/** The kinds of fields that are about one connection: see `isHopByHop`. */
export const connectionKinds: ReadonlySet<FieldKind> = new Set([
  'connection',
  'hop-by-hop',
  'trailer',
  'transfer-encoding',
])

/** One look-up for a name that was met before; a service meets few. */
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
 * What the fields say; undefined if they say nothing, and null for what is no length, or for two of them: Node's parser
 * takes neither.
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
 * Fields about one connection (RFC 9110, sections 7.6.1 and 11.7), which neither end carries over: each side makes its
 * framing anew, and trailers are not carried. Switching on the length spares nearly every name its lower-case copy.
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

/** The fields less those that `connection` names: they are about the connection too. */
export function withoutNamed(fields: string[], connection: string): string[] {
  const named = new Set(connection.toLowerCase().match(/[^\t ,]+/g))
  const isNamed = (name: string) => named.has(name.toLowerCase())
  return fields.some((text, place) => place % 2 === 0 && isNamed(text)) ? without(fields, isNamed) : fields
}

/** `fields` alternates names and values. */
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

/** The fields that are carried. */
export function endToEnd(fields: readonly string[]): string[] {
  return withoutNamed(without(fields, isHopByHop), connectionOf(fields))
}

/** Set on every answer that sleuth gives in the handler's place, so that it can be told from the app's own. */
export const errorHeader = 'X-Sleuth-Error'

/** On wire 1 beside the other: the call's own handle, which no handler knows, and none of a Go peer's. */
export const handleHeader = 'X-Sleuth-Handle'

const prefix = 'x-sleuth-'

/** Whether it is for sleuth alone to say. What apps and callers write under such a name is not carried. */
export function isOwnHeader(name: string): boolean {
  const first = name[0]
  if (first !== 'x' && first !== 'X') return false
  return name.length > prefix.length && name.slice(0, prefix.length).toLowerCase() === prefix
}

/** Why a request was given to no handler, though another instance may well take it. */
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

/** What a value may not hold: as Node's `http` checks what it sends, but for characters beyond one byte, which JSON can carry. */
export const invalidInValue = /[^\t\x20-\x7e\u0080-\uffff]/

/** The headers less those that HTTP could not carry, which Go's server leaves out as well. */
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
