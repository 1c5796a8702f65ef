import { satisfies } from 'semver'
import { isIdempotent } from '#src/client/retry-policy.js'
import { Place } from '#src/server/admission.js'
import { SleuthError } from '#src/shared/errors.js'
import type { Slab } from '#src/shared/slab.js'
import { SMALL_BODY } from '#src/transport/streams/stream-host.js'
import type { CallRecord } from './call.js'
import type { Life } from './life.js'
import type { Process } from './process.js'

/** Milliseconds by which a timer may be late, and those that a grace, a settling and a farewell take in `close`. */
const TICK_MS = 3
const CLOSING_MS = 100 + 50 + 10 + 40

/** Bytes of a body that are sent at once, however little is known of the way: the least congestion window. */
const AT_ONCE = 64 * 1024

/** What must hold when all that was begun must have come to its end. */
export function judge(life: Life): string[] {
  const { world, calls } = life
  const found = [...world.violations]
  const say = (what: string): void => void found.push(what)
  for (const call of calls.values()) judgeCall(call, life, say)
  const living = world.processes.filter(({ gone, closingAt }) => !gone && closingAt === Infinity)
  for (const process of world.processes) {
    if (!process.joined) say(`${process.name} never came`)
    else if (!process.gone) judgeProcess(process, living, say)
  }
  for (const { id, violations } of world.network.nodes)
    for (const what of violations) say(`node ${id}: ${what}`)
  return found
}

function judgeCall(call: CallRecord, life: Life, say: (what: string) => void): void {
  const { plan, caller, runs, at, settledAt, error } = call
  const runsSeen = runs.length
  for (const { process } of runs)
    if (!isMeant(process, call) && !process.isHeir)
      say(`${call} ran at ${process.name}, which does not match`)
  if (runsSeen > 1 && !call.mayRunTwice) say(`${call} ran ${runsSeen} times`)
  const ownError = error instanceof SleuthError
  if (ownError && !error.mayHaveRun && runsSeen > 0)
    say(`${call} ran, and failed with ${error.code} as if it had not`)
  for (const { process, closed } of runs)
    if (!process.gone && !closed) say(`${call} is open for ever at ${process.name}`)
  if (caller.gone) return
  if (!call.over) {
    say(`${call} never ended`)
    return
  }
  if (call.handled && runsSeen === 0) say(`${call} was answered, and never ran`)
  if (error !== undefined && !ownError && plan.abortAfter === undefined)
    say(`${call} failed with ${String(error)}`)
  const limit = plan.timeout + caller.stalledWithin(at, settledAt) + TICK_MS
  if (!plan.lean && settledAt - at > limit) say(`${call} was settled after ${(settledAt - at).toFixed(1)} ms`)
  const why = call.error instanceof SleuthError ? call.error.code : `${call.error ?? call.status}`
  if (!(call.handled && error === undefined) && isPromised(call, life)) say(`${call} failed with ${why}`)
}

/**
 * Whether an answer is promised: at most two instances were in trouble while the call lasted, and one that was known before
 * was not. For what is not idempotent, no other trouble than that they were leaving.
 */
function isPromised(call: CallRecord, life: Life): boolean {
  const { plan, caller, at, overAt } = call
  if (plan.act !== 'early' && plan.act !== 'whole') return false
  if (plan.delay > 20 || plan.timeout < 500 || plan.retry !== undefined) return false
  if (plan.abortAfter !== undefined || plan.cancels || (plan.body !== 'none' && plan.body !== 'bytes'))
    return false
  if (life.options.narrow || caller.closingAt <= overAt || caller.stalledWithin(at - 200, overAt) > 0)
    return false
  if (life.storms.some(({ from, to }) => from <= overAt && to > at)) return false
  const { retries, hedges } = caller.sleuth.stats()
  if (retries + hedges > 90) return false
  const offered = life.world.processes.filter(
    (process) =>
      process.service === plan.service &&
      process.joined &&
      isMeant(process, call) &&
      caller.instances.get(process.id)?.some(({ from, to }) => from < overAt && to >= at),
  )
  const bad = offered.filter((process) => !isSound(process, call))
  const sound = offered.some((process) => !bad.includes(process) && call.known.includes(process.id))
  if (!sound || bad.length > 2) return false
  // A call waits two thirds of its time limit for an instance that reads nothing, and a third for a host that has vanished:
  // one that reads nothing and another of either kind leave no time for a third instance.
  const standing = bad.filter((process) => process.stalledWithin(at - 200, overAt) > 0)
  const mute = bad.filter((process) => process.vanished || standing.includes(process))
  if (standing.length > 0 && mute.length > 1) return false
  // Nor for what takes the way to it more than once.
  if (standing.length > 0 && Math.max(plan.size, plan.bodySize) > AT_ONCE) return false
  // An answer that does not come with its head may be cut off: its reader is told, and nobody else is asked.
  if (plan.size > SMALL_BODY && call.runs.some((run) => bad.includes(run.process))) return false
  return isIdempotent(plan.method) || bad.every((process) => isLeaving(process, call))
}

/** Whether the call may go there. */
function isMeant({ place }: Process, { plan }: CallRecord): boolean {
  const { where, version } = plan.select
  return (
    (where === undefined || place.zone === where.zone) &&
    (version === undefined || satisfies(place.version, version))
  )
}

function isSound(process: Process, { at, overAt, caller }: CallRecord): boolean {
  return (
    !process.limited &&
    process.closingAt > overAt &&
    process.goneAt > overAt &&
    process.stalledWithin(at - 200, overAt) === 0 &&
    process.troubledUntil < at &&
    caller.instances.get(process.id)?.some(({ from, to }) => from <= at && to >= overAt) === true
  )
}

/** In trouble only since it is closing, as it should, with time enough for what it has begun. */
function isLeaving(process: Process, { at, overAt, caller }: CallRecord): boolean {
  // A node of Go is an instance without its group, so whoever meets one that leaves can't tell. Go itself leaves at once.
  const metLate = caller.instances.get(process.id)?.some(({ from }) => from >= process.closingAt)
  return (
    !(process.go && metLate) &&
    process.closingAt <= overAt &&
    process.drainTimeout >= 500 &&
    process.goneAt > overAt &&
    process.stalledWithin(at - 2000, overAt + 2000) === 0
  )
}

function judgeProcess(process: Process, living: readonly Process[], say: (what: string) => void): void {
  const { name, sleuth, slots, timers, closingAt, closedAt } = process
  if (closingAt !== Infinity) {
    if (closedAt === Infinity) say(`${name} never closed`)
    const limit = process.drainTimeout + CLOSING_MS + process.stalledWithin(closingAt, closedAt)
    if (closedAt - closingAt > limit) say(`${name} closed after ${(closedAt - closingAt).toFixed(1)} ms`)
  } else {
    const seen = sleuth.services().flatMap(({ instances }) => instances.map(({ id }) => id))
    const there = living
      .filter((other) => other !== process && other.service !== undefined)
      .map(({ id }) => id)
    if (seen.sort().join() !== there.sort().join()) say(`${name} sees ${seen}, and there are ${there}`)
  }
  const { calls, answers, errors, pending, inflight, abandoned } = sleuth.stats()
  if (pending > 0) say(`${name} has ${pending} calls pending`)
  const failed = Object.values(errors).reduce((sum, count) => sum + count, 0)
  if (calls !== answers + failed)
    say(`${name} counts ${calls} calls, ${answers} answers and ${failed} failures`)
  if (inflight !== abandoned) say(`${name} has ${inflight} requests in hand, ${abandoned} of them abandoned`)
  for (const slot of slots)
    if (slot.size > 0 && !isAbandoned(slot))
      say(`${name} holds on to ${slot.size} of ${kindOf(slot.all()[0])}`)
  for (const { pending, instance } of process.members)
    if (pending !== 0) say(`${name} counts ${pending} calls at ${instance.id}`)
  const kept = [...timers].filter(({ refed, setting }) => refed && setting > 0)
  if (kept.length > 0) say(`${name} is kept alive by ${kept.length} timers`)
  for (const error of process.errors) {
    if ((error as Error).message !== 'as planned')
      say(`${name} logged ${String((error as Error).stack ?? error)}`)
  }
}

/** What must hold when those who were left have closed: none had anything to wait for. */
export function judgeEnd({ world }: Life): string[] {
  return world.processes.flatMap(({ name, gone, closingAt, closedAt }) => {
    const took = closedAt - closingAt
    return gone || closedAt < world.now - 3000 || took <= CLOSING_MS
      ? []
      : [`${name} took ${took} ms to close`]
  })
}

/** The place of a handler that gives no sign is free after 30 s at the latest: later than this is asked. */
function isAbandoned(slot: Slab<unknown>): boolean {
  return slot.all()[0] instanceof Place
}

function kindOf(item: unknown): string {
  return (item as object).constructor.name
}
