import type { SleuthOptions } from '@sleuth/core'
import type { Options, ValuesOf } from './command.js'
import { readDuration } from './command-line/duration.js'
import { UsageError } from './usage-error.js'

/** Of every command. */
export const common = {
  json: { type: 'boolean', help: 'print JSON, one object a line' },
  'no-color': { type: 'boolean', help: 'print no colours; so does NO_COLOR=1' },
  help: { type: 'boolean', short: 'h', help: 'print what the command does' },
  version: { type: 'boolean', help: 'print the version of sleuth' },
} as const satisfies Options

/** Of every command that joins a network. */
export const network = {
  interface: {
    type: 'string',
    value: 'NAME',
    help: 'network interface: name, IPv4 address, CIDR or loopback (SLEUTH_INTERFACE)',
  },
  port: { type: 'string', value: 'PORT', help: 'UDP port of the network (SLEUTH_PORT, else 5670)' },
  group: { type: 'string', value: 'NAME', help: 'group of the services (SLEUTH_GROUP, else SLEUTH-v1)' },
  seed: {
    type: 'string',
    multiple: true,
    value: 'URL',
    help: 'service beyond the reach of beacons: tcp://host:port; repeatable (SLEUTH_SEEDS)',
  },
  keys: { type: 'string', value: 'FILE', help: 'keys for a closed network: see "sleuth keys --help"' },
  timeout: {
    type: 'string',
    value: 'TIME',
    help: 'longest time to the head of a response, as in 500ms or 2s',
  },
} as const satisfies Options

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port >= 1 && port <= 65_535) return port
  throw new UsageError(`--port must be a UDP port from 1 to 65535, and is "${text}"`)
}

export type NetworkValues = ValuesOf<typeof network>

/**
 * What was given, as options of the library. It checks them, and knows the environment variables. Rejects with a `UsageError`
 * for what is no port, no time, and no file of keys.
 */
export async function sleuthOptions(values: Partial<NetworkValues>): Promise<SleuthOptions> {
  const { port, seed, keys, timeout, group } = values
  const options: SleuthOptions = {}
  if (values.interface !== undefined) options.interface = values.interface
  if (port !== undefined) options.port = readPort(port)
  if (group !== undefined) options.group = group
  if (seed !== undefined) options.seeds = seed
  if (timeout !== undefined) options.timeout = readDuration('--timeout', timeout)
  if (keys !== undefined) {
    const { securityOf } = await import('./keys/security.js')
    options.security = await securityOf(keys)
  }
  return options
}
