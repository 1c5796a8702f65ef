import { bytes, count, milliseconds, rate, share } from './format.js'
import { html, State } from './parts.js'
import { Component, createRef } from './vendor/preact.mjs'

/** Milliseconds between two questions to the instance. */
const PAUSE = 3000

/** One instance: what it tells of itself. */
export class Drawer extends Component {
  dialog = createRef()
  state = { details: undefined }

  componentDidMount() {
    this.dialog.current.showModal()
    this.#ask()
  }

  componentWillUnmount() {
    clearTimeout(this.timer)
    this.away = true
  }

  async #ask() {
    try {
      const response = await fetch(`instance/${this.props.id}`)
      if (response.ok && !this.away) this.setState({ details: await response.json() })
    } finally {
      if (!this.away) this.timer = setTimeout(() => this.#ask().catch(() => {}), PAUSE)
    }
  }

  render({ id, store, close }, { details = {} }) {
    const row = store.all('i').find(({ row }) => row.id === id)?.row
    const { info = {}, stats = {}, links = {} } = details
    return html`<dialog ref=${this.dialog} class="drawer" aria-labelledby="drawer" onClose=${close}
      onClick=${(event) => event.target === this.dialog.current && this.dialog.current.close()}>
      <div>
        <form method="dialog"><button aria-label="Close">✕</button></form>
        <h2 id="drawer">${row?.name ?? info.report?.name ?? id.slice(0, 6)}</h2>
        <p>${row ? html`<span class="quiet">${store.nameOf(row.of)}</span><br /><${State} ...${row} />` : 'It is not here any more.'}</p>
        ${row && html`<${Facts} facts=${figures(row)} />`}
        <${Report} of=${info} parts=${[['About it', about], ['Limits', limitsOf]]} />
        <${Report} of=${stats} parts=${[['What it calls', callsOf], ['Who calls it', callersOf], ['Messages that it threw away', dropsOf]]} />
        <${Report} of=${links} parts=${[['Connections', linksOf]]} />
      </div>
    </dialog>`
  }
}

/** What one question brought: an answer in parts, or why there is none. */
function Report({ of: { report, why = 'Asking …' }, parts }) {
  if (report === undefined) return html`<h3>${parts[0][0]}</h3><p class="quiet">${why}</p>`
  return parts.map(([title, show]) => html`<h3>${title}</h3>${show(report)}`)
}

function Facts({ facts }) {
  const known = facts.filter(([, value]) => value !== undefined && value !== '')
  return html`<dl>${known.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${String(value)}</dd></div>`)}</dl>`
}

function figures(row) {
  return [
    ['Requests a second', rate(row.rate)],
    ['Failed', share(row.failed)],
    ['Typical time (p50)', milliseconds(row.p50)],
    ['Slow (p95)', milliseconds(row.p95)],
    ['Slowest (p99)', milliseconds(row.p99)],
  ]
}

function about(info) {
  return html`<${Facts} facts=${[
    ['Version', info.version],
    ['Address', info.endpoint],
    ['Host', info.host],
    ['Process', info.pid],
    ['Started', info.started && new Date(info.started).toLocaleString('en-GB')],
    ['Takes calls', info.ready === undefined ? undefined : info.ready ? 'yes' : 'no'],
    ['Group', info.group],
    ['Found by', [info.discovery].flat().filter(Boolean).join(', ')],
    ['Interface', info.interface?.name ?? info.interface],
    ['Node.js', info.node],
    ['sleuth', info.sleuth],
  ]} />`
}

function limitsOf({ limits = {} }) {
  return html`<${Facts} facts=${Object.entries(limits).map(([name, value]) => [name, value ?? 'none'])} />`
}

function callsOf({ calls = {} }) {
  const rows = Object.entries(calls).map(([service, { calls, errors, retries }]) => [
    service,
    [count(calls ?? 0, 'call'), errors > 0 && `${errors} failed`, retries > 0 && `${retries} tried again`]
      .filter(Boolean)
      .join(', '),
  ])
  return list(rows, 'It has called nobody.')
}

function callersOf({ callers = [] }) {
  return list(
    callers.map(({ service, name, requests }) => [
      service ? `${service} ${name}` : name,
      count(requests ?? 0, 'request'),
    ]),
    'Nobody has called it.',
  )
}

function dropsOf({ stats = {} }) {
  return list(
    Object.entries(stats.dropped ?? {}).filter(([, n]) => n > 0),
    'None.',
  )
}

function linksOf(report) {
  const links = Array.isArray(report) ? report : (report.links ?? [])
  return list(
    links.map(({ service, name, state, rtt, direct, encrypted, backlog }) => [
      service ? `${service} ${name ?? ''}` : (name ?? ''),
      [
        state,
        rtt !== undefined && milliseconds(rtt),
        direct && 'direct',
        encrypted && 'encrypted',
        backlog > 0 && `${bytes(backlog)} wait`,
      ]
        .filter(Boolean)
        .join(', '),
    ]),
    'It is connected to nobody.',
  )
}

function list(rows, nothing) {
  if (rows.length === 0) return html`<p class="quiet">${nothing}</p>`
  return html`<${Facts} facts=${rows} />`
}
