import { readdirSync } from 'node:fs'
import { createSleuth } from '@sleuth/core'

/** What a process with many nodes says of them. */
export interface CrowdReport {
  /** How many services each node knows. */
  readonly known: readonly number[]
  /** How many nodes each has a link to. */
  readonly links: readonly number[]
  /** Of the whole process; 0 where that can't be told. */
  readonly descriptors: number
  readonly failures: number
}

const [port = '', count = '', first = ''] = process.argv.slice(2)
const names = Array.from({ length: Number(count) }, (_, index) => `service-${Number(first) + index}`)
const nodes = await Promise.all(
  names.map((service) =>
    createSleuth({
      interface: 'loopback',
      port: Number(port),
      service,
      links: 'used',
      timeout: 30_000,
      handler: (_, res) => res.end(service),
    }),
  ),
)
let failures = 0

/** With a list of services the first node calls each. Then, as with anything else, how things are. */
process.on('message', async (message) => {
  const services = Array.isArray(message) ? (message as string[]) : []
  await Promise.all(
    services.map(async (service) => {
      const answer = await nodes[0]?.request(`sleuth://${service}/`).catch(() => undefined)
      if (answer?.body.toString() !== service) failures++
    }),
  )
  const report: CrowdReport = {
    known: nodes.map((node) => node.services().length),
    links: nodes.map((node) => node.stats().peers),
    descriptors: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0,
    failures,
  }
  process.send?.(report)
})

process.send?.('ready')
