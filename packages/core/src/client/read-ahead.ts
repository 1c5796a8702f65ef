import type { BodySource } from '../transport/transport.js'
import type { ReadBody, Streamed } from './body.js'

/** Milliseconds for which a stream may keep silent before it is taken for one that has no end yet. */
const patience = 20

const late = Symbol('late')

/**
 * Reads a stream that has been there as a whole all along, such as that of a `Request` which was made of a string. Bytes have
 * a length, and can be sent again. What is larger than `limit`, or takes its time, stays a stream.
 */
export async function readAhead(body: Streamed, limit: number): Promise<ReadBody | Streamed> {
  const source = body.open()
  const parts: Uint8Array[] = []
  let size = 0
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<typeof late>((resolve) => {
    // What came while the process was busy is read before its time is over.
    timer = setTimeout(() => setImmediate(resolve, late), patience)
  })
  try {
    while (size <= limit) {
      const next = source.next()
      const bytes = await Promise.race([next, silence])
      if (bytes === late) return rest(body, parts, source, next)
      if (bytes === undefined) return { bytes: Buffer.concat(parts, size), type: body.type }
      parts.push(bytes)
      size += bytes.length
    }
    return rest(body, parts, source)
  } finally {
    clearTimeout(timer)
  }
}

/** The same stream, which begins with what was read of it. `pending`: the read that was under way. */
function rest(
  body: Streamed,
  parts: readonly Uint8Array[],
  source: BodySource,
  pending?: Promise<Uint8Array | undefined>,
): Streamed {
  let at = 0
  let first = pending
  // It may fail before anybody asks for it.
  first?.catch(() => {})
  const next = () => {
    if (at < parts.length) return Promise.resolve(parts[at++])
    const waiting = first ?? source.next()
    first = undefined
    return waiting
  }
  return { ...body, again: false, open: () => ({ next, cancel: () => source.cancel() }) }
}
