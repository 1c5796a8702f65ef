import * as v from 'valibot'
import { checkDiscovery, type DiscoverySettings } from './discovery/settings.js'
import { ZreError } from './error.js'
import { checkAllow } from './security/allow-lists.js'
import { checkKeys } from './security/keys.js'
import type { Introduced, Logger, NodeOptions, Security } from './types.js'
import { MAX_GROUPS, MAX_HEADERS, MAX_HELLO } from './wire/message.js'

/** IANA's port for ZRE discovery. */
const DISCOVERY_PORT = 5670
const MIB = 1024 * 1024
/** Half of the largest HELLO is for headers. The rest is for groups, the name and keys. */
const MAX_HEADER_BYTES = MAX_HELLO / 2
const MAX_GROUP_BYTES = MAX_HELLO / 2 - 1024

// Each message says what would be right: it goes on after "port must be ".
const text = v.string('a string')

/** Names travel with a 1-byte length (RFC 36). */
const shortText = v.pipe(
  text,
  v.check((value) => Buffer.byteLength(value) <= 255, 'at most 255 bytes of UTF-8'),
)

const group = v.pipe(shortText, v.nonEmpty('a name of 1 to 255 bytes'))

const whole = (min: number, max: number) => {
  const right = `a whole number from ${min} to ${max}`
  return v.pipe(
    v.number(right),
    v.check((value) => Number.isInteger(value) && value >= min && value <= max, right),
  )
}

/** All groups that a node is in. In HELLO, their names travel with a 4-byte length. */
const groups = v.pipe(
  v.array(group, 'an array of strings'),
  v.check(({ length }) => length <= MAX_GROUPS, `at most ${MAX_GROUPS} names`),
  v.check((names) => bytesOf(names, 4) <= MAX_GROUP_BYTES, `at most ${MAX_GROUP_BYTES} bytes in all`),
) as v.GenericSchema<readonly string[]>

/** Names travel with a 1-byte length, values with a 4-byte one. */
const headers = v.pipe(
  v.custom<Record<string, string>>(isObject, 'an object of strings'),
  v.transform((given) => new Map(Object.entries(given))),
  v.check(({ size }) => size <= MAX_HEADERS, `at most ${MAX_HEADERS} of them`),
  v.map(shortText, text),
  v.check(
    (checked) => bytesOf(checked.keys(), 1) + bytesOf(checked.values(), 4) <= MAX_HEADER_BYTES,
    `at most ${MAX_HEADER_BYTES} bytes in all`,
  ),
)

const security = v.pipe(
  v.custom<Security>(isObject, 'an object with publicKey, secretKey and allow'),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return
    const { proof } = dataset.value
    if (proof === undefined || typeof proof === 'boolean') return
    addIssue({
      message: 'true or false',
      path: [{ type: 'unknown', origin: 'value', input: dataset.value, key: 'proof', value: proof }],
    })
  }),
  // Errors about keys have a code of their own.
  v.transform(({ publicKey, secretKey, allow, proof = false }): Security => {
    const keys = checkKeys(publicKey, secretKey)
    return Object.freeze({ ...keys, allow: checkAllow(allow), proof })
  }),
)

const loggerMethods = ['trace', 'debug', 'info', 'warn', 'error'] as const

const logger = v.custom<Logger>(
  (value) =>
    isObject(value) &&
    loggerMethods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function'),
  `a logger with ${loggerMethods.join(', ')}`,
)

const silent: Logger = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }

/** An option that is checked elsewhere. */
const given = <Option extends keyof NodeOptions>() => v.custom<NonNullable<NodeOptions[Option]>>(() => true)

const aFunction = <Option extends 'isAwaited' | 'isUse'>() =>
  v.custom<NonNullable<NodeOptions[Option]>>((value) => typeof value === 'function', 'a function')

const introduced = v.custom<Introduced>(
  (value) =>
    isObject(value) &&
    ['count', 'knows', 'greets'].every(
      (method) => typeof (value as Record<string, unknown>)[method] === 'function',
    ),
  'an object with count, knows and greets',
)

const fields = v.object(
  {
    interface: v.optional(text),
    port: v.optional(whole(1, 65535), DISCOVERY_PORT),
    // Checked together with their environment variables: see `checkDiscovery`.
    discovery: v.optional(given<'discovery'>()),
    seeds: v.optional(given<'seeds'>()),
    listen: v.optional(given<'listen'>()),
    advertise: v.optional(given<'advertise'>()),
    networks: v.optional(given<'networks'>()),
    name: v.optional(shortText),
    // Checked when it is known what they are: see `checkHeaders`.
    headers: v.optional(given<'headers'>(), {}),
    groups: v.optional(groups, []),
    interval: v.optional(whole(10, 60_000), 1000),
    evasive: v.optional(whole(10, 3_600_000), 3000),
    expired: v.optional(whole(20, 3_600_000), 5000),
    lost: v.optional(whole(300, 600_000), 1500),
    isAwaited: v.optional(aFunction<'isAwaited'>()),
    isUse: v.optional(aFunction<'isUse'>()),
    introduced: v.optional(introduced),
    maxPeers: v.optional(whole(1, 16_384), 1024),
    maxMessageSize: v.optional(whole(1024, 2 ** 31 - 1), 64 * MIB),
    maxQueueSize: v.optional(whole(1024, 2 ** 31 - 1), 64 * MIB),
    security: v.optional(security),
    logger: v.optional(logger, silent),
  },
  'an object',
)

const schema = v.pipe(
  fields,
  v.forward(
    v.check(
      ({ expired, evasive }) => expired > evasive,
      ({ input }) => `more than evasive (${input.evasive})`,
    ),
    ['expired'],
  ),
)

/** What the schema takes. `NodeOptions` is the same with a sentence for each; a test holds the two together. */
export type OptionsInput = v.InferInput<typeof schema>

type Parsed = v.InferOutput<typeof schema>

/** Every option with its value. */
export type Settings = Readonly<Required<Omit<Parsed, Unset | 'headers' | keyof DiscoverySettings>>> & {
  readonly [Option in Unset]: Parsed[Option]
} & { readonly headers: (id: string) => Record<string, string> } & DiscoverySettings

/** These have no default. */
type Unset = 'interface' | 'name' | 'isAwaited' | 'isUse' | 'introduced' | 'security'

/** Every option in its order, also one that was not given and has no default. */
const unset = Object.fromEntries(Object.keys(fields.entries).map((name) => [name, undefined])) as {
  [Option in Unset]: undefined
}

/** Checks what a user gave, and returns a new frozen object. Throws a `ZreError`. */
export function checkOptions(options: NodeOptions, env: NodeJS.ProcessEnv = process.env): Settings {
  const checked = check('options', schema, options)
  const { headers } = checked
  return Object.freeze({
    ...unset,
    ...checked,
    ...checkDiscovery(options, env),
    groups: Object.freeze(checked.groups),
    headers: typeof headers === 'function' ? headers : () => headers,
  })
}

export function groupName(name: unknown): string {
  return check('group', group, name)
}

export function checkGroups(names: readonly string[]): readonly string[] {
  return check('groups', groups, names)
}

export function checkHeaders(given: unknown): Map<string, string> {
  return check('headers', headers, given)
}

function check<Output>(option: string, rules: v.GenericSchema<unknown, Output>, value: unknown): Output {
  const result = v.safeParse(rules, value, { abortEarly: true, abortPipeEarly: true })
  if (result.success) return result.output
  const [issue] = result.issues
  const at = issue.path?.at(-1)
  // The name of a header may itself be what is wrong.
  const path = at?.origin === 'key' ? null : v.getDotPath(issue)
  const input = at?.origin === 'key' ? at.key : (at?.value ?? issue.input)
  throw new ZreError('ZRE_OPTION', `${nameOf(option, path)} must be ${issue.message}, and is ${shown(input)}`)
}

/** `group` is each of `groups`. An option is its own name, and `headers.x` that of a header. */
function nameOf(option: string, path: string | null): string {
  if (path === null) return option
  if (path.startsWith('groups.')) return 'group'
  return option === 'options' ? path : `${option}.${path}`
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value)
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

/** The bytes of texts that travel with their length before them. */
function bytesOf(texts: Iterable<string>, lengthBytes: number): number {
  let bytes = 0
  for (const text of texts) bytes += lengthBytes + Buffer.byteLength(text)
  return bytes
}
