import { ControlKind, END, FRAME_HEAD_BYTES, isInspect, isMembership, isTopics, PACKET } from './format.js'

/** What nodes tell each other of nodes, as a packet of frames that belong to no stream. */
export function controlPacket(frames: readonly { readonly kind: number; readonly bytes: Buffer }[]): Buffer {
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

/** Whether it is about nodes, and not a part of a call: nobody waits for it as for a response. */
export function isControlPacket([packet, kind = 0]: Buffer): boolean {
  const plain = kind & ~END
  const isControl = isMembership(plain) || isInspect(plain) || isTopics(plain) || plain === ControlKind.ready
  return packet === PACKET && isControl
}
