import { decodeBeacon, decodeKeyBeacon } from '@sleuth/zre/diagnostics'

/** A node whose beacons came. */
export interface HeardNode {
  readonly id: string
  /** Where its beacons came from. */
  readonly address: string
  /** The port of its inbox. */
  readonly inbox: number
  /** The UDP port that they came to. */
  readonly port: number
  /** Its public key. Undefined for a node without keys. */
  readonly key: string | undefined
}

/** What came to the discovery ports. */
export interface Heard {
  readonly nodes: readonly HeardNode[]
  /** Who sent what is no beacon, and to which port. */
  readonly strangers: readonly { readonly address: string; readonly port: number }[]
}

/** Anyone can send to the port. */
const MAX_NODES = 1024
const MAX_STRANGERS = 64

/** Reads datagrams, and keeps each sender once. */
export class HeardNodes implements Heard {
  readonly #nodes = new Map<string, HeardNode>()
  readonly #strangers = new Map<string, { address: string; port: number }>()

  get nodes(): HeardNode[] {
    return [...this.#nodes.values()]
  }

  get strangers(): { address: string; port: number }[] {
    return [...this.#strangers.values()]
  }

  add(bytes: Buffer, address: string, port: number): void {
    const open = decodeBeacon(bytes)
    const beacon = open === 'encrypted' ? decodeKeyBeacon(bytes) : open
    if (typeof beacon === 'string') {
      if (this.#strangers.size < MAX_STRANGERS) this.#strangers.set(`${address} ${port}`, { address, port })
      return
    }
    // It leaves.
    if (beacon.port === 0) return
    const key = 'key' in beacon ? (beacon.key as string) : undefined
    if (this.#nodes.size >= MAX_NODES && !this.#nodes.has(beacon.id)) return
    this.#nodes.set(beacon.id, { id: beacon.id, address, inbox: beacon.port, port, key })
  }
}
