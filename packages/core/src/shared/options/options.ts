import * as v from 'valibot'
import type { Network, RequestListener, SleuthOptions, SleuthPeer } from '../../types.js'
import { sleuthError } from '../errors.js'
import { headLimits, WINDOW } from '../limits.js'
import { isMeta, metaProblem } from '../meta.js'
import { discoveryFields, LISTS, listenFields } from './discovery.js'
import { environmentOptions } from './environment.js'
import { isNetwork } from './network.js'
import { budgetOf, type Retry, retryFields, retryOf } from './retry.js'
import { securityFields } from './security.js'
import {
  balanceProblem,
  balances,
  bytes,
  count,
  drainTimeout,
  eventBytes,
  functionOf,
  headerText,
  inflightDefault,
  logger,
  lostAfter,
  MiB,
  maxInflight,
  patterns,
  peers,
  serviceName,
  text,
  timeout,
  waitForProblem,
} from './values.js'

const limitFields = v.strictObject(
  {
    message: v.optional(bytes, 32 * MiB),
    unzipped: v.optional(bytes, 64 * MiB),
    url: v.optional(count(16), headLimits.url),
    headers: v.optional(count(8), headLimits.headers),
    headerBytes: v.optional(count(256), headLimits.headerBytes),
    streams: v.optional(count(1), 2500),
    buffered: v.optional(count(WINDOW), 128 * MiB),
    requestTime: v.optional(timeout, 300_000),
    peers: v.optional(peers, 1024),
    event: v.optional(eventBytes, 256 * 1024),
    eventQueue: v.optional(bytes, 4 * MiB),
    patterns: v.optional(patterns, 256),
  },
  'must be an object',
)

const schema = v.strictObject({
  service: v.optional(serviceName),
  handler: v.optional(
    functionOf<RequestListener>('must be a function (req, res): an app, or app.callback() in Koa'),
  ),
  interface: v.optional(v.pipe(text, v.nonEmpty('must not be empty: leave it out to have one chosen'))),
  port: v.optional(
    v.pipe(
      v.number('must be a number'),
      v.check(
        (port) => Number.isInteger(port) && port >= 1 && port <= 65535,
        'must be a whole number from 1 to 65535',
      ),
    ),
    5670,
  ),
  ...discoveryFields,
  version: v.optional(
    v.pipe(
      headerText,
      v.check((value) => !value.includes('%'), 'must not contain "%", which Go peers mangle'),
    ),
    'unknown',
  ),
  // What others see does not change when the user's object does.
  meta: v.optional(
    v.pipe(
      v.custom<Readonly<Record<string, string>>>(isMeta, metaProblem),
      v.transform((meta) => Object.freeze({ ...meta })),
    ),
  ),
  group: v.optional(headerText, 'SLEUTH-v1'),
  name: v.optional(headerText),
  timeout: v.optional(timeout, 500),
  waitFor: v.optional(v.union([v.boolean(), timeout], waitForProblem), false),
  filter: v.optional(
    functionOf<NonNullable<SleuthOptions['filter']>>('must be a function (req) that returns true or false'),
  ),
  network: v.optional(
    v.custom<Network>(isNetwork, 'must be a network, such as createTestNetwork() of @sleuth/testing gives'),
  ),
  enabled: v.optional(v.boolean('must be true or false'), true),
  wire: v.optional(v.picklist([1, 2], 'must be 1 or 2: the newest wire to speak'), 2),
  direct: v.optional(v.boolean('must be true or false: whether calls may go by direct connections'), true),
  limits: v.optional(limitFields, {}),
  maxInflight: v.optional(maxInflight, inflightDefault),
  drainTimeout: v.optional(drainTimeout, 5000),
  lostAfter: v.optional(lostAfter, 1500),
  retry: v.optional(v.lazy((value) => (value === false ? v.literal(false) : retryFields))),
  balance: v.optional(v.picklist(balances, balanceProblem), 'round-robin'),
  security: v.optional(securityFields),
  ready: v.optional(
    functionOf<NonNullable<SleuthOptions['ready']>>(
      'must be a function () that returns true or false, or a promise of it',
    ),
  ),
  introspection: v.optional(
    v.union(
      [v.boolean(), functionOf<(peer: SleuthPeer) => boolean>('')],
      'must be true, false, or a function (peer) that returns true or false',
    ),
  ),
  logger: v.optional(logger),
  logLevel: v.optional(text, 'silent'),
})

/** What the schema takes. `SleuthOptions` is the same with a sentence for each; a test holds the two together. */
export type OptionsInput = v.InferInput<typeof schema>

type Parsed = v.InferOutput<typeof schema>

/** The options, checked, with every default filled in. */
export interface CheckedOptions extends Readonly<Omit<Parsed, 'limits' | 'retry'>> {
  readonly limits: Readonly<Parsed['limits']>
  readonly retry: Retry
  /** The most further tries, as a share of recent calls. */
  readonly retryBudget: number
}

export interface CheckOptions {
  /** For an adapter, whose app is the handler and comes later: its own options, which it has checked. */
  adapter?: readonly string[]
}

/** Checks what a user gave, and returns a new frozen object; what was given is left as it is. Throws a `SleuthError`. */
export function checkOptions(given: unknown = {}, { adapter }: CheckOptions = {}): CheckedOptions {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const problem = `must be an object, not ${describe(given)}`
    throw sleuthError('SLEUTH_ARGUMENT', { argument: 'options', problem })
  }
  const result = v.safeParse(schema, withEnvironment(given), { abortPipeEarly: true })
  if (!result.success) throw optionError(result.issues[0], adapter)
  const list = Object.entries(given).find(([name, value]) => Array.isArray(value) && !LISTS.has(name))
  if (list)
    throw sleuthError('SLEUTH_OPTION', { option: list[0], problem: 'must be an object, not an array' })
  const options = result.output
  if (options.handler && options.service === undefined) throw sleuthError('SLEUTH_SERVICE')
  if (options.service !== undefined && !options.handler && adapter === undefined) {
    throw sleuthError('SLEUTH_HANDLER', { service: options.service })
  }
  return Object.freeze({
    ...options,
    limits: Object.freeze(options.limits),
    retry: retryOf(options.retry),
    retryBudget: budgetOf(options.retry),
    security: options.security && Object.freeze(options.security),
  })
}

/** An option that is left out, or undefined, is that of the environment. */
function withEnvironment(given: object): object {
  return { ...given, ...environmentOptions(process.env, given) }
}

function optionError(issue: v.InferIssue<typeof schema>, adapter: readonly string[] | undefined) {
  const option = v.getDotPath(issue) ?? ''
  if (option === 'port') {
    // Go finds it out when it starts (TestSleuthNewBadPort), so the trace is that of a start that failed.
    return sleuthError(
      'SLEUTH_PORT',
      { port: describe(issue.input), why: `it ${issue.message}` },
      { codes: [905, 901] },
    )
  }
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    return sleuthError('SLEUTH_OPTION', { option, problem: unknownProblem(option, adapter) })
  }
  if (issue.type === 'strict_object' && option.startsWith('security.')) {
    const problem = 'is missing: security takes publicKey, secretKey and allow'
    return sleuthError('SLEUTH_OPTION', { option, problem })
  }
  // Whatever was given for a key, it may be one, and is not for a log.
  const not = option.startsWith('security') ? '' : `, not ${describe(issue.input)}`
  return sleuthError('SLEUTH_OPTION', { option, problem: issue.message + not })
}

function unknownProblem(option: string, adapter: readonly string[] | undefined): string {
  const [group] = option.split('.')
  if (option === group) {
    const names = Object.keys(schema.entries)
    const known = adapter === undefined ? names : [...names.filter((name) => name !== 'handler'), ...adapter]
    return `is unknown: the options are ${known.join(', ')}`
  }
  const fields = { limits: limitFields, security: securityFields, retry: retryFields, listen: listenFields }[
    group as string
  ]
  return `is unknown: ${group} takes ${Object.keys(fields?.entries ?? {}).join(', ')}`
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
