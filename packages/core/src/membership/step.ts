import { replaceSelf } from './entries.js'
import { onAlive, onAnswered, onGone, onKnow } from './hear.js'
import { onLinked, onUnlinked, onUnreached } from './link.js'
import { flushNews, flushRenewals, tell } from './news.js'
import { onPart } from './part.js'
import { takeBytes } from './quota.js'
import { type Description, describesSame, nextIncarnation } from './record.js'
import { showTouched } from './shown.js'
import { drop, type MembershipState } from './state.js'
import { buryDue, sweepDue } from './sweep.js'
import { onDigest, onHave, onWant, sendOwedDigests, syncDue } from './sync.js'
import type { Effect, Input } from './types.js'
import { greetDue, onSubscribes, onUsed, review, reviewLinks, reviewMode } from './wanted.js'

/** Takes an input and the time, changes the state, and returns the effects. Pure: no socket, no timer. */
export function step(state: MembershipState, input: Input, now: number): Effect[] {
  const effects = handle(state, input, now)
  reviewMode(state, now)
  effects.push(...showTouched(state))
  return effects
}

function handle(state: MembershipState, input: Input, now: number): Effect[] {
  switch (input.type) {
    case 'tick':
      return onTick(state, now)
    case 'flush':
      state.flushAt = Math.min(state.flushAt, now)
      return flushNews(state, now)
    case 'linked':
      return onLinked(state, input, now)
    case 'unlinked':
      return onUnlinked(state, input.id, input.gone, now)
    case 'answered':
      return onAnswered(state, input.id, now)
    case 'unreached':
      onUnreached(state, input.id)
      return []
    case 'message':
      return onMessage(state, input, now)
    case 'self':
      return onSelf(state, input.self, now)
    case 'subscribes':
      onSubscribes(state, input.subscribes, now)
      return []
    case 'used':
      onUsed(state, input.service, now)
      return []
  }
}

/** When `tick` has something to do next. */
export function dueAt(state: MembershipState): number {
  const [suspect] = state.suspects.values()
  return Math.min(
    suspect?.until ?? Number.POSITIVE_INFINITY,
    state.flushAt,
    state.renewAt,
    state.reviewAt,
    state.greetAt,
    state.digestAt,
    state.syncAt,
    state.sweepAt,
  )
}

function onTick(state: MembershipState, now: number): Effect[] {
  const effects = [...buryDue(state, now), ...sweepDue(state, now)]
  reviewLinks(state, now)
  effects.push(...greetDue(state, now), ...sendOwedDigests(state, now), ...syncDue(state, now))
  effects.push(...flushNews(state, now), ...flushRenewals(state, now))
  return effects
}

function onMessage(state: MembershipState, input: Input & { type: 'message' }, now: number): Effect[] {
  const { from, message, size, invalid } = input
  const link = state.links.get(from)
  // It was on its way when the link was closed.
  if (link === undefined) return []
  if (!takeBytes(link.quota, size, now)) return [drop('membership-quota', from)]
  link.hasSpoken = true
  if (!link.speaks) {
    link.speaks = true
    state.contacts = undefined
  }
  const effects: Effect[] = invalid > 0 ? [drop('membership-record', from)] : []
  switch (message.type) {
    case 'know':
      effects.push(...onKnow(state, link, message.told, now))
      break
    case 'gone':
      effects.push(...onGone(state, link, message.gone, now))
      break
    case 'alive':
      effects.push(...onAlive(state, message.renewals, now))
      break
    case 'digest':
      effects.push(...onDigest(state, link, message.digest, now))
      break
    case 'have':
      effects.push(...onHave(state, link, message.keys, now))
      break
    case 'want':
      effects.push(...onWant(state, link, message.keys, now))
      break
    case 'part':
      effects.push(...onPart(state, link, message.step, now))
  }
  return effects
}

function onSelf(state: MembershipState, self: Description, now: number): Effect[] {
  if (describesSame(state.self, self)) return []
  replaceSelf(state, { ...self, incarnation: nextIncarnation(state.self.incarnation) })
  tell(state, self.id, now)
  review(state, now)
  return []
}
