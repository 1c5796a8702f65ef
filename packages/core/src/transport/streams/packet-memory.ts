/** A packet with more bytes gets memory of its own. */
export const LARGE = 32 * 1024

/** As much has room for the largest part of a body that leaves at once, behind a packet that is not full. */
const BYTES = 96 * 1024

/** What is kept for later: 3 MiB. */
const MOST = 32

const free: Buffer[] = []
const whole = new WeakMap<ArrayBufferLike, Buffer>()

/**
 * Memory for one large packet. Each is outside of V8's heap, and makes it collect garbage more often: a sender of large bodies
 * would spend a third of its time on that. So it is used again.
 */
export function takeMemory(bytes: number): Buffer {
  if (bytes > BYTES) return Buffer.allocUnsafeSlow(bytes)
  const known = free.pop()
  if (known !== undefined) return known
  const made = Buffer.allocUnsafeSlow(BYTES)
  whole.set(made.buffer, made)
  return made
}

/** A large packet has left, and nobody reads its bytes any more. Once for each packet. */
export function releaseMemory(packet: Buffer): void {
  const memory = whole.get(packet.buffer)
  if (memory !== undefined && free.length < MOST) free.push(memory)
}
