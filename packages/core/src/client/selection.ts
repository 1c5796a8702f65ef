import type { Selector } from '../directory/selector.js'
import { sleuthError } from '../shared/errors.js'
import type { Instance, Labels } from '../types.js'
import type { Selection } from './call.js'

interface Semver {
  satisfies(version: string, range: string): boolean
  isRange(range: string): boolean
}

let semver: Semver | undefined

/** Loads npm's own meaning of a range, when the first call asks for one. Undefined: it is there, or not needed. */
export function loadFor({ version }: Selection): Promise<void> | undefined {
  return version === undefined || semver !== undefined ? undefined : load()
}

async function load(): Promise<void> {
  const [satisfies, validRange] = await Promise.all([
    import('semver/functions/satisfies.js'),
    import('semver/ranges/valid.js'),
  ])
  semver = {
    satisfies: (version, range) => satisfies.default(version, range),
    isRange: (range) => validRange.default(range) !== null,
  }
}

/** Call `loadFor` before. `ownHost`: the address of this node, without its port. */
export function selectorOf(options: Selection, ownHost: () => string | undefined): Selector {
  const { version, where, prefer, key } = options
  const tests: ((instance: Instance) => boolean)[] = []
  const says: string[] = []
  if (version !== undefined) {
    tests.push(versionTest(version))
    says.push(`version ${version}`)
  }
  if (where !== undefined) {
    tests.push(labelTest('where', where))
    says.push(typeof where === 'function' ? 'where' : textOf(where))
  }
  if (key !== undefined && typeof key !== 'string') throw bad('key', 'must be a text')
  const [first, second] = tests
  const matches = first === undefined ? all : second === undefined ? first : both(first, second)
  return {
    matches,
    prefers: prefer === undefined ? undefined : preference(prefer, ownHost),
    key,
    says: says.join(', '),
  }
}

function all(): boolean {
  return true
}

function both(one: (instance: Instance) => boolean, other: (instance: Instance) => boolean) {
  return (instance: Instance) => one(instance) && other(instance)
}

/** An instance whose version is no semantic version matches `*` alone. */
function versionTest(range: unknown): (instance: Instance) => boolean {
  const { satisfies, isRange } = semver as Semver
  if (typeof range !== 'string' || !isRange(range)) {
    throw bad('version', 'must be a range of versions, such as "^2.1" or "1.x || 2.x"')
  }
  if (range.trim() === '*' || range.trim() === '') return all
  return ({ version }) => satisfies(version, range)
}

function preference(prefer: unknown, ownHost: () => string | undefined): (instance: Instance) => boolean {
  if (prefer !== 'host') return labelTest('prefer', prefer, ', or "host"')
  return ({ endpoint }) => endpoint.slice(0, endpoint.lastIndexOf(':')) === ownHost()
}

function labelTest(argument: string, labels: unknown, more = ''): (instance: Instance) => boolean {
  if (typeof labels === 'function') return (instance) => Boolean(labels(instance))
  const entries = Object.entries(typeof labels === 'object' && labels !== null ? labels : {})
  if (
    entries.length === 0 ||
    Array.isArray(labels) ||
    !entries.every(([, value]) => typeof value === 'string')
  ) {
    throw bad(argument, `must be an object of labels, such as { zone: "a" }, or a function (instance)${more}`)
  }
  return ({ meta }) => entries.every(([name, value]) => meta[name] === value)
}

function textOf(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')
}

function bad(argument: string, problem: string) {
  return sleuthError('SLEUTH_ARGUMENT', { argument, problem })
}
