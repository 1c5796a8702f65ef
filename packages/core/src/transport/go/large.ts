import { randomBytes } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import { reasonOf, sleuthError } from '../../shared/errors.js'
import { type Fields, hasTooManyParts, parseFields, tooManyParts } from './json.js'

/** Bytes that are unzipped, copied or decoded at once. */
const STEP = 1024 * 1024
const CHUNK = 256 * 1024

/** A text in quotes that is as long as this is not left to `JSON.parse`. */
const LONG_TEXT = 64 * 1024
/** The most bytes of text that are not the body: `JSON.parse` and `toString` can't be stopped, and take 10 ms or so for as many. */
const MAX_TEXT = 1024 * 1024
/** As many are gone through one by one. */
const MAX_QUOTES = 100_000

const QUOTE = 0x22
const BACKSLASH = 0x5c

function unzippedTooLarge(limit: number) {
  return sleuthError('SLEUTH_TOO_LARGE', { what: 'a message', limit: 'unzipped', size: `${limit} bytes` })
}

/** As `gunzip`, in another thread: what is small when it is zipped may take long to unzip. */
export function gunzipLarge(zipped: Buffer, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let out = Buffer.allocUnsafeSlow(CHUNK)
    let size = 0
    const gunzip = createGunzip({ chunkSize: CHUNK })
    gunzip.on('data', (chunk: Buffer) => {
      if (size + chunk.length > limit) {
        gunzip.destroy(unzippedTooLarge(limit))
        return
      }
      if (size + chunk.length > out.length) {
        const larger = Buffer.allocUnsafeSlow(Math.min(limit, out.length * 4))
        out.copy(larger, 0, 0, size)
        out = larger
      }
      size += chunk.copy(out, size)
    })
    gunzip.on('end', () => resolve(out.subarray(0, size)))
    gunzip.on('error', (error) => {
      const isOurs = 'codes' in error
      reject(isOurs ? error : sleuthError('SLEUTH_UNZIP_READ', { why: reasonOf(error) }, { cause: error }))
    })
    gunzip.end(zipped)
  })
}

/**
 * As `readFields`, in parts: a text as long as a body may be is taken out before the rest is parsed. `base64`: the field that
 * is bytes, and is given as such.
 */
export async function readLargeFields<Name extends string>(
  json: Buffer,
  known: ReadonlySet<Name>,
  base64: Name,
): Promise<Fields<Name>> {
  const { rest, texts, mark } = withoutLongTexts(json)
  if (hasTooManyParts(rest)) throw tooManyParts()
  const fields = parseFields(rest.toString(), known)
  const longText = (value: unknown): Buffer | undefined =>
    typeof value === 'string' && value.startsWith(mark) ? texts[Number(value.slice(mark.length))] : undefined
  let size = rest.length
  const toText = (value: unknown): string | undefined => {
    const text = longText(value)
    size += text?.length ?? 0
    if (size > MAX_TEXT) throw tooMuchText()
    return text?.toString()
  }
  for (const name of texts.length === 0 ? [] : (Object.keys(fields) as Name[])) {
    const text = name === base64 ? longText(fields[name]) : undefined
    fields[name] = text === undefined ? restored(fields[name], toText) : await decodeBase64(text, name)
  }
  return fields
}

function tooMuchText(): TypeError {
  return new TypeError(`it has more than ${MAX_TEXT} bytes beside its body`)
}

/** How deep a text may stand: in a list, in the table of headers. */
const MAX_DEPTH = 2

function restored(value: unknown, toText: (value: unknown) => string | undefined, depth = 0): unknown {
  if (typeof value === 'string') return toText(value) ?? value
  if (typeof value !== 'object' || value === null || depth === MAX_DEPTH) return value
  if (Array.isArray(value)) return value.map((item) => restored(item, toText, depth + 1))
  for (const [name, item] of Object.entries(value)) {
    Object.defineProperty(value, name, { value: restored(item, toText, depth + 1) })
  }
  return value
}

/** The long texts without an escape in them, and JSON with marks in their places. What has escapes stays where it is. */
function withoutLongTexts(json: Buffer): { rest: Buffer; texts: Buffer[]; mark: string } {
  const mark = randomBytes(16).toString('hex')
  const parts: Buffer[] = []
  const texts: Buffer[] = []
  let done = 0
  let quotes = 0
  let open = json.indexOf(QUOTE)
  while (open !== -1) {
    let close = json.indexOf(QUOTE, open + 1)
    while (close !== -1 && isEscaped(json, close)) {
      if (++quotes > MAX_QUOTES) throw tooManyParts()
      close = json.indexOf(QUOTE, close + 1)
    }
    if (close === -1) break
    if (++quotes > MAX_QUOTES) throw tooManyParts()
    const text = json.subarray(open + 1, close)
    if (text.length >= LONG_TEXT && !text.includes(BACKSLASH)) {
      parts.push(json.subarray(done, open + 1), Buffer.from(`${mark}${texts.length}`))
      texts.push(text)
      done = close
    }
    open = json.indexOf(QUOTE, close + 1)
  }
  parts.push(json.subarray(done))
  let size = 0
  for (const part of parts) size += part.length
  if (size > MAX_TEXT) throw tooMuchText()
  return { rest: Buffer.concat(parts), texts, mark }
}

function isEscaped(json: Buffer, quote: number): boolean {
  let backslashes = 0
  while (json[quote - 1 - backslashes] === BACKSLASH) backslashes++
  return backslashes % 2 === 1
}

/** As `readBase64`, in parts. */
async function decodeBase64(text: Buffer, name: string): Promise<Buffer> {
  const wrong = () => new TypeError(`${name} is not base64`)
  const { length } = text
  if (length % 4 !== 0 || text.includes('-') || text.includes('_')) throw wrong()
  const padding = text[length - 1] !== 0x3d ? 0 : text[length - 2] !== 0x3d ? 1 : 2
  const bytes = Buffer.allocUnsafeSlow((length / 4) * 3 - padding)
  let size = 0
  for (let at = 0; at < length; at += STEP) {
    size += bytes.write(text.toString('latin1', at, Math.min(at + STEP, length)), size, 'base64')
    if (size !== Math.min(bytes.length, ((at + STEP) / 4) * 3)) throw wrong()
    await turn()
  }
  return bytes
}
