import type { BlockList } from 'node:net'
import { networkInterfaces } from 'node:os'
import { ZreError } from '../error.js'
import type { BeaconChannel, Receiver } from '../transport.js'
import type { Listen, Logger } from '../types.js'
import { BeaconSocket } from './beacon-socket.js'
import { type Bind, InboxBinding, type InboxPlace, ipv4HostOf } from './inbox-binding.js'
import {
  chooseNetwork,
  findNetwork,
  type InterfaceTable,
  isInSubnet,
  type Preference,
  preferenceOf,
  reconsider,
} from './interface.js'
import { ipv6SubnetOf, onlyIPv6 } from './ipv6.js'
import type { Network } from './network.js'

export interface NetworkBindingOptions {
  /** The interface that was asked for. */
  readonly interface: string | undefined
  /** UDP discovery port. */
  readonly port: number
  readonly listen: Listen
  /** The endpoint that others are told instead of ours. */
  readonly advertise: string | undefined
  /** Whether there is a beacon, and whether the node can do without. */
  readonly beacon: 'none' | 'required' | 'welcome'
  readonly logger: Logger
  readonly bind: Bind
  /** Whether nobody is found where the node is. */
  isAlone(): boolean
  /** The endpoint is another one now. */
  onMoved(): void
  /** The interface was away and is back, with the endpoint that it had. */
  onReturned(): void
}

/** Looks after which an interface that was chosen automatically is gone and not just flapping. */
const MAX_CHECKS_DOWN = 3

/** Where a node is: its interface, the port of its inbox there, and its beacon socket. It follows the interface. */
export class NetworkBinding implements BeaconChannel {
  readonly #options: NetworkBindingOptions
  readonly #preference: Preference
  #network: Network
  readonly #inbox: InboxBinding
  readonly #ipv6: BlockList | undefined
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
    const { listen, logger } = options
    const table = networkInterfaces()
    const host = ipv4HostOf(listen)
    this.#preference = preferenceOf(options.interface ?? host, process.env)
    this.#network = chooseNetwork(this.#preference, table)
    this.#inbox = new InboxBinding(listen, options.bind)
    this.#ipv6 = ipv6SubnetOf(listen.host, table)
    if (host !== undefined && this.#network.address !== host) {
      const { name, address } = this.#network
      const message = `listen.host is ${host}, and the interface ${name} has the address ${address}`
      throw new ZreError('ZRE_OPTION', message)
    }
    if (this.#network.loopback && this.#isAutomatic && this.#ipv6 === undefined) sayWhyLoopback(table, logger)
  }

  /** Whether nobody can be reached but on this host. */
  get loopback(): boolean {
    return this.#network.loopback
  }

  /** The name of the interface. */
  get name(): string {
    return this.#network.name
  }

  get address(): string {
    return this.#network.address
  }

  /** Where others reach the inbox. */
  get endpoint(): string {
    return this.#options.advertise ?? this.#endpoint
  }

  /** The inbox's port. */
  get port(): number {
    return this.#port
  }

  /** Whether an address is one of this host's. Where nobody can look, none is said to be another's. */
  isOwn(address: string): boolean {
    if (address === this.#network.address) return true
    const table = readTable()
    return (
      table === undefined || Object.values(table).some((list) => list?.some((one) => one.address === address))
    )
  }

  /** Whether an address belongs to the interface's network. */
  has(address: string): boolean {
    return isInSubnet(this.#network, address) || this.#ipv6?.check(address, 'ipv6') === true
  }

  /** Whether the interface still has the address that our endpoint names. */
  hasAddress(): boolean {
    return this.#network.loopback || this.#look()?.address === this.#network.address
  }

  /** Rejects with a `ZreError` when the inbox or the discovery port can't be bound. */
  async open(): Promise<void> {
    const { beacon, port } = this.#options
    try {
      this.#settle(this.#inbox.at(this.#network))
      if (beacon !== 'none') this.#beacon = await this.#openBeacon(this.#network)
    } catch (error) {
      if (error instanceof ZreError) throw error
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      if (beacon === 'welcome' && this.loopback && this.#endpoint !== '' && !taken)
        return this.#fail(error as Error)
      const message = `can't bind to ${this.address}, UDP port ${port}: ${(error as Error).message}`
      throw new ZreError('ZRE_PORT', message, { cause: error })
    }
  }

  /** From now on beacons of others are handed on. */
  receive(receiver: Receiver): void {
    this.#receiver = receiver
  }

  send(beacon: Buffer, sent: () => void = () => {}): boolean {
    if (this.#beacon === undefined) sent()
    else void this.#beacon.send(beacon).then(sent)
    return this.#beacon !== undefined
  }

  close(): void {
    this.#closed = true
    this.#beacon?.close()
  }

  /** To be called again and again: an interface may lose its address, get it back, or get another. */
  async refresh(): Promise<void> {
    // Loopback that was asked for stays as it is.
    if (this.#moving || (this.#network.loopback && !this.#isAutomatic && !this.#failing)) return
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
    const place = this.#inbox.at(found)
    this.#network = found
    if (this.#options.beacon !== 'none') {
      const beacon = await this.#openBeacon(found)
      this.#beacon?.close()
      this.#beacon = beacon
      if (this.#closed) return beacon.close()
    }
    this.#failing = false
    this.#checksDown = 0
    const fields = { interface: found.name, address: found.address }
    if (from.name === found.name) this.#options.logger.info(fields, 'zre: the interface is back')
    else this.#options.logger.warn({ ...fields, from: from.name }, 'zre: the node moved to another interface')
    // Not whether the address is new: the inbox may have moved before, when the beacon could not be opened.
    const moved = place.endpoint !== this.#endpoint
    this.#settle(place)
    if (moved) this.#options.onMoved()
    this.#down = false
    if (!moved) this.#options.onReturned()
  }

  #settle({ endpoint, port }: InboxPlace): void {
    this.#endpoint = endpoint
    this.#port = port
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

function sayWhyLoopback(table: InterfaceTable, logger: Logger): void {
  const addresses = onlyIPv6(table)
  if (addresses.length === 0) {
    logger.info({}, 'zre: no network interface can be used yet; the node is on loopback until there is one')
    return
  }
  const remedy = 'set listen.host to one of its addresses, and seeds; the node is on loopback until then'
  logger.warn({ addresses }, `zre: this host has addresses of IPv6 alone, and beacons are of IPv4: ${remedy}`)
}

/** To look takes a file descriptor, and whoever opens connections may have taken the last. */
function readTable(): InterfaceTable | undefined {
  try {
    return networkInterfaces()
  } catch {
    return undefined
  }
}
