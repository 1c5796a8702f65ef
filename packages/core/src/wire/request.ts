import { escalating, reasonOf, sleuthError } from '../errors.js'
import { sealEnvelope } from './envelope.js'
import { gunzip } from './gzip.js'
import { base64, headerFrom, type RawHeaders, readBase64, readFields, readHeader, readText } from './json.js'

/** A request as it travels (request.go). */
export interface WireRequest {
  /** The peer that the reply goes to: the requester's id. */
  destination: string
  /** Chosen by the requester, and given back in the reply. */
  handle: string
  method: string
  /** Path and query; `""` for no path. */
  url: string
  headers: RawHeaders
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

const fieldNames = new Set(['body', 'destination', 'handle', 'header', 'method', 'url'] as const)

/** Throws with Go's trace: `[932, 926]`, `[933, 926]`, `[927]`. */
export function decodeRequest(zipped: Buffer, limit: number): WireRequest & { body: Buffer } {
  const json = escalating('SLEUTH_REQUEST_UNMARSHAL', () => gunzip(zipped, limit))
  try {
    const fields = readFields(json, fieldNames)
    return {
      destination: readText(fields.destination, 'destination'),
      handle: readText(fields.handle, 'handle'),
      method: readText(fields.method, 'method') || 'GET',
      url: readText(fields.url, 'url'),
      headers: readHeader(fields.header),
      body: readBase64(fields.body, 'body'),
    }
  } catch (error) {
    throw sleuthError('SLEUTH_REQUEST_JSON', { why: reasonOf(error) }, { cause: error })
  }
}
