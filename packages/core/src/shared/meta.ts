import { isPlain } from './names.js'

/** Labels that an instance announces. */
export type Meta = Readonly<Record<string, string>>

/** The most bytes of all labels, as JSON. */
const MAX_META = 1024

export const metaProblem = `must be an object of texts without control characters, at most ${MAX_META} bytes as JSON`

const none: Meta = Object.freeze({})

/** The labels as they travel: JSON with the names in order, or `''` without any. */
export function metaText(meta: Meta | undefined): string {
  const entries = Object.entries(meta ?? {})
  return entries.length === 0
    ? ''
    : JSON.stringify(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))))
}

export function isMeta(value: unknown): value is Meta {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const entries: [string, unknown][] = Object.entries(value)
  const isText = entries.every(
    ([name, text]) => name !== '' && isPlain(name) && typeof text === 'string' && isPlain(text),
  )
  return isText && Buffer.byteLength(metaText(value as Meta)) <= MAX_META
}

/** What a peer announces. Undefined for a text that is none. */
export function parseMeta(text: string): Meta | undefined {
  if (text === '') return none
  if (Buffer.byteLength(text) > MAX_META) return undefined
  try {
    const meta: unknown = JSON.parse(text)
    return isMeta(meta) ? Object.freeze(meta) : undefined
  } catch {
    return undefined
  }
}
