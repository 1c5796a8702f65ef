import { ZreError } from './error.js'
import { checkAllow } from './security/allow-lists.js'
import { checkKeys } from './security/keys.js'

import type { Logger, NodeOptions, Security } from './types.js'
import { MAX_GROUPS, MAX_HEADERS, MAX_HELLO } from './wire/message.js'

/** Every option with its value. */
export interface Settings {
  readonly interface: string | undefined
  readonly port: number
  readonly name: string | undefined
  readonly headers: (id: string) => Record<string, string>
  readonly groups: readonly string[]
  readonly interval: number
  readonly evasive: number
  readonly expired: number
  readonly lost: number
  readonly maxPeers: number
  readonly maxMessageSize: number
  readonly maxQueueSize: number
  readonly security: Security | undefined
  readonly logger: Logger
}

/** IANA's port for ZRE discovery. */
const DISCOVERY_PORT = 5670
const MIB = 1024 * 1024

const silent: Logger = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }

export function checkOptions(options: NodeOptions): Settings {
  const { headers = {} } = options
  const settings: Settings = Object.freeze({
    interface: text('interface', options.interface),
    port: whole('port', options.port ?? DISCOVERY_PORT, 1, 65535),
    name: shortText('name', options.name),
    headers: typeof headers === 'function' ? headers : () => headers,
    groups: groupList(options.groups ?? []),
    interval: whole('interval', options.interval ?? 1000, 10, 60_000),
    evasive: whole('evasive', options.evasive ?? 3000, 10, 3_600_000),
    expired: whole('expired', options.expired ?? 5000, 20, 3_600_000),
    lost: whole('lost', options.lost ?? 1500, 300, 600_000),
    maxPeers: whole('maxPeers', options.maxPeers ?? 1024, 1, 16_384),
    maxMessageSize: whole('maxMessageSize', options.maxMessageSize ?? 64 * MIB, 1024, 2 ** 31 - 1),
    maxQueueSize: whole('maxQueueSize', options.maxQueueSize ?? 64 * MIB, 1024, 2 ** 31 - 1),
    security: securityOf(options.security),
    logger: loggerOf(options.logger ?? silent),
  })
  if (settings.expired <= settings.evasive) {
    throw wrong('expired', `more than evasive (${settings.evasive})`, settings.expired)
  }
  return settings
}

/** A group's name travels with a 1-byte length (RFC 36). */
export function groupName(group: unknown): string {
  const name = shortText('group', group)
  if (!name) throw wrong('group', 'a name of 1 to 255 bytes', group)
  return name
}

function groupList(groups: unknown): readonly string[] {
  if (!Array.isArray(groups)) throw wrong('groups', 'an array of strings', groups)
  return checkGroups(groups.map(groupName))
}

/** A HELLO that is larger is refused by others: half of it is for headers, the rest for groups, name and keys. */
const MAX_HEADER_BYTES = MAX_HELLO / 2
const MAX_GROUP_BYTES = MAX_HELLO / 2 - 1024

/** All groups that a node is in: names travel with a 4-byte length. */
export function checkGroups(groups: readonly string[]): readonly string[] {
  if (groups.length > MAX_GROUPS) throw wrong('groups', `at most ${MAX_GROUPS} names`, groups.length)
  let bytes = 0
  for (const group of groups) bytes += 4 + Buffer.byteLength(group)
  if (bytes > MAX_GROUP_BYTES) throw wrong('groups', `at most ${MAX_GROUP_BYTES} bytes in all`, bytes)
  return Object.freeze(groups)
}

/** Names travel with a 1-byte length, values with a 4-byte one. */
export function checkHeaders(headers: unknown): Map<string, string> {
  if (typeof headers !== 'object' || headers === null) throw wrong('headers', 'an object of strings', headers)
  const entries = Object.entries(headers)
  if (entries.length > MAX_HEADERS) throw wrong('headers', `at most ${MAX_HEADERS} of them`, entries.length)
  let bytes = 0
  for (const [name, value] of entries) {
    shortText('headers', name)
    if (typeof value !== 'string') throw wrong(`headers.${name}`, 'a string', value)
    bytes += 5 + Buffer.byteLength(name) + Buffer.byteLength(value)
  }
  if (bytes > MAX_HEADER_BYTES) throw wrong('headers', `at most ${MAX_HEADER_BYTES} bytes in all`, bytes)
  return new Map(entries)
}

function securityOf(security: unknown): Security | undefined {
  if (security === undefined) return undefined
  if (typeof security !== 'object' || security === null) {
    throw wrong('security', 'an object with publicKey, secretKey and allow', security)
  }
  const { publicKey, secretKey, allow, proof = false } = security as Partial<Security>
  if (typeof proof !== 'boolean') throw wrong('security.proof', 'true or false', proof)
  return Object.freeze({ ...checkKeys(publicKey, secretKey), allow: checkAllow(allow), proof })
}

function loggerOf(logger: Logger): Logger {
  const methods = ['trace', 'debug', 'info', 'warn', 'error'] as const
  if (methods.every((method) => typeof logger[method] === 'function')) return logger
  throw wrong('logger', `a logger with ${methods.join(', ')}`, logger)
}

function shortText(option: string, value: unknown): string | undefined {
  const checked = text(option, value)
  if (checked !== undefined && Buffer.byteLength(checked) > 255) {
    throw wrong(option, 'at most 255 bytes of UTF-8', checked)
  }
  return checked
}

function text(option: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  throw wrong(option, 'a string', value)
}

function whole(option: string, value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
  throw wrong(option, `a whole number from ${min} to ${max}`, value)
}

function wrong(option: string, right: string, value: unknown): ZreError {
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value)
  return new ZreError('ZRE_OPTION', `${option} must be ${right}, and is ${shown}`)
}
