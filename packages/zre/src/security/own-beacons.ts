import { formatEndpoint } from '../wire/endpoint.js'

export interface OwnBeaconsOptions {
  readonly transport: { readonly port: number; isOwnAddress(address: string): boolean }
  readonly rejections: { refuse(reason: 'own-identity', from: string): void }
  now(): number
}

/** Milliseconds after which a place that beaconed under our identity is not ours any more, if we have just moved. */
const AGAIN_MS = 500
/** The most places that are remembered: anyone can send beacons in our name. */
const MAX_PLACES = 16

/**
 * Our own beacons come back to us. Others under our identity come from a node whose memory is a copy of ours: of a virtual
 * machine, a container or a process that was stored while it ran, and is there twice now.
 */
export class OwnBeacons {
  readonly #options: OwnBeaconsOptions
  readonly #seen = new Map<string, number>()

  constructor(options: OwnBeaconsOptions) {
    this.#options = options
  }

  /** `port`: 0 when the sender stops. */
  receive(port: number, address: string): void {
    const { transport, rejections, now } = this.#options
    if (port === 0 || (port === transport.port && transport.isOwnAddress(address))) return
    const place = formatEndpoint(address, port)
    if (this.#isAgain(place, now())) rejections.refuse('own-identity', place)
  }

  #isAgain(place: string, now: number): boolean {
    const first = this.#seen.get(place)
    if (first !== undefined) return now - first >= AGAIN_MS
    this.#seen.set(place, now)
    const [oldest] = this.#seen.keys()
    if (this.#seen.size > MAX_PLACES && oldest !== undefined) this.#seen.delete(oldest)
    return false
  }
}
