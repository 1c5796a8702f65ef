import type { RawHeaders } from '../../http/headers.js'
import { decode, type Format } from './decode.js'
import { sealEnvelope } from './envelope.js'
import { base64, headerFrom, readBase64, readHeader, readText } from './json.js'

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

/** A reply that was read. */
export type IncomingWireResponse = WireResponse & { body: Buffer }

export const responseFormat: Format<'body' | 'code' | 'handle' | 'header', IncomingWireResponse> = {
  fields: new Set(['body', 'code', 'handle', 'header']),
  base64: 'body',
  unmarshalCode: 'SLEUTH_RESPONSE_UNMARSHAL',
  jsonCode: 'SLEUTH_RESPONSE_JSON',
  read: (fields) => ({
    handle: readText(fields.handle, 'handle'),
    code: readCode(fields.code),
    headers: readHeader(fields.header),
    body: readBase64(fields.body, 'body'),
  }),
}

/** Throws with Go's trace: `[932, 917]`, `[933, 917]`, `[918]`. */
export function decodeResponse(zipped: Buffer, limit: number): IncomingWireResponse {
  return decode(responseFormat, zipped, limit)
}

function readCode(value: unknown = 0): number {
  if (!Number.isSafeInteger(value)) throw new TypeError('code is not a whole number')
  return value as number
}
