import { sleuthError } from '../shared/errors.js'
import type { FetchOptions } from '../types.js'

const none: FetchOptions = Object.freeze({})

const names: readonly string[] = ['timeout', 'retry', 'waitFor', 'inherit', 'decompress']

/** What `fetch` was given as `init.sleuth`. The values are checked where they are used. */
export function ownOptions(given: unknown): FetchOptions {
  if (given === undefined || given === null) return none
  if (typeof given !== 'object' || Array.isArray(given))
    throw badOptions(`must be an object with any of ${names.join(', ')}`)
  for (const name of Object.keys(given)) {
    if (!names.includes(name))
      throw badOptions(`has no option "${name}": the options are ${names.join(', ')}`)
  }
  return given
}

function badOptions(problem: string) {
  return sleuthError('SLEUTH_ARGUMENT', { argument: 'init.sleuth', problem })
}
