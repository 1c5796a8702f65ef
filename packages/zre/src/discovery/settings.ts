import { ZreError } from '../error.js'
import type { Discovery, Listen, NodeOptions } from '../types.js'
import { canonicalAddress, formatEndpoint, parseEndpoint } from '../wire/endpoint.js'
import { isBlock } from './networks.js'
import { parseSeed, type Seed, splitList } from './seed.js'

/** The options of how nodes find each other and where they may connect to, checked. */
export interface DiscoverySettings {
  /** Undefined: what suits the interface. */
  readonly discovery: readonly ('beacon' | 'host' | Discovery)[] | undefined
  readonly seeds: readonly Seed[]
  readonly listen: Listen
  /** False: nobody can connect to the inbox. */
  readonly advertise: string | false | undefined
  readonly networks: readonly string[]
}

type Options = Pick<NodeOptions, 'discovery' | 'seeds' | 'listen' | 'advertise' | 'networks' | 'security'>

/** Each option, else its environment variable. An empty variable is none. */
export function checkDiscovery(options: Options, env: NodeJS.ProcessEnv): DiscoverySettings {
  const { discovery, seeds, listen, advertise, networks, security } = options
  return {
    discovery:
      discovery !== undefined
        ? discoveryOf('discovery', discovery)
        : fromEnv(env, 'SLEUTH_DISCOVERY', (text, name) =>
            discoveryOf(name, text === 'none' ? [] : splitList(text)),
          ),
    seeds:
      (seeds !== undefined
        ? seedsOf('seeds', seeds, security !== undefined)
        : fromEnv(env, 'SLEUTH_SEEDS', (text, name) =>
            seedsOf(name, splitList(text), security !== undefined),
          )) ?? [],
    listen:
      (listen !== undefined ? listenOf('listen', listen) : fromEnv(env, 'SLEUTH_LISTEN', parseListen)) ?? {},
    advertise:
      advertise !== undefined
        ? advertise === false
          ? false
          : endpointOf(advertise, 'advertise')
        : fromEnv(env, 'SLEUTH_ADVERTISE', (text, name) =>
            text === 'none' ? false : endpointOf(text, name),
          ),
    networks:
      (networks !== undefined
        ? networksOf('networks', networks)
        : fromEnv(env, 'SLEUTH_NETWORKS', (text, name) => networksOf(name, splitList(text)))) ?? [],
  }
}

/**
 * Whether nodes of other networks are meant to get in, even those that nobody can connect to. With keys, whoever holds one is.
 * Without, a node that has none of these options is for its own network alone.
 */
export function expectsOtherNetworks({
  listen,
  networks,
  security,
  seeds,
}: Pick<DiscoverySettings, 'listen' | 'networks' | 'seeds'> & { readonly security: unknown }): boolean {
  if (security !== undefined || seeds.length > 0 || networks.length > 0) return true
  return listen.port !== undefined || listen.host !== undefined
}

function fromEnv<T>(
  env: NodeJS.ProcessEnv,
  name: string,
  parse: (text: string, name: string) => T,
): T | undefined {
  const text = env[name]?.trim()
  return text ? parse(text, name) : undefined
}

function discoveryOf(option: string, value: unknown): DiscoverySettings['discovery'] {
  const list = listOf(option, value)
  for (const item of list) {
    if (item === 'beacon' || item === 'host' || isDiscovery(item)) continue
    throw wrong(option, '"beacon", "host", or objects with name, start and close', item)
  }
  return Object.freeze([...(list as ('beacon' | 'host' | Discovery)[])])
}

function isDiscovery(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { name, start, close } = value as Partial<Discovery>
  return typeof name === 'string' && typeof start === 'function' && typeof close === 'function'
}

function seedsOf(option: string, value: unknown, closed: boolean): readonly Seed[] {
  const seeds = listOf(option, value).map((text) => {
    const seed = typeof text === 'string' ? parseSeed(text) : 'must be a string'
    if (typeof seed === 'string')
      throw new ZreError('ZRE_OPTION', `a seed ${seed}, and ${shown(text)} is not`)
    if (!closed && seed.kind !== 'file' && seed.key !== undefined) {
      throw new ZreError('ZRE_OPTION', `a seed has a public key, and security is not set: ${shown(text)}`)
    }
    return seed
  })
  return Object.freeze(seeds)
}

function parseListen(text: string, name: string): Listen {
  const colon = text.lastIndexOf(':')
  const place = text.slice(0, Math.max(0, colon))
  const digits = text.slice(colon + 1)
  const bracketed = place.startsWith('[') && place.endsWith(']')
  const isPlace = colon < 0 || (place !== '' && (bracketed || !place.includes(':')))
  if (!isPlace || !/^\d+$/.test(digits)) throw wrong(name, 'a port, or host:port as 0.0.0.0:5670', text)
  const host = bracketed ? place.slice(1, -1) : place
  return listenOf(name, { host: host === '' ? undefined : host, port: Number(digits) })
}

function listenOf(option: string, value: unknown): Listen {
  if (typeof value !== 'object' || value === null) throw wrong(option, 'an object with port and host', value)
  const { port, host, ...rest } = value as Record<string, unknown>
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) throw wrong(option, 'an object with port and host alone', unknown)
  const isPort = typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 0xffff
  if (port !== undefined && !isPort) throw wrong(`${option}.port`, 'a whole number from 1 to 65535', port)
  if (host === undefined) return Object.freeze({ port, host })
  const address = typeof host === 'string' ? canonicalAddress(host) : undefined
  if (address === undefined) throw wrong(`${option}.host`, 'an address of this host, 0.0.0.0 or ::', host)
  return Object.freeze({ port, host: address })
}

/** A name would have to be looked up by everyone who hears it, and they refuse to. */
function endpointOf(value: unknown, option: string): string {
  const right = 'an endpoint with a literal address, as tcp://203.0.113.7:5670 or tcp://[2001:db8::7]:5670'
  if (typeof value !== 'string') throw wrong(option, right, value)
  const seed = parseSeed(value)
  if (typeof seed === 'string' || seed.kind !== 'address' || seed.key !== undefined)
    throw wrong(option, right, value)
  const endpoint = formatEndpoint(seed.address, seed.port)
  if (parseEndpoint(endpoint) === undefined) throw wrong(option, right, value)
  return endpoint
}

function networksOf(option: string, value: unknown): readonly string[] {
  const list = listOf(option, value)
  for (const item of list) {
    if (typeof item !== 'string' || !isBlock(item)) {
      throw wrong(option, 'a list of blocks of addresses, as 10.0.0.0/8 or fd00::/8', item)
    }
  }
  return Object.freeze([...(list as string[])])
}

function listOf(option: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw wrong(option, 'an array', value)
}

function wrong(option: string, right: string, value: unknown): ZreError {
  return new ZreError('ZRE_OPTION', `${option} must be ${right}, and is ${shown(value)}`)
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value)
}
