import { hkdfSync } from 'node:crypto'
import type { Greeting, Offer } from './handshake.js'

/**
 * How two nodes with keys set up a direct connection: pure. `docs/protocol.md` has it under "Direct connections with keys".
 *
 *   connect:  version (1) · half of the secret (32)                             by ZeroMQ, from whoever calls
 *   offer:    version (1) · port (2) · handle (16) · half of the secret (32)    by ZeroMQ, from whoever is called
 *
 * By TCP follows TLS 1.3. Its pre-shared key comes of both halves, its identity is `id · handle` in hex.
 *
 * ZeroMQ encrypts both halves, but does not tell whose connection it answers by: whoever pushes the connection of a peer aside
 * may read what is answered there. It never reads what the peer sends to the key of another, so it lacks one half.
 */
const VERSION = 2

export const HALF_BYTES = 32
export const HANDLE_BYTES = 16
const ID_BYTES = 16
const CONNECT_BYTES = 1 + HALF_BYTES
const OFFER_BYTES = 1 + 2 + HANDLE_BYTES + HALF_BYTES

const SECRET_BYTES = 32
const PURPOSE = Buffer.from('sleuth direct connection')

/** The ids of both: of the node that connects, and of the one that listens. */
export interface Ends {
  readonly connects: string
  readonly listens: string
}

export interface SecureOffer {
  readonly port: number
  /** Names the offer. Everybody may read it. */
  readonly handle: Buffer
  readonly half: Buffer
}

export function encodeSecureConnect(half: Buffer): Buffer {
  return Buffer.concat([Buffer.of(VERSION), half], CONNECT_BYTES)
}

/** The half of the secret in a connect. Undefined for what is none, or one of a node without keys. A later version may say more. */
export function decodeSecureConnect(payload: Buffer): Buffer | undefined {
  if (payload.length < CONNECT_BYTES || (payload[0] ?? 0) < VERSION) return undefined
  return Buffer.from(payload.subarray(1, CONNECT_BYTES))
}

export function encodeSecureOffer({ port, handle, half }: SecureOffer): Buffer {
  const head = Buffer.of(VERSION, 0, 0)
  head.writeUInt16BE(port, 1)
  return Buffer.concat([head, handle, half], OFFER_BYTES)
}

/** Undefined for what is no offer, or one of another version. */
export function decodeSecureOffer(payload: Buffer): SecureOffer | undefined {
  if (payload.length < OFFER_BYTES || payload[0] !== VERSION) return undefined
  const port = payload.readUInt16BE(1)
  if (port === 0) return undefined
  return {
    port,
    handle: Buffer.from(payload.subarray(3, 3 + HANDLE_BYTES)),
    half: Buffer.from(payload.subarray(3 + HANDLE_BYTES, OFFER_BYTES)),
  }
}

/** The offer with the secret of both. `asked`: the half of the connect that it answers. */
export function agreed({ port, handle, half }: SecureOffer, asked: Buffer, ends: Ends): Offer {
  const { connects, listens } = ends
  const info = Buffer.concat([PURPOSE, Buffer.from(connects, 'hex'), Buffer.from(listens, 'hex'), handle])
  const secret = hkdfSync('sha256', Buffer.concat([asked, half]), '', info, SECRET_BYTES)
  return { port, token: handle, proof: Buffer.from(secret) }
}

/** What whoever connects shows before anything is encrypted. */
export function encodeIdentity({ id, token }: Greeting): string {
  return id + token.toString('hex').toUpperCase()
}

export function decodeIdentity(text: string): Greeting | undefined {
  const bytes = Buffer.from(text, 'hex')
  if (bytes.length !== ID_BYTES + HANDLE_BYTES || text.length !== 2 * bytes.length) return undefined
  return {
    id: bytes.toString('hex', 0, ID_BYTES).toUpperCase(),
    token: bytes.subarray(ID_BYTES),
  }
}
