/** RFC 27, the ZeroMQ Authentication Protocol: libzmq asks by it whether a connection is let in. */
export interface ZapRequest {
  readonly requestId: Buffer
  readonly domain: string
  /** The IP address that the connection comes from. */
  readonly address: string
  /** The client's public key, 32 bytes: of CURVE, the only mechanism that we let in. */
  readonly key: Buffer
}

/** libzmq counts 200 as let in, and tells the client of 400. 300 would have it try again without end. */
export type ZapStatus = 200 | 400

const VERSION = '1.0'
const KEY_BYTES = 32

/** Undefined for what is no request of CURVE. `frames` begin with the version: without the envelope. */
export function decodeZapRequest(frames: readonly Buffer[]): ZapRequest | undefined {
  if (frames.length !== 7) return undefined
  const [version, requestId, domain, address, , mechanism, key] = frames as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ]
  if (version.toString() !== VERSION || mechanism.toString() !== 'CURVE') return undefined
  if (key.length !== KEY_BYTES) return undefined
  return { requestId, domain: domain.toString(), address: address.toString(), key }
}

/** `userId` is told to whoever reads the connection's messages, which zeromq.js does not. */
export function encodeZapReply(requestId: Buffer, status: ZapStatus, userId = ''): Buffer[] {
  const text = status === 200 ? 'OK' : 'No access'
  return [VERSION, requestId, String(status), text, userId, ''].map((part) => Buffer.from(part))
}
