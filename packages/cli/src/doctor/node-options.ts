import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { SleuthOptions } from '@sleuth/core'
import type { NodeOptions } from '@sleuth/zre'
import type { Machine } from './machine.js'

/** What the doctor's own nodes are told. */
export type JoinOptions = Pick<
  SleuthOptions,
  'interface' | 'port' | 'group' | 'seeds' | 'security' | 'listen' | 'advertise' | 'limits'
>

/**
 * As the services of this machine, but for their fixed port and the endpoint that leads to it: these belong to a service, which may
 * run now.
 */
export async function joinOptions(
  given: SleuthOptions,
  { settings, network }: Pick<Machine, 'settings' | 'network'>,
): Promise<JoinOptions> {
  const { interface: asked, seeds, security } = given
  const { listen, advertise } = settings.discovery ?? {}
  const options: JoinOptions = {
    interface: asked,
    seeds,
    security,
    port: settings.port,
    group: settings.group,
    limits: { peers: settings.maxPeers },
    listen: listen?.host === undefined ? {} : { host: listen.host },
  }
  // A variable can't be unset by an option, so another endpoint takes its place.
  if (typeof advertise !== 'string' || network instanceof Error) return options
  const port = await freePort(network.address)
  return { ...options, listen: { ...options.listen, port }, advertise: `tcp://${network.address}:${port}` }
}

/** The same for a node of ZRE alone. */
export function nodeOptions({ group: _, limits, security, ...options }: JoinOptions): NodeOptions {
  const node: NodeOptions = { ...options, maxPeers: limits?.peers }
  return security === undefined ? node : { ...node, security: { ...security, proof: true } }
}

async function freePort(host: string): Promise<number> {
  const server = createServer().listen({ host, port: 0 })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
