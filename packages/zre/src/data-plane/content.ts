import type { Content } from '../types.js'

/** Adds the frames of what a user sends to others. Bytes are not copied. */
export function addFrames(frames: Buffer[], content: Content): Buffer[] {
  if (typeof content === 'string' || content instanceof Uint8Array) frames.push(frameOf(content))
  else for (const part of content) frames.push(frameOf(part))
  return frames
}

function frameOf(part: Uint8Array | string): Buffer {
  if (typeof part === 'string') return Buffer.from(part)
  return Buffer.isBuffer(part) ? part : Buffer.from(part.buffer, part.byteOffset, part.byteLength)
}
