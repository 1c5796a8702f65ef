import type { RawHeaders } from '../../http/headers.js'
import { decode, type Format } from './decode.js'
import { sealEnvelope } from './envelope.js'
import { base64, headerFrom, readBase64, readHeader, readText } from './json.js'

/** A request as it travels (request.go). */
export interface WireRequest {
  /** The peer that the reply goes to: the requester's id. */
  destination: string
  /** Chosen by the requester, and given back in the reply. */
  handle: string
  method: string
  /** Path and query; `""` for no path. */
  url: string
  headers: readonly string[]
  body: Uint8Array
}

export function encodeRequest(group: string, request: WireRequest): Buffer {
  const { destination, handle, method, url, headers, body } = request
  const header = headerFrom(headers)
  const json =
    body.length === 0
      ? { destination, handle, header, method, url }
      : { body: base64(body), destination, handle, header, method, url }
  return sealEnvelope(group, 'REPL', JSON.stringify(json))
}

/** A request that was read. */
export type IncomingWireRequest = WireRequest & { headers: RawHeaders; body: Buffer }

type FieldName = 'body' | 'destination' | 'handle' | 'header' | 'method' | 'url'

export const requestFormat: Format<FieldName, IncomingWireRequest> = {
  fields: new Set(['body', 'destination', 'handle', 'header', 'method', 'url']),
  base64: 'body',
  unmarshalCode: 'SLEUTH_REQUEST_UNMARSHAL',
  jsonCode: 'SLEUTH_REQUEST_JSON',
  read: (fields) => ({
    destination: readText(fields.destination, 'destination'),
    handle: readText(fields.handle, 'handle'),
    method: readText(fields.method, 'method') || 'GET',
    url: readText(fields.url, 'url'),
    headers: readHeader(fields.header),
    body: readBase64(fields.body, 'body'),
  }),
}

/** Throws with Go's trace: `[932, 926]`, `[933, 926]`, `[927]`. */
export function decodeRequest(zipped: Buffer, limit: number): IncomingWireRequest {
  return decode(requestFormat, zipped, limit)
}
