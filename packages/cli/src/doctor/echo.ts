import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { encodeBeacon, encodeKeyBeacon, MULTICAST_GROUP, type Network } from '@sleuth/zre/diagnostics'

export type Way = 'broadcast' | 'multicast' | 'loopback'

/** Whether what was sent by a way came back. */
export interface Echo {
  readonly way: Way
  readonly heard: boolean
  /** Why it could not be sent, or not be waited for. */
  readonly error: NodeJS.ErrnoException | undefined
}

/** Milliseconds for an echo within one machine. It takes less than one, unless a process is busy. */
const ECHO_MS = 1000
/** Milliseconds after which what was not heard is sent again. */
const AGAIN_MS = 200

/**
 * Sends a beacon of a node that leaves by each way, and listens for it. Nobody knows that node, so nobody does anything. The
 * sockets are set up as those of nodes are. `key`: our public key, on a network with keys. Rejects when the port can't be bound.
 */
export async function echo(network: Network, port: number, key?: string): Promise<Echo[]> {
  const attempts = attemptsFor(network).map((each) => new Attempt(...each, port, key))
  const listener = createSocket({ type: 'udp4', reuseAddr: true })
  try {
    listener.bind({ address: '0.0.0.0', port, exclusive: true })
    await once(listener, 'listening')
    await Promise.all(attempts.map((each) => each.open(listener)))
    await new Promise<void>((resolve) => {
      const end = () => {
        clearInterval(again)
        clearTimeout(timer)
        resolve()
      }
      listener.on('message', (bytes) => {
        for (const each of attempts) each.onDatagram(bytes)
        if (attempts.every(({ isDone }) => isDone)) end()
      })
      const sendAll = () => {
        for (const each of attempts) each.send()
      }
      const again = setInterval(sendAll, AGAIN_MS)
      const timer = setTimeout(end, ECHO_MS)
      sendAll()
    })
  } finally {
    listener.close()
    for (const each of attempts) each.close()
  }
  return bestOf(attempts)
}

function attemptsFor({ address, broadcast, loopback }: Network): [Way, string, string][] {
  const loops: [Way, string, string][] = [
    ['loopback', '127.255.255.255', '127.0.0.1'],
    // Some systems know no broadcast on loopback.
    ['loopback', MULTICAST_GROUP, '127.0.0.1'],
  ]
  if (loopback) return loops
  return [['broadcast', broadcast, address], ['multicast', MULTICAST_GROUP, address], ...loops]
}

/** Of two attempts by one way, the one that succeeded. */
function bestOf(attempts: readonly Attempt[]): Echo[] {
  const best = new Map<Way, Attempt>()
  for (const each of attempts) if (!best.get(each.way)?.heard) best.set(each.way, each)
  return [...best.values()].map(({ way, heard, error }) => ({ way, heard, error }))
}

class Attempt implements Echo {
  heard = false
  error: NodeJS.ErrnoException | undefined
  readonly #socket: Socket = createSocket('udp4')
  readonly #beacon: Buffer

  constructor(
    readonly way: Way,
    readonly target: string,
    readonly address: string,
    readonly port: number,
    key: string | undefined,
  ) {
    const beacon = { id: randomBytes(16).toString('hex').toUpperCase(), port: 0 }
    this.#beacon = key === undefined ? encodeBeacon(beacon) : encodeKeyBeacon({ ...beacon, key })
  }

  get isDone(): boolean {
    return this.heard || this.error !== undefined
  }

  async open(listener: Socket): Promise<void> {
    try {
      this.#socket.bind({ address: this.address, port: 0, exclusive: true })
      await once(this.#socket, 'listening')
      this.#socket.setBroadcast(true)
      if (this.target !== MULTICAST_GROUP) return
      listener.addMembership(MULTICAST_GROUP, this.address)
      this.#socket.setMulticastInterface(this.address)
      this.#socket.setMulticastTTL(this.way === 'loopback' ? 0 : 1)
      this.#socket.setMulticastLoopback(true)
    } catch (error) {
      this.error = error as NodeJS.ErrnoException
    }
  }

  send(): void {
    if (this.isDone) return
    this.#socket.send(this.#beacon, this.port, this.target, (error) => {
      if (error) this.error = error as NodeJS.ErrnoException
    })
  }

  onDatagram(bytes: Buffer): void {
    if (bytes.equals(this.#beacon)) this.heard = true
  }

  close(): void {
    this.#socket.close()
  }
}
