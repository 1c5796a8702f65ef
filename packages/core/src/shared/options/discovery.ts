import type { Discovery } from '@sleuth/zre'
import * as v from 'valibot'

type DiscoveryOption = 'beacon' | 'host' | Discovery

/** A list that the caller may go on changing. */
const listOf = <T>(isItem: (value: unknown) => boolean, problem: string) =>
  v.pipe(
    v.custom<readonly T[]>((value) => Array.isArray(value) && value.every(isItem), problem),
    v.transform((list): readonly T[] => Object.freeze([...list])),
  )

const isText = (value: unknown) => typeof value === 'string'

const isDiscovery = (value: unknown) =>
  value === 'beacon' || value === 'host' || (typeof value === 'object' && value !== null)

export const listenFields = v.strictObject(
  { port: v.optional(v.number('must be a port')), host: v.optional(v.string('must be an address')) },
  'must be an object with port and host',
)

/** How nodes find each other. The node below reads seeds, addresses and networks, and says what is wrong with them. */
export const discoveryFields = {
  discovery: v.optional(
    listOf<DiscoveryOption>(
      isDiscovery,
      'must be a list of "beacon", "host", and objects with name, start and close',
    ),
  ),
  seeds: v.optional(listOf<string>(isText, 'must be a list of seeds, such as "tcp://10.0.0.5:5670"')),
  listen: v.optional(listenFields),
  advertise: v.optional(
    v.union(
      [v.string(), v.literal(false)],
      'must be an endpoint, such as "tcp://203.0.113.7:5670", or false',
    ),
  ),
  networks: v.optional(listOf<string>(isText, 'must be a list of networks, such as "10.0.0.0/8"')),
  links: v.optional(
    v.picklist(['all', 'used', 'auto'], 'must be "all", "used" or "auto": which nodes to be connected to'),
    'auto',
  ),
}

/** Those that are lists: the schema takes a list for an object elsewhere. */
export const LISTS: ReadonlySet<string> = new Set(['discovery', 'seeds', 'networks'])
