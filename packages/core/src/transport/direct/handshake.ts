/**
 * How two nodes without keys set up a direct connection: pure. `docs/protocol.md` has it under "Direct connections".
 *
 *   connect:  version (1)                                        by ZeroMQ, from whoever calls
 *   offer:    version (1) · port (2) · token (16) · proof (16)   by ZeroMQ, from whoever is called
 *   greeting: "sleuth" · version (1) · id (16) · token (16)      by TCP, from whoever connects
 *   answer:   "sleuth" · version (1) · proof (16)                by TCP, from whoever listens
 */
const VERSION = 1

/** As many bytes as nobody guesses. */
export const SECRET_BYTES = 16

const magic = Buffer.from('sleuth\u0001', 'latin1')
const ID_BYTES = 16

export const GREETING_BYTES = magic.length + ID_BYTES + SECRET_BYTES
export const ANSWER_BYTES = magic.length + SECRET_BYTES
const OFFER_BYTES = 1 + 2 + 2 * SECRET_BYTES

export interface Offer {
  readonly port: number
  /** Shows that whoever connects has read the offer. Good for one connection. With keys, everybody may read it. */
  readonly token: Buffer
  /** Shows that whoever answers has made the offer. With keys, this is the secret of both, which is never sent. */
  readonly proof: Buffer
}

export interface Greeting {
  /** The id of whoever connects: 32 uppercase hex digits. */
  readonly id: string
  readonly token: Buffer
}

export function encodeConnect(): Buffer {
  return Buffer.of(VERSION)
}

/** Whether whoever sent it speaks a version that is spoken here. A later one may say more. */
export function isConnect(payload: Buffer): boolean {
  return (payload[0] ?? 0) >= VERSION
}

export function encodeOffer({ port, token, proof }: Offer): Buffer {
  const bytes = Buffer.alloc(OFFER_BYTES)
  bytes[0] = VERSION
  bytes.writeUInt16BE(port, 1)
  token.copy(bytes, 3)
  proof.copy(bytes, 3 + SECRET_BYTES)
  return bytes
}

/** Undefined for what is no offer, or one of another version. */
export function decodeOffer(payload: Buffer): Offer | undefined {
  if (payload.length < OFFER_BYTES || payload[0] !== VERSION) return undefined
  const port = payload.readUInt16BE(1)
  if (port === 0) return undefined
  return {
    port,
    token: Buffer.from(payload.subarray(3, 3 + SECRET_BYTES)),
    proof: Buffer.from(payload.subarray(3 + SECRET_BYTES, OFFER_BYTES)),
  }
}

export function encodeGreeting({ id, token }: Greeting): Buffer {
  return Buffer.concat([magic, Buffer.from(id, 'hex'), token], GREETING_BYTES)
}

export function decodeGreeting(bytes: Buffer): Greeting | undefined {
  if (bytes.length !== GREETING_BYTES || !begins(bytes)) return undefined
  const id = bytes.toString('hex', magic.length, magic.length + ID_BYTES).toUpperCase()
  return { id, token: bytes.subarray(magic.length + ID_BYTES) }
}

export function encodeAnswer(proof: Buffer): Buffer {
  return Buffer.concat([magic, proof], ANSWER_BYTES)
}

/** The proof in an answer. */
export function decodeAnswer(bytes: Buffer): Buffer | undefined {
  return bytes.length === ANSWER_BYTES && begins(bytes) ? bytes.subarray(magic.length) : undefined
}

/** Whether bytes, as far as they are here, may be the beginning of a greeting or an answer. */
export function begins(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, magic.length)
  return bytes.compare(magic, 0, length, 0, length) === 0
}
