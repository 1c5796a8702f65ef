import { type Check, type Finding, fail, ok, warn } from '../check.js'
import type { Context } from '../context.js'

type Needs = Pick<Context, 'settings' | 'network' | 'probes'>

/** The fixed port where a service of this machine listens, and the endpoint that others are told. */
export const listen: Check = {
  name: 'listen',
  async run({ settings, network, probes }: Needs): Promise<Finding[]> {
    const { listen: place, advertise } = settings.discovery ?? {}
    if (network instanceof Error) return []
    const findings: Finding[] = []
    if (place?.port !== undefined)
      findings.push(await fixed(place.host ?? network.address, place.port, probes))
    if (typeof advertise === 'string') findings.push(await told(advertise, probes))
    return findings
  },
}

async function fixed(host: string, port: number, probes: Needs['probes']): Promise<Finding> {
  const error = await probes.bindTcp(host, port)
  if (error === undefined) return ok(`TCP port ${port} of ${host} is free for a service`)
  if (error.code !== 'EADDRINUSE') {
    return fail(
      `TCP port ${port} of ${host} can't be bound: ${error.message}`,
      'Set SLEUTH_LISTEN to an address of this machine and a port above 1023.',
    )
  }
  const here = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  const found = await probes.greet(here.includes(':') ? `tcp://[${here}]:${port}` : `tcp://${here}:${port}`)
  if (found.type === 'greeted') return ok(`a node listens at TCP port ${port} of ${host}`)
  return fail(
    `TCP port ${port} of ${host} is taken by another program`,
    'End that program, or set SLEUTH_LISTEN to another port; two nodes of one machine need two ports.',
  )
}

async function told(endpoint: string, probes: Needs['probes']): Promise<Finding> {
  const found = await probes.greet(endpoint)
  if (found.type === 'greeted') return ok(`a node answers at ${endpoint}, which others are told`)
  return warn(
    `nobody answers at ${endpoint}, which others are told (SLEUTH_ADVERTISE), seen from this machine`,
    'If a service runs here, look whether its port is forwarded; some routers forward from outside alone, so try from another machine.',
  )
}
