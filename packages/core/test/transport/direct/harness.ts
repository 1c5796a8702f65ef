import { channel } from 'node:diagnostics_channel'
import type { RequestListener } from 'node:http'
import type { Socket } from 'node:net'
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

/** Both ends of every connection that is made while this watches. */
export class SocketWatch {
  readonly client: Socket[] = []
  readonly server: Socket[] = []
  readonly #client = (message: unknown) => this.client.push((message as { socket: Socket }).socket)
  readonly #server = (message: unknown) => this.server.push((message as { socket: Socket }).socket)

  constructor() {
    channel('net.client.socket').subscribe(this.#client)
    channel('net.server.socket').subscribe(this.#server)
  }

  [Symbol.dispose](): void {
    this.stop()
  }

  stop(): void {
    channel('net.client.socket').unsubscribe(this.#client)
    channel('net.server.socket').unsubscribe(this.#server)
  }
}
