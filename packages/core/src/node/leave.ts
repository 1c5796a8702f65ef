import type { ZreNode } from '@sleuth/zre'
import type { Calls } from '../client/calls.js'
import type { Directory } from '../directory/directory.js'
import type { EventBus } from '../events/event-bus.js'
import { reasonOf, sleuthError } from '../shared/errors.js'
import { logProblem } from '../shared/log.js'
import type { CheckedOptions } from '../shared/options/options.js'
import { within } from '../shared/within.js'
import type { Sessions } from '../transport/streams/sessions.js'
import type { Logger } from '../types.js'
import type { JoinedParts } from './join-parts.js'
import type { WaitReporter } from './wait-report.js'
import type { ServiceWaiters } from './waits.js'

export interface Leaving {
  readonly node: ZreNode
  readonly options: CheckedOptions
  readonly log: Logger
  readonly bus: EventBus
  readonly joined: JoinedParts | undefined
  /** Milliseconds for which requests are still rejected, at least. */
  readonly graceTime: number
}

/** Tells callers to use other instances, and lets the requests in flight finish. It does not throw. */
export async function leaveNetwork({ node, options, log, bus, joined, graceTime }: Leaving): Promise<void> {
  try {
    node.leave(options.group)
  } catch (error) {
    logProblem(log, 'warn', sleuthError('SLEUTH_LEAVE', { why: reasonOf(error) }))
  }
  bus.leave()
  joined?.introductions?.leave()
  joined?.direct?.leave()
  joined?.readiness.close()
  if (joined?.server === undefined) return
  const { server, router } = joined
  const { drainTimeout } = options
  const grace = node.peers().length > 0 ? Math.min(graceTime, drainTimeout) : 0
  await Promise.all([server.drain(drainTimeout), router.caughtUp(drainTimeout), passed(grace)])
}

export interface Closing {
  readonly node: ZreNode
  readonly log: Logger
  readonly bus: EventBus
  readonly joined: JoinedParts | undefined
  readonly sessions: Sessions
  readonly directory: Directory
  readonly calls: Calls
  readonly waits: ServiceWaiters
  readonly waitReporter: WaitReporter
  /** Milliseconds that are left for what is on its way. */
  readonly timeLeft: () => number
}

/** The node has left: its calls and waits fail, what is on its way gets the time that is left, and all is closed. */
export async function closeParts(parts: Closing): Promise<void> {
  const { node, log, bus, joined, sessions, directory, calls, waits, waitReporter, timeLeft } = parts
  waitReporter.close()
  waits.rejectAll(() => sleuthError('SLEUTH_CLOSED', {}, { codes: [935, 936] }))
  calls.close((mayHaveRun) => sleuthError('SLEUTH_CLOSED', {}, { codes: [935, 934], mayHaveRun }))
  await within(timeLeft(), bus.drained())
  await sessions.drained(timeLeft())
  sessions.force()
  await joined?.direct?.close()
  joined?.router.close()
  joined?.introductions?.close()
  joined?.introspection.close()
  bus.close()
  sessions.close({ type: 'closed' })
  directory.clear('closed')
  try {
    await node.close()
  } catch (error) {
    logProblem(log, 'warn', sleuthError('SLEUTH_WARN_CLOSE', { why: reasonOf(error) }))
  }
  log.info({ id: node.id }, 'sleuth: left')
}

async function passed(time: number): Promise<void> {
  if (time > 0) await new Promise((resolve) => setTimeout(resolve, time))
}
