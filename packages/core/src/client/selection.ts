import { sleuthError } from '../shared/errors.js'
import { handleRejection, isThenable } from '../shared/thenable.js'
import type { Instance, Labels } from '../types.js'
import type { CallSelector, Selection } from './call.js'
import { loadRanges, testOfRange } from './version-range.js'

/** Loads what `selectorOf` needs. Undefined: it is there, or not needed. */
export function loadFor({ version }: Selection): Promise<void> | undefined {
  return version === undefined ? undefined : loadRanges()
}

/** Call `loadFor` before. `ownHost`: the address of this node, without its port. */
export function selectorOf(options: Selection, ownHost: () => string | undefined): CallSelector {
  const { version, where, prefer, key } = options
  const failed = (error: unknown) => selector.failed(error)
  const tests: ((instance: Instance) => boolean)[] = []
  const says: string[] = []
  if (version !== undefined) {
    tests.push(versionTest(version))
    says.push(`version ${version}`)
  }
  if (where !== undefined) {
    tests.push(labelTest('where', where, failed))
    says.push(typeof where === 'function' ? 'where' : textOf(where))
  }
  if (key !== undefined && typeof key !== 'string') throw bad('key', 'must be a text')
  const [first, second] = tests
  const matches = first === undefined ? all : second === undefined ? first : both(first, second)
  const selector: CallSelector = {
    matches,
    prefers: prefer === undefined ? undefined : preference(prefer, ownHost, failed),
    key,
    says: says.join(', '),
    failed: (error) => {
      throw error
    },
  }
  return selector
}

function all(): boolean {
  return true
}

function both(one: (instance: Instance) => boolean, other: (instance: Instance) => boolean) {
  return (instance: Instance) => one(instance) && other(instance)
}

function versionTest(range: unknown): (instance: Instance) => boolean {
  const test = typeof range === 'string' ? testOfRange(range) : undefined
  if (test === undefined) throw bad('version', 'must be a range of versions, such as "^2.1" or "1.x || 2.x"')
  return test
}

function preference(
  prefer: unknown,
  ownHost: () => string | undefined,
  failed: (error: unknown) => void,
): (instance: Instance) => boolean {
  if (prefer !== 'host') return labelTest('prefer', prefer, failed, ', or "host"')
  const own = `${ownHost()}:`
  return ({ endpoint }) => endpoint.startsWith(own)
}

function labelTest(
  argument: string,
  labels: unknown,
  failed: (error: unknown) => void,
  more = '',
): (instance: Instance) => boolean {
  if (typeof labels === 'function')
    return guarded(argument, labels as (instance: Instance) => unknown, failed)
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

/** It is called at any time of the call, where nobody else would catch what it throws. */
function guarded(
  argument: string,
  test: (instance: Instance) => unknown,
  failed: (error: unknown) => void,
): (instance: Instance) => boolean {
  let hasFailed = false
  return (instance) => {
    if (hasFailed) return false
    try {
      const is = test(instance)
      if (!isThenable(is)) return Boolean(is)
      handleRejection(is)
      throw bad(argument, 'must be a function that returns true or false, not a promise')
    } catch (error) {
      hasFailed = true
      failed(error)
      return false
    }
  }
}

function textOf(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')
}

function bad(argument: string, problem: string) {
  return sleuthError('SLEUTH_ARGUMENT', { argument, problem })
}
