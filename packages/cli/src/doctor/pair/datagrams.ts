import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { MULTICAST_GROUP, type Network } from '@sleuth/zre/diagnostics'
import { decodePairMessage, type PairMessage, type Way } from './message.js'

export interface DatagramsOptions {
  readonly word: string
  readonly network: Network
  readonly port: number
  onMessage(message: PairMessage, way: Way, address: string): void
}

/** Sockets as those of beacons are, one for each way out. */
export class Datagrams {
  readonly #options: DatagramsOptions
  readonly #listener: Socket = createSocket({ type: 'udp4', reuseAddr: true })
  readonly #sender: Socket = createSocket('udp4')
  #hasMulticast = false

  constructor(options: DatagramsOptions) {
    this.#options = options
  }

  /** Rejects when the port can't be bound. */
  async open(): Promise<void> {
    const { network, port, word, onMessage } = this.#options
    this.#listener.bind({ address: '0.0.0.0', port, exclusive: true })
    this.#sender.bind({ address: network.address, port: 0, exclusive: true })
    await Promise.all([once(this.#listener, 'listening'), once(this.#sender, 'listening')])
    this.#sender.setBroadcast(true)
    try {
      this.#listener.addMembership(MULTICAST_GROUP, network.address)
      this.#sender.setMulticastInterface(network.address)
      this.#sender.setMulticastTTL(network.loopback ? 0 : 1)
      this.#hasMulticast = true
    } catch {
      // No multicast here: nothing is sent or heard by it, and that is the finding.
    }
    this.#listener.on('message', (bytes, { address }) => {
      const message = decodePairMessage(word, bytes)
      if (message !== undefined) onMessage(message, message.way, address)
    })
  }

  send(encode: (way: Way) => Buffer): void {
    const { network, port } = this.#options
    // What can't be sent is not heard.
    this.#sender.send(encode('broadcast'), port, network.broadcast, () => {})
    // It would leave by another interface.
    if (!this.#hasMulticast) return
    this.#sender.send(encode('multicast'), port, MULTICAST_GROUP, () => {})
  }

  close(): void {
    for (const socket of [this.#listener, this.#sender]) {
      socket.on('error', () => {})
      try {
        socket.close()
      } catch {
        // Its bind failed.
      }
    }
  }
}
