// Decides how an instance does, from its figures.

import { type Figures, figuresOf, share, type Window } from '../samples/figures.js'
import type { Sample } from '../samples/sample.js'
import { type Level, percent, type State } from './words.js'

/** The share of failed requests from which on an instance, or a service, is bad. Fewer are worth a note. */
export const BAD_SHARE = 0.05
/** An event loop that works for such a share of the time makes requests wait. */
const BUSY_SHARE = 0.9

/** Why there are no figures of an instance. */
export type Silence = 'waiting' | 'refused' | 'unable' | 'mute'

export interface Health {
  readonly state: State
  readonly figures: Figures | undefined
}

export function healthOf(window: Window, silence: Silence | undefined, ready: boolean): Health {
  const span = window.span
  const figures = span && figuresOf(span.before.served, span.after.served, span.ms)
  if (!ready) return { state: { level: 'note', words: 'not ready: it takes no calls now' }, figures }
  if (silence === 'mute')
    return { state: { level: 'note', words: 'does not answer the map' }, figures: undefined }
  if (silence === 'refused') return { state: quiet('keeps its figures to itself'), figures: undefined }
  if (silence === 'unable') return { state: quiet('up; sleuth for Go tells no figures'), figures: undefined }
  if (span === undefined || figures === undefined) return { state: quiet('up'), figures: undefined }
  const refused = ((span.after.refused - span.before.refused) * 1000) / span.ms
  return { state: stateOf(figures, refused, busyOf(span.before.loop, span.after.loop)), figures }
}

function stateOf({ rate, failed }: Figures, refused: number, busy: number): State {
  if (refused > 0) return { level: 'bad', words: 'overloaded: it turns requests away' }
  if (failed >= BAD_SHARE) return failing('bad', failed)
  if (busy >= BUSY_SHARE) return { level: 'note', words: `busy: it works ${percent(busy)} of the time` }
  if (failed > 0) return failing('note', failed)
  return { level: 'good', words: rate > 0 ? 'works' : 'idle' }
}

/** True if nothing else is wrong with it. The service says the same of all of them. */
export function onlyFails({ words }: State): boolean {
  return words.endsWith(FAILS)
}

const FAILS = 'of its answers fail'

function failing(level: Level, failed: number): State {
  return { level, words: `${percent(failed)} ${FAILS}` }
}

function busyOf(before: Sample['loop'], after: Sample['loop']): number {
  const active = after.active - before.active
  return share(active, active + after.idle - before.idle)
}

function quiet(words: string): State {
  return { level: 'none', words }
}
