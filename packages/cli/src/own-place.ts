import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { SleuthOptions } from '@sleuth/core'
import type { DiscoverySettings } from '@sleuth/zre/diagnostics'

/**
 * Where a node of this program listens: not at the fixed port, and not at the endpoint that leads to it. These belong to a service
 * of this machine, which may run now. `address`: of the network that is used, if there is one.
 */
export async function ownPlace(
  { listen, advertise }: Partial<Pick<DiscoverySettings, 'listen' | 'advertise'>>,
  address: string | undefined,
): Promise<Pick<SleuthOptions, 'listen' | 'advertise'>> {
  const own = listen?.host === undefined ? {} : { host: listen.host }
  // A variable can't be unset by an option, so another endpoint takes its place.
  if (typeof advertise !== 'string' || address === undefined) return { listen: own }
  const port = await freePort(address)
  return { listen: { ...own, port }, advertise: `tcp://${address}:${port}` }
}

async function freePort(host: string): Promise<number> {
  const server = createServer().listen({ host, port: 0 })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
