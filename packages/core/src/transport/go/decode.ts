import type { SleuthErrorCode } from '../../shared/error-codes.js'
import { escalating, reasonOf, SleuthError, sleuthError } from '../../shared/errors.js'
import { gunzip } from './gzip.js'
import { type Fields, readFields } from './json.js'
import { gunzipLarge, readLargeFields } from './large.js'

/** What a message may be: a request or a reply. */
export interface Format<Name extends string, T> {
  readonly fields: ReadonlySet<Name>
  /** The field that holds bytes, in base64. */
  readonly base64: Name
  /** When it can't be unzipped, and when it is not the JSON that it should be. */
  readonly unmarshalCode: SleuthErrorCode
  readonly jsonCode: SleuthErrorCode
  /** Throws for a field of the wrong kind. */
  read(fields: Fields<Name>): T
}

/** Bytes of a message, unzipped, up to which it is decoded at once: that takes a millisecond or two. */
export const MAX_AT_ONCE = 256 * 1024

/** Deflate makes no more of a byte (zlib's manual). */
const MAX_RATIO = 1032

/** Whether a message says of itself that it is larger, and can be. It may be so without saying. */
export function isLarge(zipped: Buffer): boolean {
  const { length } = zipped
  if (length > MAX_AT_ONCE) return true
  return length * MAX_RATIO > MAX_AT_ONCE && zipped.readUInt32LE(length - 4) > MAX_AT_ONCE
}

export function isTooLarge(error: unknown): boolean {
  return error instanceof SleuthError && error.code === 'SLEUTH_TOO_LARGE'
}

/** Throws for what can't be decoded, or is larger than `limit` when it is unzipped. */
export function decode<Name extends string, T>(format: Format<Name, T>, zipped: Buffer, limit: number): T {
  const json = escalating(format.unmarshalCode, () => gunzip(zipped, limit))
  try {
    return format.read(readFields(json, format.fields))
  } catch (error) {
    throw jsonError(format.jsonCode, error)
  }
}

/** As `decode`, without keeping the event loop from anything else. */
export async function decodeLarge<Name extends string, T>(
  format: Format<Name, T>,
  zipped: Buffer,
  limit: number,
): Promise<T> {
  const json = await gunzipLarge(zipped, limit).catch((error) =>
    escalating(format.unmarshalCode, () => {
      throw error
    }),
  )
  try {
    return format.read(await readLargeFields(json, format.fields, format.base64))
  } catch (error) {
    throw jsonError(format.jsonCode, error)
  }
}

function jsonError(code: SleuthErrorCode, error: unknown): SleuthError {
  return sleuthError(code, { why: reasonOf(error) }, { cause: error })
}
