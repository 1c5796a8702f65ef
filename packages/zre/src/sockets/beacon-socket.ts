import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Network } from './network.js'
import { onThreadExit } from './thread-exit.js'

/** gyre listens here, and sends its beacons here unless it is told to broadcast. */
export const MULTICAST_GROUP = '224.0.0.250'

export interface BeaconSocketOptions {
  readonly network: Network
  readonly port: number
  onDatagram(bytes: Buffer, address: string): void
  /** Something failed after opening: the interface lost its address, say. Nothing is thrown. */
  onError(error: Error): void
}

/**
 * Two sockets: one hears what comes to the discovery port, the other sends from the interface's own address, since peers
 * take the source address of a beacon for the sender's.
 */
export class BeaconSocket {
  readonly #options: BeaconSocketOptions
  readonly #listener: Socket
  readonly #sender: Socket
  readonly #targets: string[]
  readonly #forgetThread: () => void

  private constructor(options: BeaconSocketOptions) {
    const { loopback, broadcast } = options.network
    this.#options = options
    this.#listener = createSocket({ type: 'udp4', reuseAddr: true })
    this.#sender = createSocket({ type: 'udp4' })
    // What is sent to broadcast reaches all on loopback, where the system knows that address.
    this.#targets = loopback ? [broadcast] : [broadcast, MULTICAST_GROUP]
    this.#forgetThread = onThreadExit(() => this.close())
  }

  static async open(options: BeaconSocketOptions): Promise<BeaconSocket> {
    const beacon = new BeaconSocket(options)
    try {
      await beacon.#open()
    } catch (error) {
      beacon.close()
      throw error
    }
    return beacon
  }

  async #open(): Promise<void> {
    const { network, port, onDatagram, onError } = this.#options
    // `exclusive`: else workers of a cluster share one socket, and each hears a part of the beacons.
    this.#listener.bind({ address: '0.0.0.0', port, exclusive: true })
    this.#sender.bind({ address: network.address, port: 0, exclusive: true })
    await Promise.all([once(this.#listener, 'listening'), once(this.#sender, 'listening')])
    this.#listener.on('error', onError)
    this.#sender.on('error', onError)
    this.#sender.setBroadcast(true)
    this.#joinGroup(network)
    this.#listener.on('message', (bytes, { address }) => onDatagram(bytes, address))
  }

  #joinGroup({ address, loopback }: Network): void {
    try {
      this.#listener.addMembership(MULTICAST_GROUP, address)
      this.#sender.setMulticastInterface(address)
      // By its number of hops a datagram never leaves the machine, whatever the routing table says.
      this.#sender.setMulticastTTL(loopback ? 0 : 1)
      this.#sender.setMulticastLoopback(true)
    } catch (error) {
      if (!loopback) throw error
    }
  }

  /** Resolves when the datagrams have left, or failed to: closing before that would hold them back. */
  async send(bytes: Buffer): Promise<void> {
    await Promise.all(this.#targets.map((target) => this.#sendTo(target, bytes)))
  }

  #sendTo(target: string, bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#sender.send(bytes, this.#options.port, target, (error) => {
        if (error) this.#onFailure(target, error)
        resolve()
      })
    })
  }

  /** Some systems know no broadcast on loopback: there, multicast takes its place. */
  #onFailure(target: string, error: Error): void {
    const { network, onError } = this.#options
    if (network.loopback && target === network.broadcast) this.#targets.splice(0, 1, MULTICAST_GROUP)
    else onError(error)
  }

  close(): void {
    this.#forgetThread()
    closeQuietly(this.#listener)
    closeQuietly(this.#sender)
  }
}

/** A socket whose bind failed is closed already, and says so by throwing. */
function closeQuietly(socket: Socket): void {
  socket.removeAllListeners('message')
  socket.on('error', () => {})
  try {
    socket.close()
  } catch {}
}
