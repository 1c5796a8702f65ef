import { channel } from 'node:diagnostics_channel'
import type { RequestListener } from 'node:http'
import { Socket } from 'node:net'
import { type TLSSocket, Server as TlsServer } from 'node:tls'
import { generateKeys } from '@sleuth/zre'
import type { SleuthOptions } from '#src/types.js'
import { FakeNetwork, type FakeNode } from '../../fake-network.js'
import { type Endpoint, join } from '../../harness.js'
import { until } from '../streams/harness.js'

/** A node in memory whose direct connections are real ones, on loopback. */
export function joinDirect(network: FakeNetwork, options: SleuthOptions = {}): Promise<Endpoint> {
  return join(network, { timeout: 10_000, ...options }, { direct: true })
}

export async function directPair(
  handler: RequestListener,
  { service = {}, client = {} }: { service?: SleuthOptions; client?: SleuthOptions } = {},
) {
  const network = new FakeNetwork()
  const server = await joinDirect(network, { service: 'foo', handler, ...service })
  const caller = await joinDirect(network, client)
  return { network, server, caller, sleuth: caller.sleuth }
}

/** Calls until a direct connection stands, at both ends. */
export async function connected(...ends: readonly Endpoint[]): Promise<void> {
  await until(() => ends.every((end) => standing(end) > 0))
}

/** How many direct connections have come to stand at a node. */
export function standing({ lines }: Endpoint): number {
  return lines.filter(({ message }) => message === 'sleuth: a direct connection stands').length
}

/** How many whispers a node has sent. */
export function whispers(node: FakeNode): number {
  return node.sent.length
}

/** Options of a node that has keys. A network in memory lets everybody in. */
export function withKeys(): SleuthOptions {
  return { security: { ...generateKeys(), allow: [] } }
}

const { connect } = Socket.prototype
const { emit } = TlsServer.prototype

/** Both ends of every connection that is made while this watches: of an encrypted one, what its node talks by. */
export class SocketWatch {
  readonly client: Socket[] = []
  readonly server: Socket[] = []
  readonly #server = (message: unknown) => this.server.push((message as { socket: Socket }).socket)

  constructor() {
    const { client } = this
    // What Node publishes tells of no client with TLS.
    Socket.prototype.connect = function (this: Socket, ...how: Parameters<typeof connect>) {
      client.push(this)
      return connect.apply(this, how)
    } as typeof connect
    channel('net.server.socket').subscribe(this.#server)
    const secured = (secure: TLSSocket) => {
      const at = this.server.findIndex(({ remotePort }) => remotePort === secure.remotePort)
      this.server.splice(at, 1, secure)
    }
    TlsServer.prototype.emit = function (this: TlsServer, ...event: unknown[]) {
      if (event[0] === 'secureConnection') secured(event[1] as TLSSocket)
      return Reflect.apply(emit, this, event)
    } as typeof emit
  }

  [Symbol.dispose](): void {
    this.stop()
  }

  stop(): void {
    Socket.prototype.connect = connect
    Reflect.deleteProperty(TlsServer.prototype, 'emit')
    channel('net.server.socket').unsubscribe(this.#server)
  }
}
