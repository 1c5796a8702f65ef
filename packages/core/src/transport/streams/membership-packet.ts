import { END, FRAME_HEAD_BYTES, isMembership, PACKET } from './format.js'

/** What members tell each other, as a packet of frames that belong to no stream. */
export function membershipPacket(
  frames: readonly { readonly kind: number; readonly bytes: Buffer }[],
): Buffer {
  const parts: Buffer[] = [Buffer.of(PACKET)]
  for (const { kind, bytes } of frames) {
    const head = Buffer.alloc(FRAME_HEAD_BYTES)
    head[0] = kind
    head.writeUInt32BE(bytes.length, 5)
    parts.push(head, bytes)
  }
  return Buffer.concat(parts)
}

export function isMembershipPacket([packet, kind = 0]: Buffer): boolean {
  return packet === PACKET && isMembership(kind & ~END)
}
