/** A smaller copy costs less than the note of who owns it, and is mostly a part of a block that Node shares out. */
export const WORTH_OWNING = 16 * 1024

/** Memory that one buffer has for itself, so that whoever reads the buffer may take it over. */
const owned = new WeakSet<ArrayBufferLike>()

/** Copies bytes that are about to be overwritten, `WORTH_OWNING` or more. */
export function copyOf(bytes: Buffer): Buffer {
  return giveAway(Buffer.from(bytes))
}

/** The caller has made the bytes, and keeps none of them. */
export function giveAway(bytes: Buffer): Buffer {
  if (bytes.length === bytes.buffer.byteLength) owned.add(bytes.buffer)
  return bytes
}

/** The bytes in memory that nobody else uses. The caller is the last who reads `chunk`. */
export function takeOver(chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = chunk
  if (buffer.byteLength !== chunk.length || !owned.delete(buffer)) return new Uint8Array(chunk)
  return new Uint8Array(buffer as ArrayBuffer)
}
