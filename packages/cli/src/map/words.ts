// What the page says, for people who have read no documentation.

import type { DownReason, PeerState } from '@sleuth/core'

/** How bad a state is. `none`: nothing is known that is good or bad. */
export type Level = 'good' | 'none' | 'note' | 'bad'

export interface State {
  readonly level: Level
  readonly words: string
}

const WORST: readonly Level[] = ['good', 'none', 'note', 'bad']

export function worst(levels: readonly Level[]): Level {
  return levels.reduce((a, b) => (WORST.indexOf(b) > WORST.indexOf(a) ? b : a), 'good')
}

const REASONS: Partial<Record<DownReason, string>> = {
  left: 'stopped on purpose',
  stopped: 'stopped on purpose',
  closed: 'this map has left the network',
  lost: 'killed, crashed or cut off',
  expired: 'silent for too long',
  restarted: 'started its connection anew',
  broken: 'broke the protocol',
  replaced: 'another program took its address',
}

/** Why an instance went, as the rest of a sentence: “gone: …”. */
export function reasonOf(reason: DownReason): string {
  return REASONS[reason] ?? reason
}

/** True if nobody has to look: it was to go, or it is back at once. */
export function isOrderly(reason: DownReason): boolean {
  return reason === 'left' || reason === 'stopped' || reason === 'closed' || reason === 'restarted'
}

const REACH: Partial<Record<PeerState, string>> = {
  unreachable: 'is heard, but no connection to it can be made',
  unanswered: 'takes our connection, but makes none to us',
  refused: 'does not accept our key',
}

/** What is wrong with a node that was heard and is not met. Undefined if nothing is. */
export function troubleOf(state: PeerState): string | undefined {
  return REACH[state]
}

/** The sign does not go to another line than the number. */
export function percent(share: number): string {
  const value = share * 100
  if (value > 0 && value < 1) return 'less than 1\u00a0%'
  return `${Math.round(value)}\u00a0%`
}

export function perSecond(rate: number): string {
  if (rate > 0 && rate < 0.1) return 'less than one in 10 s'
  const n = rate < 10 ? Number(rate.toFixed(1)) : Math.round(rate).toLocaleString('en')
  return `${n} a second`
}

export function plural(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}
