/** What an end of a connection says first by ZMTP 3 (RFC 23, "the greeting"): signature, version, mechanism, role, filler. */
const SIGNATURE_BYTES = 10
const MECHANISM_AT = 12
const MECHANISM_BYTES = 20

/**
 * The beginning of our own: signature and version. The other end then says all of its own. It would hang up if it read a mechanism
 * that is not its own.
 */
export const greetingHead = Buffer.of(0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 1)

/** The mechanism that the other end uses; `more`: not all of it has come; `none`: it speaks no ZMTP. */
export function decodeGreeting(bytes: Buffer): { readonly mechanism: string } | 'more' | 'none' {
  if (bytes.length > 0 && bytes[0] !== 0xff) return 'none'
  // The lowest bit of the tenth byte is set, and version 3 follows.
  if (bytes.length >= SIGNATURE_BYTES && ((bytes[SIGNATURE_BYTES - 1] ?? 0) & 1) === 0) return 'none'
  if (bytes.length > SIGNATURE_BYTES && (bytes[SIGNATURE_BYTES] ?? 0) < 3) return 'none'
  if (bytes.length < MECHANISM_AT + MECHANISM_BYTES) return 'more'
  const text = bytes.toString('latin1', MECHANISM_AT, MECHANISM_AT + MECHANISM_BYTES)
  const end = text.indexOf('\0')
  return { mechanism: end === -1 ? text : text.slice(0, end) }
}
