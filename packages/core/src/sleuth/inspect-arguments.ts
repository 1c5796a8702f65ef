import { subjects } from '../introspection/format.js'
import type { Inquiry } from '../introspection/inquiry.js'
import { checkSignal } from '../shared/abort.js'
import { sleuthError } from '../shared/errors.js'
import { isTimeout, timeoutProblem } from '../shared/options/values.js'
import type { InspectOptions, InspectSubject } from '../types.js'

/** Milliseconds that an answer may take by default. */
const INSPECT_MS = 2000

const names: readonly string[] = ['timeout', 'signal']

/** Checks what `inspect` is given. Throws `SLEUTH_ARGUMENT`. */
export function inspectArguments(
  peer: unknown,
  subject: InspectSubject,
  init: InspectOptions | null | undefined,
): Inquiry {
  if (typeof peer !== 'string' || peer === '')
    throw wrong('peer', 'must be the id of an instance or of a peer, as services() and peers() have it')
  if (!subjects.includes(subject)) throw wrong('subject', `must be one of ${subjects.join(', ')}`)
  const options = init ?? {}
  if (typeof options !== 'object' || !Object.keys(options).every((name) => names.includes(name)))
    throw wrong('options', 'must be an object with nothing but timeout and signal')
  const { timeout = INSPECT_MS, signal } = options
  if (!isTimeout(timeout)) throw wrong('timeout', timeoutProblem)
  return { peer, subject, timeout, signal: checkSignal(signal) ?? undefined }
}

function wrong(argument: string, problem: string) {
  return sleuthError('SLEUTH_ARGUMENT', { argument, problem })
}
