import { LinkWaits } from './link-waits.js'
import { Acknowledgements } from './machine/acknowledgements.js'
import type { PeerState } from './machine/peer.js'
import type { Effect, Input } from './machine/types.js'
import type { Clock, Transport } from './transport.js'
import type { NodeId } from './wire/identity.js'

export interface ReachOptions {
  readonly clock: Clock
  readonly transport: Pick<Transport, 'probe'>
  readonly peers: () => ReadonlyMap<NodeId, PeerState>
  readonly step: (input: Input) => void
}

/** What only a peer can tell: whether it can be reached, how far it is, and how much it has read. */
export class Reach {
  readonly #options: ReachOptions
  readonly #acknowledgements: Acknowledgements
  readonly #linkWaits: LinkWaits

  constructor(options: ReachOptions) {
    const { clock } = options
    this.#options = options
    this.#acknowledgements = new Acknowledgements(() => clock.now())
    this.#linkWaits = new LinkWaits(clock, (id) => this.#isThere(id))
  }

  /** To be called with each effect. */
  observe(effect: Effect): void {
    this.#acknowledgements.observe(effect)
    this.#linkWaits.observe(effect)
  }

  /** A peer has read all that was sent to it before a PING. */
  answered(id: NodeId): void {
    this.#acknowledgements.answered(id)
  }

  /** Resolves when a node that was found is present, or can't be reached: to false when nobody was there for so many milliseconds. */
  linked(id: NodeId, milliseconds: number): Promise<boolean> {
    const peer = this.#peer(id)
    if (peer === undefined || peer.view !== undefined) return Promise.resolve(peer !== undefined)
    return this.#linkWaits.next(id, milliseconds)
  }

  /** Its process has shaken hands: it greets us when it comes to it, unless something keeps it from that. */
  #isThere(id: NodeId): boolean {
    const peer = this.#peer(id)
    return peer?.connected === true && peer.trouble === undefined
  }

  /** Resolves to true when a peer has read all that was sent to it until now, and to false when it goes first or is not present. */
  acknowledged(id: NodeId): Promise<boolean> {
    if (this.#peer(id)?.view === undefined) return Promise.resolve(false)
    this.#options.step({ type: 'ping', to: id })
    return this.#acknowledgements.next(id)
  }

  /** Milliseconds to a peer's event loop and back, as last measured. */
  roundTrip(id: NodeId): number | undefined {
    return this.#acknowledgements.roundTrip(id)
  }

  /** Whether a peer's process answers a new connection. False for a peer that is not present; `undefined` if it could not be asked. */
  probe(id: NodeId): Promise<boolean | undefined> {
    const peer = this.#peer(id)
    if (peer?.view === undefined) return Promise.resolve(false)
    if (peer.returning) return Promise.resolve(undefined)
    return new Promise((resolve) => this.#options.transport.probe(peer.endpoint, peer.key, resolve))
  }

  close(): void {
    this.#acknowledgements.close()
    this.#linkWaits.close()
  }

  #peer(id: NodeId): PeerState | undefined {
    return this.#options.peers().get(id)
  }
}
