import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { MULTICAST_GROUP } from '@sleuth/zre/diagnostics'
import type { Context } from './context.js'
import { type Heard, HeardNodes } from './heard.js'

/** Hears all datagrams to some UDP ports, from every interface, and sends none. */
class Listener {
  readonly heard = new HeardNodes()
  readonly #sockets: Socket[] = []

  /** A port that can't be bound is left out: it is no port of nodes, or the check of the port says why. */
  async open(ports: readonly number[], addresses: readonly string[]): Promise<void> {
    await Promise.all(ports.map((port) => this.#open(port, addresses)))
  }

  async #open(port: number, addresses: readonly string[]): Promise<void> {
    const socket = createSocket({ type: 'udp4', reuseAddr: true })
    try {
      socket.bind({ address: '0.0.0.0', port, exclusive: true })
      await once(socket, 'listening')
    } catch {
      return
    }
    this.#sockets.push(socket)
    socket.on('error', () => {})
    for (const address of addresses) {
      try {
        socket.addMembership(MULTICAST_GROUP, address)
      } catch {
        // The interface knows no multicast.
      }
    }
    socket.on('message', (bytes, { address }) => this.heard.add(bytes, address, port))
  }

  close(): void {
    for (const socket of this.#sockets) socket.close()
  }
}

/** Listens for a time to all ports in question, on the network that nodes are on. */
export async function listen(
  { settings: { port, ports }, network }: Pick<Context, 'settings' | 'network'>,
  time: number,
  signal: AbortSignal,
): Promise<Heard> {
  const listener = new Listener()
  try {
    await listener.open(
      [...new Set([port, ...ports])],
      [network instanceof Error ? '127.0.0.1' : network.address],
    )
    await sleep(time, undefined, { signal })
    return listener.heard
  } finally {
    listener.close()
  }
}
