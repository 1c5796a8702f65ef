// Where the services of the graph are. A few stand in columns, callers before those that they call; many find their places
// freely. No DOM.

import { apart } from './apart.js'
import { pathsOf } from './paths.js'
import { ranksOf } from './ranks.js'
import {
  forceCollide,
  forceLink,
  forceManyBody,
  forceSimulation,
  forceX,
  forceY,
} from './vendor/d3-force.mjs'

export const HEIGHT = 58
const LETTER = 7.6
const [NARROWEST, WIDEST] = [136, 270]
/** Between columns, there is a label on each call. Rows of a narrow page are nearer to each other. */
const BETWEEN = { columns: 110, rows: 70 }
/** What a call takes that passes a column on its way to a further one. */
const PASSAGE = 44
/** With more services than this there are no columns. */
const IN_COLUMNS = 14
/** The most steps of one frame: a slow machine draws the rest later. */
const STEPS = 4
const STILL = 0.01
const MARGIN = 28

export class Layout {
  nodes = []
  #edges = []
  /** Where calls pass a column, by the call. */
  #passages = new Map()
  #places = new Map()
  #columns = true
  /** Whether the page is narrow: columns become rows. */
  #narrow = false
  #simulation = forceSimulation([]).stop()
  #shape = ''

  /** Takes over what is there now. Places are kept; something new or gone moves the others. */
  sync(services, edges, narrow) {
    const shape = JSON.stringify([
      narrow,
      services.map(({ key, row }) => [key, row.name]),
      edges.map(({ key }) => key),
    ])
    if (shape === this.#shape) return
    const first = this.#shape === ''
    this.#shape = shape
    this.#narrow = narrow
    this.#columns = services.length <= IN_COLUMNS
    this.#place(services, edges)
    this.#forces()
    this.#simulation.alpha(first ? 1 : 0.5)
  }

  get moving() {
    return this.#simulation.alpha() > STILL
  }

  /** One frame. False if nothing moves any more. */
  step(steps = STEPS) {
    for (let i = 0; i < steps && this.moving; i++) this.#simulation.tick()
    return this.moving
  }

  widthOf(key) {
    return this.nodes.find((node) => node.key === key)?.width ?? NARROWEST
  }

  /** The path of each call, and where its label is. */
  get paths() {
    return pathsOf(
      this.nodes,
      this.#edges,
      this.#passages,
      this.#columns ? (this.#narrow ? 'down' : 'right') : 'free',
    )
  }

  /** What has to be seen. */
  get box() {
    const all = [...this.nodes, ...[...this.#passages.values()].flat()]
    const xs = all.flatMap(({ x, width }) => [x - width / 2, x + width / 2])
    const ys = all.flatMap(({ y, height }) => [y - height / 2, y + height / 2])
    const [left, top] = [Math.min(...xs) - MARGIN, Math.min(...ys) - MARGIN]
    return { left, top, width: Math.max(...xs) + MARGIN - left, height: Math.max(...ys) + MARGIN - top }
  }

  #place(services, edges) {
    const known = new Map(this.nodes.map((node) => [node.key, node]))
    const ranks = ranksOf(services, edges)
    this.nodes = services.map(({ key, row }) => {
      const width = Math.max(NARROWEST, Math.min(WIDEST, row.name.length * LETTER + 36))
      return Object.assign(known.get(key) ?? { key }, { rank: ranks.get(key), width, height: HEIGHT })
    })
    const nodes = new Map(this.nodes.map((node) => [node.key, node]))
    this.#edges = edges.map(({ key, row }) => ({
      key,
      from: nodes.get(String(row.from)),
      to: nodes.get(String(row.to)),
    }))
    this.#edges = this.#edges.filter(({ from, to }) => from !== undefined && to !== undefined)
    this.#places = placesOf(this.nodes, this.#narrow)
    const passages = new Map(
      this.#edges.map((edge) => [edge.key, this.#columns ? this.#passagesOf(edge) : []]),
    )
    this.#passages = passages
  }

  #passagesOf({ key, from, to }) {
    const known = this.#passages.get(key) ?? []
    return Array.from({ length: Math.max(0, to.rank - from.rank - 1) }, (_, i) => {
      const start = (from[this.#narrow ? 'x' : 'y'] ?? 0) + PASSAGE
      const place = this.#narrow ? { x: start } : { y: start }
      return { ...place, ...known[i], rank: from.rank + 1 + i, width: PASSAGE, height: PASSAGE }
    })
  }

  #forces() {
    const [along, across] = this.#narrow ? ['y', 'x'] : ['x', 'y']
    const all = [...this.nodes, ...[...this.#passages.values()].flat()]
    for (const node of all) {
      delete node.fx
      delete node.fy
      if (this.#columns) node[along] = node[`f${along}`] = this.#places.get(node.rank)
    }
    const size = this.#narrow ? 'width' : 'height'
    const links = this.#edges.flatMap(({ key, from, to }) => chainOf([from, ...this.#passages.get(key), to]))
    const simulation = this.#simulation.nodes(all).force('link', null)
    if (this.#columns) {
      const middle = across === 'x' ? forceX : forceY
      simulation
        .force('charge', forceManyBody().strength(-120).distanceMax(300))
        .force('collide', forceCollide((node) => node[size] / 2 + 9).strength(1))
        .force('link', forceLink(links).distance(0).strength(0.12))
        .force('x', middle(0).strength(0.05))
        .force('y', null)
    } else {
      simulation
        .force('charge', forceManyBody().strength(-900))
        .force('collide', apart())
        .force(
          'link',
          forceLink(links)
            .distance(240)
            .strength(1 / (4 + links.length / all.length)),
        )
        .force('x', forceX(0).strength(this.#narrow ? 0.2 : 0.04))
        .force('y', forceY(0).strength(this.#narrow ? 0.04 : 0.2))
    }
  }
}

function chainOf(nodes) {
  const links = nodes.slice(1).map((target, i) => ({ source: nodes[i], target }))
  return links.filter(({ source, target }) => source !== target)
}

/** The middle of each column, or of each row on a narrow page. */
function placesOf(nodes, narrow) {
  const places = new Map()
  const last = Math.max(0, ...nodes.map(({ rank }) => rank))
  let at = 0
  for (let rank = 0; rank <= last; rank++) {
    const widest = Math.max(0, ...nodes.filter((node) => node.rank === rank).map(({ width }) => width))
    const size = narrow ? HEIGHT : widest
    places.set(rank, at + size / 2)
    at += size + (narrow ? BETWEEN.rows : BETWEEN.columns)
  }
  return places
}
