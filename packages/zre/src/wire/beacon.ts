import { idFromBytes, idToBytes, type NodeId } from './identity.js'
import { KEY_BYTES, keyFromBytes, keyToBytes, type PublicKey } from './key.js'

/** RFC 36, "UDP beacon framing": "ZRE", version, UUID, port. */
export interface Beacon {
  readonly id: NodeId
  /** The port of the sender's inbox; 0 when it is leaving. */
  readonly port: number
}

/** Version 3, CURVE's: a public key follows. Nobody vouches for it, it is merely what the sender must then prove to hold. */
export interface KeyBeacon extends Beacon {
  readonly key: PublicKey
}

const PREFIX = Buffer.from('ZRE')
const VERSION = 0x01
const KEY_VERSION = 0x03
const SIZE = 22

export function encodeBeacon(beacon: Beacon): Buffer {
  return encode(beacon, VERSION)
}

export function encodeKeyBeacon(beacon: KeyBeacon): Buffer {
  return Buffer.concat([encode(beacon, KEY_VERSION), keyToBytes(beacon.key)])
}

/** `encrypted`: it is of the other version, so its sender encrypts and we don't; `unencrypted`: the other way round. */
export type BeaconFault = 'beacon-size' | 'beacon-signature' | 'beacon-version' | 'encrypted' | 'unencrypted'

/** Anyone may send to the discovery port, so what does not decode is the normal case and has a name, not an exception. */
export function decodeBeacon(bytes: Buffer): Beacon | BeaconFault {
  const fault = check(bytes, VERSION, SIZE)
  if (fault === undefined) return decode(bytes)
  return fault === 'beacon-version' && bytes[3] === KEY_VERSION ? 'encrypted' : fault
}

export function decodeKeyBeacon(bytes: Buffer): KeyBeacon | BeaconFault {
  const fault = check(bytes, KEY_VERSION, SIZE + KEY_BYTES)
  if (fault === 'beacon-version' && bytes[3] === VERSION) return 'unencrypted'
  if (fault !== undefined) return fault
  const key = keyFromBytes(bytes.subarray(SIZE))
  return key === undefined ? 'unencrypted' : { ...decode(bytes), key }
}

function encode(beacon: Beacon, version: number): Buffer {
  const bytes = Buffer.alloc(SIZE)
  PREFIX.copy(bytes, 0)
  bytes[3] = version
  idToBytes(beacon.id).copy(bytes, 4)
  bytes.writeUInt16BE(beacon.port, 20)
  return bytes
}

function check(bytes: Buffer, version: number, size: number): BeaconFault | undefined {
  if (bytes.length < 4 || bytes.compare(PREFIX, 0, 3, 0, 3) !== 0) return 'beacon-signature'
  if (bytes[3] !== version) return 'beacon-version'
  return bytes.length === size ? undefined : 'beacon-size'
}

function decode(bytes: Buffer): Beacon {
  return { id: idFromBytes(bytes.subarray(4, 20)), port: bytes.readUInt16BE(20) }
}
