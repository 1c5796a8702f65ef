import { createSleuth, type Sleuth } from '@sleuth/core'
import { freePort } from '../hosts/port.js'

export interface Network {
  readonly interface: string
  readonly port: number
}

/** A network of this process alone. */
export async function network(): Promise<Network> {
  return { interface: 'loopback', port: await freePort() }
}

/** A member of the network that offers nothing, and has time. */
export function caller(on: Network): Promise<Sleuth> {
  return createSleuth({ ...on, timeout: 10_000 })
}

/**
 * What a caller knows, once everything that was announced up to now has reached it: a service that is announced now
 * comes last.
 */
export async function announced(on: Network, to: Sleuth): Promise<string[]> {
  const last = await createSleuth({ ...on, service: 'last', handler: (_req, res) => void res.end() })
  await to.waitFor('last')
  await last.close()
  return to
    .services()
    .map(({ service }) => service)
    .filter((service) => service !== 'last')
}

/** Resolves when an instance of the service went, with the reason. */
export function gone(service: string, from: Sleuth): Promise<string> {
  return new Promise((resolve) => {
    from.on('down', (event) => {
      if (event.service === service) resolve(event.reason)
    })
  })
}
