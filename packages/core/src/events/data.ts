/** What an event carries, and how that is named. */
export interface EventData {
  readonly bytes: Uint8Array
  /** The content type if the user sets none. Undefined without data. */
  readonly type: string | undefined
}

const NOTHING = new Uint8Array(0)

const JSON_TYPE = 'application/json'

/** Bytes and text go as they are, and everything else as JSON. Throws what `JSON.stringify` throws. */
export function encodeData(data: unknown): EventData {
  if (data === undefined) return { bytes: NOTHING, type: undefined }
  if (typeof data === 'string') return { bytes: Buffer.from(data), type: 'text/plain; charset=utf-8' }
  if (ArrayBuffer.isView(data))
    return {
      bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      type: 'application/octet-stream',
    }
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer)
    return { bytes: new Uint8Array(data), type: 'application/octet-stream' }
  const json = JSON.stringify(data)
  // A function or a symbol.
  if (json === undefined) throw new TypeError('it has no JSON')
  return { bytes: Buffer.from(json), type: JSON_TYPE }
}

/** Throws for JSON that is none. */
export function decodeData(bytes: Uint8Array, type: string | undefined): unknown {
  if (type === undefined && bytes.length === 0) return undefined
  const media = (type ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (media === JSON_TYPE || media.endsWith('+json')) return JSON.parse(buffer.toString())
  return media.startsWith('text/') ? buffer.toString() : buffer
}
