import type { NodeId } from '../wire/identity.js'
import type { Delay, NetworkSettings } from './network-options.js'
import type { Random } from './random.js'

/** After so long TCP sends again what was lost, and after twice as long each further time. */
const RETRANSMIT_MS = 200

/** How long beacons and messages are on their way. */
export class Delays {
  readonly #settings: NetworkSettings
  readonly #random: Random
  /** What nodes add to the time of all that they send and are sent. */
  readonly #added = new Set<{ readonly id: NodeId; readonly delay: Delay }>()

  constructor(settings: NetworkSettings, random: Random) {
    this.#settings = settings
    this.#random = random
  }

  /** Returns what takes it away. */
  add(id: NodeId, delay: Delay): () => void {
    const added = { id, delay }
    this.#added.add(added)
    return () => this.#added.delete(added)
  }

  ofBeacon(from: NodeId, to: NodeId): number {
    return this.#between(this.#settings.beaconDelay) + this.#addedTo(from, to)
  }

  /** What is lost is late: TCP sends it again. */
  ofMessage(from: NodeId, to: NodeId): number {
    const { messageDelay, messageLoss } = this.#settings
    let delay = this.#between(messageDelay) + this.#addedTo(from, to)
    for (let pause = RETRANSMIT_MS; messageLoss > 0 && this.#random.chance(messageLoss); pause *= 2)
      delay += pause
    return delay
  }

  #addedTo(from: NodeId, to: NodeId): number {
    let sum = 0
    for (const { id, delay } of this.#added) if (id === from || id === to) sum += this.#between(delay)
    return sum
  }

  #between(delay: Delay): number {
    return typeof delay === 'number' ? this.#random.between(0, delay) : this.#random.between(...delay)
  }
}
