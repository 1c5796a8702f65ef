import type { WritePacket } from '@nestjs/microservices'
import { sleuthError } from '@sleuth/core/adapter'

/** The most bytes of a message, and of a packet of an answer, unless `limits.unzipped` says otherwise: it is the default of that. */
export const MOST_BYTES = 64 * 1024 * 1024

/** What a client sends to `POST /`, as JSON. */
export interface Message {
  readonly pattern: unknown
  readonly data: unknown
  /** Nobody waits for an answer. */
  readonly isEvent: boolean
}

/** An answer is lines of JSON, a packet each. The last one has `isDisposed`. Throws for what JSON can't hold. */
export function lineOf(packet: WritePacket): string {
  const { err } = packet
  // JSON has nothing of an error but the fields that were added to it.
  const plain = err instanceof Error ? { ...packet, err: { ...err, message: err.message } } : packet
  return `${JSON.stringify(plain)}\n`
}

/** The packets of a body, as they come. Throws for one of more than `most` bytes. */
export async function* packetsOf(
  body: AsyncIterable<Uint8Array>,
  most: number = MOST_BYTES,
): AsyncGenerator<WritePacket> {
  const decoder = new TextDecoder()
  let begun: string[] = []
  let length = 0
  for await (const bytes of body) {
    const [end = '', ...others] = decoder.decode(bytes, { stream: true }).split('\n')
    begun.push(end)
    length += end.length
    if (length > most) {
      const size = `${most} bytes`
      throw sleuthError('SLEUTH_TOO_LARGE', { what: 'a packet of an answer', limit: 'unzipped', size })
    }
    for (const next of others) {
      yield JSON.parse(begun.join('')) as WritePacket
      begun = [next]
      length = next.length
    }
  }
}
