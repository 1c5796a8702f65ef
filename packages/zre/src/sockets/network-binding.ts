import { networkInterfaces } from 'node:os'
import { ZreError } from '../error.js'
import type { BeaconChannel, Receiver } from '../transport.js'
import type { Logger } from '../types.js'
import { formatEndpoint } from '../wire/endpoint.js'
import { BeaconSocket } from './beacon-socket.js'
import {
  chooseNetwork,
  findNetwork,
  type InterfaceTable,
  isInSubnet,
  type Network,
  type Preference,
  preferenceOf,
  reconsider,
} from './interface.js'

export interface NetworkBindingOptions {
  /** The interface that was asked for. */
  readonly interface: string | undefined
  /** UDP discovery port. */
  readonly port: number
  readonly logger: Logger
  /** Binds the inbox to an address, and gives the port. */
  bind(address: string): number
  /** Whether nobody is found where the node is. */
  isAlone(): boolean
  /** The endpoint is another one now. */
  onMoved(): void
}

/** Looks, one for each beacon, after which an interface that was chosen automatically is gone and not just flapping. */
const MAX_CHECKS_DOWN = 3

/** Where a node is: its interface, the port of its inbox there, and its beacon socket. It follows the interface. */
export class NetworkBinding implements BeaconChannel {
  readonly #options: NetworkBindingOptions
  readonly #preference: Preference
  #network: Network
  #port = 0
  #beacon: BeaconSocket | undefined
  #endpoint = ''
  #failing = false
  /** The interface has no address. Until it has, and our endpoint is right again, whoever beacons is not to be greeted. */
  #down = false
  #checksDown = 0
  #moving = false
  #closed = false
  #receiver: Receiver | undefined

  constructor(options: NetworkBindingOptions) {
    this.#options = options
    this.#preference = preferenceOf(options.interface, process.env)
    this.#network = chooseNetwork(this.#preference, networkInterfaces())
  }

  get address(): string {
    return this.#network.address
  }

  get endpoint(): string {
    return this.#endpoint
  }

  /** Whether an address belongs to the interface's network. */
  has(address: string): boolean {
    return isInSubnet(this.#network, address)
  }

  /** Whether the interface still has the address that our endpoint names. */
  hasAddress(): boolean {
    return this.#network.loopback || this.#look()?.address === this.#network.address
  }

  /** Rejects with a `ZreError` when the inbox or the discovery port can't be bound. */
  async open(): Promise<void> {
    const { address } = this.#network
    try {
      this.#port = this.#options.bind(address)
      this.#endpoint = formatEndpoint(address, this.#port)
      this.#beacon = await this.#openBeacon(this.#network)
    } catch (error) {
      const message = `can't bind to ${address}, UDP port ${this.#options.port}: ${(error as Error).message}`
      throw new ZreError('ZRE_PORT', message, { cause: error })
    }
  }

  /** From now on beacons of others are handed on. */
  receive(receiver: Receiver): void {
    this.#receiver = receiver
  }

  send(beacon: Buffer, sent: () => void = () => {}): void {
    if (this.#beacon === undefined) sent()
    else void this.#beacon.send(beacon).then(sent)
  }

  close(): void {
    this.#closed = true
    this.#beacon?.close()
  }

  /** To be called once for each beacon: an interface may lose its address, get it back, or get another. */
  async refresh(): Promise<void> {
    if (this.#moving || (this.#network.loopback && !this.#isAutomatic)) return
    const here = this.#look()
    this.#checksDown = here === undefined ? this.#checksDown + 1 : 0
    const found = this.#mayReconsider() ? this.#reconsider() : here
    if (found === undefined) {
      this.#down = true
      return this.#fail(new Error('the interface has no address'))
    }
    if (found.address === this.#network.address && !this.#failing) return
    this.#moving = true
    try {
      await this.#moveTo(found)
    } catch (error) {
      this.#fail(error as Error)
    } finally {
      this.#moving = false
    }
  }

  get #isAutomatic(): boolean {
    return this.#preference.value === undefined
  }

  #mayReconsider(): boolean {
    if (!this.#isAutomatic) return false
    return this.#checksDown > 0
      ? this.#checksDown >= MAX_CHECKS_DOWN
      : this.#network.loopback || this.#options.isAlone()
  }

  #reconsider(): Network | undefined {
    const table = readTable()
    return table === undefined ? this.#network : reconsider(this.#network, table, this.#options.isAlone())
  }

  /** The network as it is now. */
  #look(): Network | undefined {
    const table = readTable()
    return table === undefined ? this.#network : findNetwork(this.#preference, this.#network, table)
  }

  async #moveTo(found: Network): Promise<void> {
    const from = this.#network
    if (found.address !== this.#network.address) this.#port = this.#options.bind(found.address)
    this.#network = found
    const beacon = await this.#openBeacon(found)
    this.#beacon?.close()
    this.#beacon = beacon
    this.#failing = false
    if (this.#closed) return beacon.close()
    this.#checksDown = 0
    const fields = { interface: found.name, address: found.address }
    if (from.name === found.name) this.#options.logger.info(fields, 'zre: the interface is back')
    else this.#options.logger.warn({ ...fields, from: from.name }, 'zre: the node moved to another interface')
    // Not whether the address is new: the inbox may have moved before, when the beacon could not be opened.
    const endpoint = formatEndpoint(found.address, this.#port)
    const moved = endpoint !== this.#endpoint
    this.#endpoint = endpoint
    if (moved) this.#options.onMoved()
    this.#down = false
  }

  #openBeacon(network: Network): Promise<BeaconSocket> {
    return BeaconSocket.open({
      network,
      port: this.#options.port,
      onDatagram: (bytes, address) => {
        if (!this.#down) this.#receiver?.onDatagram(bytes, address)
      },
      onError: (error) => this.#fail(error),
    })
  }

  #fail(error: Error): void {
    if (!this.#failing) {
      const fields = { err: error, interface: this.#network.name, address: this.#network.address }
      this.#options.logger.warn(fields, 'zre: beacons fail; the node goes on and tries again')
    }
    this.#failing = true
  }
}

/** To look takes a file descriptor, and whoever opens connections may have taken the last. */
function readTable(): InterfaceTable | undefined {
  try {
    return networkInterfaces()
  } catch {
    return undefined
  }
}
