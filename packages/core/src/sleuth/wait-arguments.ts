import { loadFor, selectorOf } from '../client/selection.js'
import type { Awaited } from '../node/waits.js'
import { sleuthError } from '../shared/errors.js'
import { isServiceName } from '../shared/names.js'
import type { AwaitedService, WaitOptions } from '../types.js'

export type AwaitedInput = string | AwaitedService | readonly (string | AwaitedService)[]

const entryNames: readonly string[] = ['service', 'version', 'where']

/** The argument of `waitFor`, as a list. */
export function awaitedList(input: AwaitedInput): readonly AwaitedService[] {
  const list = (Array.isArray(input) ? input : [input]) as readonly (string | AwaitedService)[]
  return list.map((entry) => (typeof entry === 'string' ? { service: entry } : entry)).map(checked)
}

function checked(entry: AwaitedService): AwaitedService {
  const isObject = typeof entry === 'object' && entry !== null && !Array.isArray(entry)
  // An unknown option may be a misspelt one, without which the wait would end too soon.
  const isKnown = isObject && Object.keys(entry).every((name) => entryNames.includes(name))
  if (isKnown && typeof entry.service === 'string' && isServiceName(entry.service)) return entry
  throw sleuthError('SLEUTH_ARGUMENT', {
    argument: 'services',
    problem:
      'must be the name of a service, such as "article-service", an object with service, version and where, or a list of these',
  })
}

/** Undefined: all that `awaitedOf` needs is there. */
export function loadForAll(list: readonly AwaitedService[]): Promise<void> | undefined {
  return list.map(loadFor).find((loading) => loading !== undefined)
}

/** Call `loadForAll` before. */
export function awaitedOf({ service, version, where }: AwaitedService): Awaited {
  if (version === undefined && where === undefined) return { service, selector: undefined, says: service }
  const selector = selectorOf({ version, where }, () => undefined)
  return { service, selector, says: `${service} (${selector.says})` }
}

const optionNames: readonly string[] = ['timeout', 'signal']

/** A number is the timeout. An unknown option may be a misspelt timeout, with which the wait would have no end. */
export function waitOptions(given: WaitOptions | number | null | undefined): WaitOptions {
  if (given === undefined || given === null) return {}
  if (typeof given === 'number') return { timeout: given }
  // A signal has no own fields, so it would make a wait without end.
  const isOptions = typeof given === 'object' && !('aborted' in given)
  if (isOptions && Object.keys(given).every((name) => optionNames.includes(name))) return given
  const problem = 'must be a number of milliseconds, or an object with nothing but timeout and signal'
  throw sleuthError('SLEUTH_ARGUMENT', { argument: 'options', problem })
}
