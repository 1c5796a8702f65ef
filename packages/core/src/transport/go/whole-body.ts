import { sleuthError } from '../../shared/errors.js'
import type { BodySource } from '../transport.js'

/** Reads a body to its end: Go's wire carries it whole. `limit`: the most bytes of a message, of which base64 takes a third. */
export async function readWhole(
  open: () => BodySource,
  limit: number,
  stop: AbortSignal,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  let source: BodySource | undefined
  try {
    source = open()
    const { cancel } = source
    stop.addEventListener('abort', () => cancel())
    for (let bytes = await source.next(); bytes !== undefined; bytes = await source.next()) {
      size += bytes.length
      if (size > (limit * 3) / 4) throw requestTooLarge(limit)
      parts.push(bytes)
    }
  } catch (error) {
    source?.cancel()
    throw error
  }
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts, size)
}

export function requestTooLarge(bytes: number) {
  return sleuthError(
    'SLEUTH_TOO_LARGE',
    { what: 'the request', limit: 'message', size: `${bytes} bytes` },
    { codes: [1007, 934] },
  )
}
