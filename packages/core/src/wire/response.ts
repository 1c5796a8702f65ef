import { escalating, reasonOf, sleuthError } from '../errors.js'
import { sealEnvelope } from './envelope.js'
import { gunzip } from './gzip.js'
import { base64, headerFrom, type RawHeaders, readBase64, readFields, readHeader, readText } from './json.js'

/** A reply as it travels (response.go). */
export interface WireResponse {
  /** The request's. */
  handle: string
  /** The status: HTTP's, or any whole number at all from a Go service. */
  code: number
  headers: RawHeaders
  body: Uint8Array
}

export function encodeResponse(group: string, { handle, code, headers, body }: WireResponse): Buffer {
  const json = { body: base64(body), code, handle, header: headerFrom(headers) }
  return sealEnvelope(group, 'RECV', JSON.stringify(json))
}

const fieldNames = new Set(['body', 'code', 'handle', 'header'] as const)

/** Throws with Go's trace: `[932, 917]`, `[933, 917]`, `[918]`. */
export function decodeResponse(zipped: Buffer, limit: number): WireResponse & { body: Buffer } {
  const json = escalating('SLEUTH_RESPONSE_UNMARSHAL', () => gunzip(zipped, limit))
  try {
    const fields = readFields(json, fieldNames)
    return {
      handle: readText(fields.handle, 'handle'),
      code: readCode(fields.code),
      headers: readHeader(fields.header),
      body: readBase64(fields.body, 'body'),
    }
  } catch (error) {
    throw sleuthError('SLEUTH_RESPONSE_JSON', { why: reasonOf(error) }, { cause: error })
  }
}

function readCode(value: unknown = 0): number {
  if (!Number.isSafeInteger(value)) throw new TypeError('code is not a whole number')
  return value as number
}
