// Small pieces that several views have.

import htm from './vendor/htm.mjs'
import { Component, h } from './vendor/preact.mjs'

export const html = htm.bind(h)

export const EMPTY = html`<p class="empty">No service is there yet. It appears here as soon as one starts.</p>`

/** Each level has a shape of its own, since not everybody sees its colour. */
export const SHAPES = {
  good: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z',
  none: 'M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3z',
  note: 'M8 2 15 14H1z',
  bad: 'M8 1l7 7-7 7-7-7z',
  away: 'M3 3l10 10M13 3 3 13',
}

export function Mark({ level }) {
  return html`<svg class="mark ${level}" viewBox="0 0 16 16" aria-hidden="true"><path d=${SHAPES[level]} /></svg>`
}

export function State({ level, words }) {
  return html`<span class="state"><${Mark} level=${level} /><span>${words}</span></span>`
}

/** Draws only if something that it was given is another. */
export class Pure extends Component {
  shouldComponentUpdate(next) {
    return Object.keys({ ...this.props, ...next }).some(
      (name) => name !== 'children' && next[name] !== this.props[name],
    )
  }
}

const WIDTH = 60
const HEIGHT = 18

/** The rate of the last minute. The number stands beside it. */
export function Spark({ values }) {
  if (values.length < 3) return null
  const top = Math.max(...values, 1)
  const points = values.map((value, i) => {
    const x = WIDTH - (values.length - 1 - i)
    return `${x},${(HEIGHT - 1 - (value / top) * (HEIGHT - 2)).toFixed(1)}`
  })
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true"><polyline points=${points.join(' ')} /></svg>`
}
