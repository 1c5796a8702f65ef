import { decodeZ85, encodeZ85 } from './z85.js'

/** A public key as text: 40 characters of Z85. */
export type PublicKey = string

export const KEY_BYTES = 32
export const KEY_CHARACTERS = 40

/** A raw key. Undefined if it begins with a zero byte: to C's zyre that is none. */
export function keyFromBytes(bytes: Uint8Array): PublicKey | undefined {
  return bytes.length === KEY_BYTES && bytes[0] !== 0 ? encodeZ85(bytes) : undefined
}

export function keyToBytes(key: PublicKey): Buffer {
  return decodeZ85(key) as Buffer
}

export function isPublicKey(text: string): boolean {
  if (text.length !== KEY_CHARACTERS) return false
  const bytes = decodeZ85(text)
  return bytes !== undefined && bytes[0] !== 0
}
