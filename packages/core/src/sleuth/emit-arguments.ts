import { hasHeader, RequestHeaders } from '../client/headers.js'
import { Emission } from '../events/emission.js'
import type { EventListener, SubscribeArguments } from '../events/own-subscription.js'
import type { Recipients } from '../events/subscribers.js'
import { patternProblem, topicProblem } from '../events/topic.js'
import { checkSignal } from '../shared/abort.js'
import { sleuthError } from '../shared/errors.js'
import { isServiceName } from '../shared/names.js'
import { isTimeout, timeoutProblem } from '../shared/options/values.js'
import type { EmitOptions, SubscribeOptions } from '../types.js'

const emitNames: readonly string[] = ['to', 'headers', 'waitFor', 'signal', 'inherit']

/** The most events of a listener that have not settled, unless it says otherwise. */
const CONCURRENCY = 1000

/** Checks what `emit` is given. `inherited`: headers that it takes over unless it has its own. Throws `SLEUTH_ARGUMENT`. */
export function emitArguments(
  topic: string,
  data: unknown,
  given: EmitOptions | null | undefined,
  inherited: readonly string[],
): Emission {
  const problem = topicProblem(topic)
  if (problem !== undefined) throw wrong('topic', problem)
  const options = given ?? {}
  checkOptions(options, emitNames)
  const { waitFor = 0 } = options
  if (waitFor !== 0 && !isTimeout(waitFor)) throw wrong('waitFor', timeoutProblem)
  const signal = checkSignal(options.signal)
  if (signal?.aborted) throw signal.reason
  return new Emission({
    topic,
    data,
    to: recipients(options.to),
    headers: headersOf(options.headers, inherited),
    waitFor,
    signal,
  })
}

function headersOf(given: EmitOptions['headers'], inherited: readonly string[]): readonly string[] {
  if (given === undefined) return inherited
  const { fields } = RequestHeaders.given(given)
  return [...fields, ...inherited.filter((_, at) => !hasHeader(fields, inherited[at - (at % 2)] as string))]
}

function recipients(to: EmitOptions['to']): Recipients {
  if (to === undefined) return 'each'
  if (to === 'all') return 'all'
  if (to === 'each') return 'each'
  const names: readonly unknown[] = Array.isArray(to) ? to : [to]
  if (names.length > 0 && names.every((name) => typeof name === 'string' && isServiceName(name)))
    return new Set(names as string[])
  throw wrong('to', 'must be "each", "all", the name of a service, or a list of names')
}

/** Checks what `subscribe` is given. Throws `SLEUTH_ARGUMENT`. */
export function subscribeArguments(
  pattern: string,
  listener: unknown,
  given: SubscribeOptions | null | undefined,
): SubscribeArguments {
  const problem = patternProblem(pattern)
  if (problem !== undefined) throw wrong('pattern', problem)
  if (typeof listener !== 'function') throw wrong('listener', 'must be a function (event)')
  const options = given ?? {}
  checkOptions(options, ['concurrency'])
  const { concurrency = CONCURRENCY } = options
  if (!(concurrency >= 1 && (Number.isInteger(concurrency) || concurrency === Number.POSITIVE_INFINITY)))
    throw wrong('concurrency', 'must be a whole number of events, at least 1, or Infinity for no limit')
  return { pattern, listener: listener as EventListener, concurrency }
}

function checkOptions(options: object, names: readonly string[]): void {
  const isFit = typeof options === 'object' && Object.keys(options).every((name) => names.includes(name))
  if (!isFit) throw wrong('options', `must be an object with nothing but ${names.join(', ')}`)
}

function wrong(argument: string, problem: string) {
  return sleuthError('SLEUTH_ARGUMENT', { argument, problem })
}
