import { type PeerState, touch } from '../machine/peer.js'
import { formatEndpoint } from '../wire/endpoint.js'
import { idFromBytes, type NodeId } from '../wire/identity.js'

export interface KnownBeaconsOptions {
  /** Decides about a beacon that says something new. */
  readonly policy: { onBeacon(bytes: Buffer, address: string): void }
  readonly maxPeers: number
  peers(): ReadonlyMap<NodeId, PeerState>
  now(): number
}

interface Known {
  readonly bytes: Buffer
  readonly address: string
  readonly peer: PeerState
  /** Where the peer was when this said so. */
  readonly endpoint: string
}

/** Where a beacon has the sender's id, its port, and what is a key here: the bytes are compared anyway. */
const ID_START = 4
const KEY_START = 16
const PORT_START = 20
const MIN_BYTES = 22

/**
 * The short way of beacons, past the machine: of a peer that is present and says what it said before. All that they tell is
 * that it lives. On a host with many nodes each hears all others, so these are told by their bytes, and not decoded.
 */
export class KnownBeacons {
  readonly #options: KnownBeaconsOptions
  readonly #known = new Map<number, Known>()

  constructor(options: KnownBeaconsOptions) {
    this.#options = options
  }

  receive(bytes: Buffer, address: string): void {
    const { policy, now } = this.#options
    if (bytes.length < MIN_BYTES) {
      policy.onBeacon(bytes, address)
      return
    }
    const key = bytes.readUInt32LE(KEY_START)
    const known = this.#known.get(key)
    if (known !== undefined && known.address === address && bytes.equals(known.bytes) && isThere(known)) {
      touch(known.peer, now())
      return
    }
    const at = now()
    policy.onBeacon(bytes, address)
    this.#learn(key, bytes, address, at)
  }

  #learn(key: number, bytes: Buffer, address: string, at: number): void {
    const { peers, maxPeers } = this.#options
    const peer = peers().get(idFromBytes(bytes.subarray(ID_START, PORT_START)))
    // If it is the peer's own, the machine has touched it.
    if (peer?.view === undefined || peer.heardAt < at) return
    if (peer.endpoint !== formatEndpoint(address, bytes.readUInt16BE(PORT_START))) return
    if (this.#known.size >= maxPeers) this.#known.clear()
    // A part of a larger buffer would keep all of it.
    this.#known.set(key, { bytes: Buffer.from(bytes), address, peer, endpoint: peer.endpoint })
  }
}

function isThere({ peer, endpoint }: Known): boolean {
  return peer.view !== undefined && peer.endpoint === endpoint
}
