import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { KeyPair } from '@sleuth/core'
import {
  type Candidate,
  EndpointAsker,
  type Network,
  parseEndpoint,
  resolveSeed,
  type Seed,
  systemResolver,
} from '@sleuth/zre/diagnostics'
import { type Echo, echo } from './echo.js'
import { greet, type TcpResult } from './tcp.js'

/** Milliseconds for a connection and its handshake. */
const CONNECT_MS = 2000

/** What is tried with sockets of the doctor's own. */
export interface Probes {
  /** Binds a UDP port as nodes do. Gives the error, or undefined. */
  bindUdp(port: number): Promise<NodeJS.ErrnoException | undefined>
  /** Binds a TCP port. Gives the error, or undefined. */
  bindTcp(host: string, port: number): Promise<NodeJS.ErrnoException | undefined>
  echo(network: Network, port: number): Promise<readonly Echo[]>
  /** Connects by TCP, and reads what the other end says first. */
  greet(endpoint: string): Promise<TcpResult>
  /** Whether a handshake of ZMTP, with keys of CURVE, succeeds. */
  shakeHands(endpoint: string, key: string | undefined): Promise<boolean | undefined>
  /** The id of the node that is there. Undefined if it does not say. */
  identify(endpoint: string, key: string | undefined): Promise<string | undefined>
  /** Where a seed leads now. Rejects when it can't be looked up. */
  resolve(seed: Exclude<Seed, { kind: 'file' }>): Promise<readonly Candidate[]>
  close(): void
}

export function realProbes(keys: KeyPair | undefined): Probes {
  let asker: EndpointAsker | undefined
  /** Undefined where the addon can't be loaded: its own check says so. */
  const open = () => {
    try {
      asker ??= new EndpointAsker({ keys, timeout: CONNECT_MS })
    } catch {}
    return asker
  }
  return {
    bindUdp,
    bindTcp,
    echo: (network, port) => echo(network, port, keys?.publicKey),
    async greet(endpoint) {
      const place = parseEndpoint(endpoint)
      if (place === undefined) return { type: 'failed', code: 'EINVAL' }
      return greet(place, CONNECT_MS)
    },
    shakeHands: async (endpoint, key) => open()?.shakeHands(endpoint, keyFor(keys, key)),
    identify: async (endpoint, key) => (await open()?.identify(endpoint, keyFor(keys, key)))?.id,
    resolve: (seed) => resolveSeed(seed, systemResolver),
    close: () => asker?.close(),
  }
}

/** Where all nodes share one key, nobody names it. */
function keyFor(keys: KeyPair | undefined, key: string | undefined): string | undefined {
  return keys === undefined ? undefined : (key ?? keys.publicKey)
}

async function bindUdp(port: number): Promise<NodeJS.ErrnoException | undefined> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  try {
    socket.bind({ address: '0.0.0.0', port, exclusive: true })
    await once(socket, 'listening')
    socket.close()
    return undefined
  } catch (error) {
    return error as NodeJS.ErrnoException
  }
}

async function bindTcp(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  const server = createServer()
  try {
    server.listen({ host, port, exclusive: true })
    await once(server, 'listening')
    server.close()
    return undefined
  } catch (error) {
    return error as NodeJS.ErrnoException
  }
}
