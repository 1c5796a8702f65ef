import type { Random } from '@sleuth/zre/testing'
import type { CallOptions, RetryOptions } from '#src/types.js'

/** What a handler does with a request. */
export type Act =
  /** Answers at once, and reads the request meanwhile. */
  | 'early'
  /** Answers when it has read the request. */
  | 'whole'
  /** Answers in parts, with pauses. */
  | 'parts'
  /** Sends back what it reads, as it comes. */
  | 'echo'
  /** Asks another service first. */
  | 'asks'
  | 'destroys'
  | 'throws'
  /** Begins to answer, and breaks off. */
  | 'breaks'
  /** Does not answer. */
  | 'silent'

export type BodyKind = 'none' | 'bytes' | 'iterable' | 'stream' | 'failing' | 'stuck'

/** Which instances a call may go to, and which first. */
export interface Selection extends Pick<CallOptions, 'version' | 'prefer' | 'key'> {
  readonly where?: { readonly zone: string }
}

/** A call: what is asked, and what is to be done about it. */
export interface Plan {
  readonly id: string
  readonly lean: boolean
  readonly service: string
  readonly method: string
  readonly act: Act
  /** Milliseconds that the handler takes. */
  readonly delay: number
  /** Bytes of the answer. */
  readonly size: number
  readonly body: BodyKind
  readonly bodySize: number
  readonly timeout: number
  readonly waitFor: number | boolean
  readonly retry: false | RetryOptions | undefined
  readonly select: Selection
  /** Milliseconds after which the caller gives up. */
  readonly abortAfter: number | undefined
  /** The caller takes its time to read the answer. */
  readonly slow: boolean
  /** The caller does not read the body of the answer to its end. */
  readonly cancels: boolean
}

export const SERVICES = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta'] as const

const METHODS = ['GET', 'GET', 'POST', 'POST', 'POST', 'PUT', 'DELETE', 'HEAD'] as const
const USEFUL: readonly Act[] = ['early', 'early', 'whole', 'whole', 'whole', 'whole', 'parts', 'echo', 'asks']
const ACTS: readonly Act[] = [...USEFUL, 'destroys', 'throws', 'breaks', 'silent']

const GOOD_BODIES: readonly BodyKind[] = ['none', 'bytes', 'bytes', 'bytes', 'iterable', 'iterable', 'stream']
const BODIES: readonly BodyKind[] = [...GOOD_BODIES, 'failing', 'stuck']

export interface PlanLimits {
  /** The most bytes of a body. */
  readonly most: number
  /** Whether there may be calls without a time limit. */
  readonly endless: boolean
}

/** Half of all calls are plain ones, on which most is promised. */
export function planCall(random: Random, id: string, service: string, { most, endless }: PlanLimits): Plan {
  const plain = random.chance(0.5)
  const method = random.pick(METHODS)
  const withBody = method === 'POST' || method === 'PUT'
  const body = !withBody ? 'none' : plain ? random.pick(['none', 'bytes'] as const) : random.pick(BODIES)
  const size = (): number =>
    Math.floor(random.chance(0.1) ? random.between(0, most) : random.between(0, 3000))
  return {
    id,
    method,
    service,
    lean: random.chance(0.5),
    act: plain ? random.pick(['early', 'whole'] as const) : random.pick(ACTS),
    delay: Math.floor(plain || random.chance(0.5) ? random.between(0, 20) : random.between(0, 1500)),
    size: size(),
    body,
    bodySize: body === 'none' ? 0 : size(),
    ...(plain ? { timeout: 500, waitFor: false } : random.pick(endless ? TIMES : TIMES.slice(0, -2))),
    retry: plain ? undefined : random.pick(RETRIES),
    select: SELECTIONS[Number(id) % SELECTIONS.length] as Selection,
    abortAfter: !plain && random.chance(0.15) ? Math.floor(random.between(0, 600)) : undefined,
    slow: !plain && random.chance(0.2),
    cancels: !plain && random.chance(0.1),
  }
}

/** Without any limit a call may wait for ever. */
const TIMES: readonly Pick<Plan, 'timeout' | 'waitFor'>[] = [
  { timeout: 20, waitFor: false },
  { timeout: 100, waitFor: true },
  { timeout: 500, waitFor: false },
  { timeout: 500, waitFor: 100 },
  { timeout: 2000, waitFor: true },
  { timeout: 5000, waitFor: 1000 },
  { timeout: Infinity, waitFor: false },
  { timeout: Infinity, waitFor: 1000 },
]

const RETRIES: readonly Plan['retry'][] = [
  undefined,
  undefined,
  undefined,
  false,
  { nonIdempotent: true },
  { hedgeAfter: 30 },
  { hedgeAfter: false },
  { tries: 5 },
]

/** One half of the instances is in zone a, and each half of these is of version 1. */
export const PLACES = [
  { zone: 'a', version: '1.0.0' },
  { zone: 'b', version: '1.5.0' },
  { zone: 'a', version: '2.0.0' },
  { zone: 'b', version: '2.1.0' },
] as const

const SELECTIONS: readonly Selection[] = [
  {},
  { where: { zone: 'a' } },
  { prefer: { zone: 'a' } },
  { version: '^2' },
  { key: 'one' },
  { prefer: { zone: 'b' }, version: '1.x' },
  { where: { zone: 'b' }, key: 'other' },
]

/** Bytes that belong to a call alone. */
export function bytesOf(id: string, size: number): Buffer {
  return Buffer.alloc(size, `${id},`)
}
