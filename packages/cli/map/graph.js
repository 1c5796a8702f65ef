import { calls, milliseconds, rate, share } from './format.js'
import { HEIGHT, Layout } from './layout.js'
import { EMPTY, html, Pure, SHAPES } from './parts.js'
import { round } from './paths.js'
import { Component, createRef } from './vendor/preact.mjs'

/** With more calls than this, only those of the chosen service have labels. */
const LABELLED = 24
/** With more calls than this, those that work are one pale shape: each as an element of its own would be slow. */
const CROWD = 150
/** The most calls of the list below, and the most dots of a service. */
const LISTED = 50
const DOTS = 12
const NARROW = 600

/** It stays where it was when somebody comes back to this view. */
const layout = new Layout()

export class Graph extends Component {
  state = { chosen: '' }
  svg = createRef()

  componentDidMount() {
    this.resized = () => this.forceUpdate()
    addEventListener('resize', this.resized)
    this.#arrange()
  }

  componentDidUpdate() {
    this.#arrange()
  }

  componentWillUnmount() {
    removeEventListener('resize', this.resized)
    cancelAnimationFrame(this.frame)
  }

  render({ store }, { chosen }) {
    const services = store.services()
    if (services.length === 0) return EMPTY
    // A call may be told before the services that it is between.
    const edges = store
      .all('e')
      .filter(({ row: { from, to } }) => store.has(to) && (from === 0 || store.has(from)))
    const nodes = edges.some(({ row }) => row.from === 0) ? [callers(store), ...services] : services
    layout.sync(nodes, edges, innerWidth < NARROW)
    const near = (key) =>
      chosen === '' || key === chosen || edges.some(({ row }) => isOf(row, chosen) && isOf(row, key))
    const labelled = edges.length <= LABELLED
    const crowd = edges.length > CROWD && chosen === ''
    const drawn = crowd ? edges.filter(({ row }) => row.failed > 0) : edges
    return html`
      <p class="choose"><label>Show the calls of <select value=${chosen} onChange=${(event) => this.#choose(event.target.value)}>
        <option value="">all services</option>
        ${services.map(({ key, row }) => html`<option key=${key} value=${key}>${row.name}</option>`)}
      </select></label></p>
      <svg ref=${this.svg} class="graph" onClick=${(event) => this.#click(event.target.closest('.node'))} role="img" aria-label="Who calls whom" aria-describedby="calls">
        <defs>${['', 'failed'].map(
          (name) => html`<marker id="arrow${name}" class=${name} viewBox="0 0 8 8" refX="7" refY="4"
          markerUnits="userSpaceOnUse" markerWidth="9" markerHeight="9" orient="auto"><path d="M0 0 8 4 0 8z" /></marker>`,
        )}</defs>
        ${crowd && html`<path class="crowd" />`}
        ${drawn.map(
          ({ key, row }) => html`<${Call} key=${key} row=${row} id=${key}
          faded=${chosen !== '' && !isOf(row, chosen)} label=${chosen === '' ? labelled : isOf(row, chosen)} />`,
        )}
        ${nodes.map(({ key, row, instances }) => {
          const dots = instances.map(({ row }) => (row.here ? row.level : 'away')).join(' ')
          return html`<${Node} key=${key} id=${key} name=${row.name} level=${row.level} dots=${dots} faded=${!near(key)} />`
        })}
      </svg>
      <${Calls} edges=${edges.filter(({ row }) => chosen === '' || isOf(row, chosen))} store=${store} />
    `
  }

  #choose(chosen) {
    this.setState({ chosen })
  }

  #click(node) {
    const { key } = node?.dataset ?? {}
    if (key !== '0') this.#choose(key === undefined || key === this.state.chosen ? '' : key)
  }

  /** Nodes move without the page being drawn anew: only what moves is written. */
  #arrange() {
    const svg = this.svg.current
    if (svg === null) return
    cancelAnimationFrame(this.frame)
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) this.#settle(svg)
    else this.#frame(svg)
  }

  #frame(svg) {
    const moving = layout.step()
    place(svg)
    if (moving) this.frame = requestAnimationFrame(() => this.#frame(svg))
  }

  /** Nothing is seen to move: all steps are made, some in each frame, and then everything is at its place. */
  #settle(svg) {
    if (layout.step()) this.frame = requestAnimationFrame(() => this.#settle(svg))
    else place(svg)
  }
}

function place(svg) {
  const nodes = new Map(layout.nodes.map((node) => [node.key, node]))
  for (const element of svg.querySelectorAll('.node')) {
    const { x, y, width } = nodes.get(element.dataset.key)
    write(element, 'transform', `translate(${round(x - width / 2)} ${round(y - HEIGHT / 2)})`)
  }
  const paths = layout.paths
  for (const element of svg.querySelectorAll('.call')) {
    const { d, x, y } = paths.get(element.dataset.key)
    const [line, label] = element.children
    write(line, 'd', d)
    if (label) write(label, 'transform', `translate(${round(x)} ${round(y)})`)
  }
  const crowd = svg.querySelector('path.crowd')
  if (crowd !== null) write(crowd, 'd', [...paths.values()].map(({ d }) => d).join(''))
  const { left, top, width, height } = layout.box
  write(svg, 'viewBox', [left, top, width, height].map(Math.round).join(' '))
  write(svg, 'width', String(Math.round(width)))
}

function write(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value)
}

function isOf(row, key) {
  return String(row.from) === key || String(row.to) === key
}

function callers(store) {
  const { nodes = [] } = store.rows.get('s:0') ?? {}
  return { key: '0', row: { name: nodes.length === 1 ? nodes[0] : 'callers', level: 'none' }, instances: [] }
}

class Node extends Pure {
  render({ id, name, level, dots, faded }) {
    const levels = dots === '' ? [] : dots.split(' ')
    const more = levels.splice(DOTS).length
    return html`<g class=${`node ${level} ${faded ? 'faded' : ''} ${id === '0' ? 'callers' : ''}`} data-key=${id}>
      <rect width=${layout.widthOf(id)} height=${HEIGHT} rx="8" />
      <text x="16" y="24" class="name">${shortened(name)}</text>
      ${id === '0' && html`<text x="16" y="42" class="quiet">offers no service</text>`}
      ${levels.map((level, i) => html`<path class=${`dot ${level}`} d=${SHAPES[level]} transform=${`translate(${14 + i * 15} 34) scale(.8)`} />`)}
      ${more > 0 && html`<text x=${18 + DOTS * 15} y="44" class="quiet">+${more}</text>`}
    </g>`
  }
}

function shortened(name) {
  return name.length > 28 ? `${name.slice(0, 27)}…` : name
}

class Call extends Pure {
  render({ id, row, faded, label }) {
    const failed = row.failed > 0
    const width = 1 + Math.min(4, Math.log10(1 + (row.rate ?? 0)))
    return html`<g class=${`call ${failed ? 'failed' : ''} ${faded ? 'faded' : ''} ${row.rate === 0 ? 'still' : ''}`} data-key=${id}>
      <path stroke-width=${round(width)} marker-end=${failed ? 'url(#arrowfailed)' : 'url(#arrow)'} />
      ${label && row.rate > 0 && html`<text>${rate(row.rate)}/s${failed && html`<tspan x="0" dy="14">${share(row.failed)} fail</tspan>`}</text>`}
    </g>`
  }
}

/** Those that fail come first, and then the most. Rates that are about the same count the same, so that the list stands still. */
function weight({ rate = 0, failed = 0 }) {
  return Math.round(Math.log2(1 + rate)) + (failed > 0 ? 100 + Math.round(Math.log2(1 + rate * failed)) : 0)
}

/** The same as words: for those who do not see the picture, and for exact figures. */
function Calls({ edges, store }) {
  const sorted = edges.sort((a, b) => weight(b.row) - weight(a.row) || a.key.localeCompare(b.key))
  const title = html`<h2 id="calls">${edges.length === 0 ? 'Nobody has called yet' : 'Calls'}</h2>`
  if (edges.length === 0) return title
  return html`${title}
    <ul class="calls">${sorted.slice(0, LISTED).map(
      ({ key, row }) => html`<li key=${key}>
      <span><b>${store.nameOf(row.from)}</b> ${row.from === 0 ? 'call' : 'calls'} <b>${store.nameOf(row.to)}</b></span>
      <span class=${row.failed > 0 ? 'failed' : ''}>${calls(row)}${row.p95 !== undefined && html`<span class="quiet">, slow ones ${milliseconds(row.p95)}</span>`}</span>
    </li>`,
    )}</ul>
    ${edges.length > LISTED && html`<p class="quiet">And ${edges.length - LISTED} more.</p>`}`
}
