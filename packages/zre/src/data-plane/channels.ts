import type { PeerState } from '../machine/peer.js'
import type { OpenMailbox } from '../transport.js'
import { type NodeId, routingIdOf } from '../wire/identity.js'
import { Channel, type ChannelOptions } from './channel.js'

/** Where every routing id of a node has the node's own: see `routingIdOf` and `returnRoutingId`. */
const ID_START = 1
const ID_END = 17

/** The channel of each peer that has a mailbox, found by the bytes of the routing id that its messages come under. */
export class Channels {
  readonly #options: ChannelOptions
  readonly #channels = new Map<string, Channel>()

  constructor(options: Omit<ChannelOptions, 'closed'>) {
    this.#options = { ...options, closed: false }
  }

  /** The node is closed: nothing more is sent. */
  closeAll(): void {
    this.#options.closed = true
  }

  /** `mailbox`: undefined when none could be opened. */
  open(peer: PeerState, mailbox: OpenMailbox | undefined): void {
    const channel = mailbox === undefined ? undefined : new Channel(peer, mailbox, this.#options)
    peer.outlet = channel
    const key = keyOf(routingIdOf(peer.id))
    if (channel === undefined) this.#channels.delete(key)
    else this.#channels.set(key, channel)
  }

  /** A `Peer` that its user keeps no longer holds the mailbox. */
  close(id: NodeId): void {
    const key = keyOf(routingIdOf(id))
    this.#channels.get(key)?.close()
    this.#channels.delete(key)
  }

  get(routingId: Buffer): Channel | undefined {
    return this.#channels.get(keyOf(routingId))
  }
}

/** The id in it. One character for each byte: cheaper to make than hex, for each message. */
function keyOf(routingId: Buffer): string {
  return routingId.toString('latin1', ID_START, ID_END)
}
