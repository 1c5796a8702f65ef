import type { WritePacket } from '@nestjs/microservices'

/** What a client sends to `POST /`, as JSON. */
export interface Message {
  readonly pattern: unknown
  readonly data: unknown
  /** Nobody waits for an answer. */
  readonly isEvent: boolean
}

/** An answer is lines of JSON, a packet each. The last one has `isDisposed`. */
export function lineOf(packet: WritePacket): string {
  return `${JSON.stringify(packet)}\n`
}

/** The packets of a body, as they come. */
export async function* packetsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<WritePacket> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true })
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) yield JSON.parse(line) as WritePacket
  }
}
