import { fileURLToPath } from 'node:url'
import { LineProcess } from '../hosts/line-process.js'
import { createPair, type Pair } from '../hosts/namespaces.js'
import type { GoPrograms } from './build-go.js'

const nodePrograms = {
  service: fileURLToPath(new URL('./node/service.js', import.meta.url)),
  client: fileURLToPath(new URL('./node/client.js', import.meta.url)),
  peer: fileURLToPath(new URL('../hosts/node-peer.js', import.meta.url)),
}

/** Milliseconds that a call may take: far above what one takes. */
const timeout = '2000'

let ports = 0

/** A UDP port that no other process and no other test uses: other kinds of tests have those below 24,000. */
export function freshPort(): string {
  ports += 1
  return String(24_000 + ((process.pid * 32 + ports) % 6_000))
}

/** Where programs run: all on loopback, or services on one host and clients on another. */
export class Network {
  readonly #started: LineProcess[] = []

  private constructor(
    readonly title: 'loopback' | 'veth',
    readonly go: GoPrograms,
    readonly pair: Pair | undefined,
  ) {}

  static loopback(go: GoPrograms): Network {
    return new Network('loopback', go, undefined)
  }

  static async veth(go: GoPrograms): Promise<Network> {
    const pair = await createPair()
    // gyre leaves it to the routing table where its multicast goes.
    for (const host of pair.hosts) await host.addDefaultRoute()
    return new Network('veth', go, pair)
  }

  goService(port: string, service: string, instance = 'go'): Promise<LineProcess> {
    return this.#startGo(0, [this.go.service, '--service', service, '--instance', instance, '--port', port])
  }

  nodeService(port: string, service: string, app = 'handler', instance = app): Promise<LineProcess> {
    const named = ['--service', service, '--instance', instance]
    return this.#startNode(0, [nodePrograms.service, ...named, '--app', app, '--port', port])
  }

  goClient(port: string): Promise<LineProcess> {
    return this.#startGo(1, [this.go.client, '--port', port, '--timeout', timeout])
  }

  nodeClient(port: string): Promise<LineProcess> {
    return this.#startNode(1, [nodePrograms.client, '--port', port, '--timeout', timeout])
  }

  /** A bare ZRE node on the side of the services: it tells of peers that offer none, too. */
  observer(port: string): Promise<LineProcess> {
    return this.#startNode(0, [nodePrograms.peer, '--port', port])
  }

  async stop(): Promise<void> {
    for (const process of this.#started.splice(0)) await process.kill()
  }

  async close(): Promise<void> {
    await this.stop()
    await this.pair?.delete()
  }

  #startGo(side: 0 | 1, command: string[]): Promise<LineProcess> {
    // Without it, gyre's beacons on loopback leave by the default route.
    const env = { BEACON_BROADCAST: this.pair === undefined ? '1' : '' }
    return this.#start(side, [...command, '--interface', this.pair?.hosts[side].device ?? 'lo'], env)
  }

  #startNode(side: 0 | 1, command: string[]): Promise<LineProcess> {
    const device = this.pair?.hosts[side].device ?? 'loopback'
    return this.#start(side, [process.execPath, ...command, '--interface', device], {})
  }

  async #start(side: 0 | 1, command: string[], env: Record<string, string>): Promise<LineProcess> {
    const child = new LineProcess(this.pair?.hosts[side].command(command) ?? command, env)
    this.#started.push(child)
    await child.news('ready')
    return child
  }
}
