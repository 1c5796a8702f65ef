/** RFC 32: 4 bytes are 5 characters. */
const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#'
const BASE = ALPHABET.length
const VALUES = new Map([...ALPHABET].map((character, value) => [character, value]))

/** The length must be a multiple of 4. */
export function encodeZ85(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let text = ''
  for (let offset = 0; offset < view.byteLength; offset += 4) {
    let value = view.getUint32(offset)
    let group = ''
    for (let digit = 0; digit < 5; digit++) {
      group = (ALPHABET[value % BASE] as string) + group
      value = Math.floor(value / BASE)
    }
    text += group
  }
  return text
}

/** Undefined if it is no Z85: a wrong length, a foreign character, five that are more than 32 bits. */
export function decodeZ85(text: string): Buffer | undefined {
  if (text.length % 5 !== 0) return undefined
  const bytes = Buffer.alloc((text.length / 5) * 4)
  for (let group = 0; group * 5 < text.length; group++) {
    let value = 0
    for (const character of text.slice(group * 5, group * 5 + 5)) {
      const digit = VALUES.get(character)
      if (digit === undefined) return undefined
      value = value * BASE + digit
    }
    if (value > 0xffffffff) return undefined
    bytes.writeUInt32BE(value, group * 4)
  }
  return bytes
}

export function isZ85(text: string): boolean {
  return [...text].every((character) => VALUES.has(character))
}
