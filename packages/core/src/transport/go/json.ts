import { canonicalName, type RawHeaders } from '../../http/headers.js'

/**
 * How many lists, objects and values a message may be made of. Parsed, each takes many times the bytes that it is
 * written with, so a limit in bytes alone is none: 46 kB of gzip became gigabytes. Each takes time as well: 90,000 keys took
 * 270 ms. A body of any size is one value.
 */
const mostParts = 16_384

export type Fields<Name extends string> = Partial<Record<Name, unknown>>

/**
 * An object's known fields, as Go's encoding/json finds them: unknown ones are passed over, names are compared without
 * regard to case, and `null` says nothing. Throws for anything but one JSON object.
 */
export function readFields<Name extends string>(json: Buffer, known: ReadonlySet<Name>): Fields<Name> {
  if (hasTooManyParts(json)) throw tooManyParts()
  return parseFields(json.toString(), known)
}

/** As `readFields`, of a text that was looked at before. */
export function parseFields<Name extends string>(json: string, known: ReadonlySet<Name>): Fields<Name> {
  const value: unknown = parse(json)
  if (typeof value !== 'object' || Array.isArray(value)) throw new TypeError('it is not an object')
  const fields: Fields<Name> = Object.create(null)
  for (const [key, field] of Object.entries(value ?? {})) {
    const name = (known.has(key as Name) ? key : key.toLowerCase()) as Name
    if (known.has(name) && field !== null) fields[name] = field
  }
  return fields
}

export function tooManyParts(): TypeError {
  return new TypeError('it has too many parts')
}

/** V8's own message quotes what it could not read. */
function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    throw new TypeError('it is not JSON')
  }
}

/** Counts marks within text too, which makes no difference to what real peers send. */
export function hasTooManyParts(json: Buffer): boolean {
  if (json.length <= mostParts) return false
  let parts = 0
  for (const mark of [',', '[', '{']) {
    const byte = mark.charCodeAt(0)
    for (let at = json.indexOf(byte); at !== -1; at = json.indexOf(byte, at + 1)) {
      if (++parts > mostParts) return true
    }
  }
  return false
}

export function readText(value: unknown, name: string): string {
  if (value === undefined) return ''
  if (typeof value !== 'string') throw new TypeError(`${name} is not a string`)
  return value
}

/** Standard base64 with padding, as Go's `[]byte`. */
export function readBase64(value: unknown, name: string): Buffer {
  if (Buffer.isBuffer(value)) return value
  const text = readText(value, name)
  const bytes = Buffer.from(text, 'base64')
  // Buffer skips what is not base64 and stops at padding, so that a wrong text comes out shorter; the URL-safe
  // alphabet is the one thing that it takes and Go does not.
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const right = text.length % 4 === 0 && bytes.length === (text.length / 4) * 3 - padding
  if (!right || text.includes('-') || text.includes('_')) throw new TypeError(`${name} is not base64`)
  return bytes
}

/** Go's `map[string][]string`, names as they were sent. */
export function readHeader(value: unknown): RawHeaders {
  const raw: RawHeaders = []
  if (value === undefined) return raw
  if (typeof value !== 'object' || Array.isArray(value)) throw new TypeError('header is not an object')
  for (const [name, values] of Object.entries(value as object)) {
    if (values === null) continue
    if (!Array.isArray(values)) throw new TypeError('a header has no list of values')
    for (const item of values) raw.push(name, readText(item ?? undefined, 'a header'))
  }
  return raw
}

/** The values of each name, under the name that Go looks for. */
export function headerFrom(raw: readonly string[]): Record<string, string[]> {
  // Without a prototype, `__proto__` is a name like any other.
  const header: Record<string, string[]> = Object.create(null)
  for (let i = 0; i < raw.length; i += 2) {
    const name = canonicalName(raw[i] as string)
    const value = raw[i + 1] as string
    const values = header[name]
    if (values === undefined) header[name] = [value]
    else values.push(value)
  }
  return header
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
