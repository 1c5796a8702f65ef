import { milliseconds, rate, share } from './format.js'
import { html, Pure, Spark, State } from './parts.js'
import { byMost, byName, byTrouble } from './store.js'
import { Component } from './vendor/preact.mjs'

const COLUMNS = [
  { id: 'name', title: 'Service', compare: byName },
  { id: 'here', title: 'Instances', compare: byMost('here'), number: true },
  { id: 'version', title: 'Version' },
  { id: 'level', title: 'State', compare: byTrouble },
  { id: 'rate', title: 'Requests', unit: 'a second', compare: byMost('rate'), number: true },
  { id: 'failed', title: 'Failed', compare: byMost('failed'), number: true },
  {
    id: 'p50',
    title: 'Typical',
    unit: 'p50',
    compare: byMost('p50'),
    number: true,
    help: 'Half of the requests take longer',
  },
  {
    id: 'p95',
    title: 'Slow',
    unit: 'p95',
    compare: byMost('p95'),
    number: true,
    help: '1 of 20 requests takes longer',
  },
  {
    id: 'p99',
    title: 'Slowest',
    unit: 'p99',
    compare: byMost('p99'),
    number: true,
    help: '1 of 100 requests takes longer',
  },
]

/** With more instances than this, services without trouble are folded at first. */
const UNFOLDED = 24

export class Table extends Component {
  state = { sort: 'level', folds: {} }

  render({ store }, { sort, folds }) {
    const services = store.services()
    if (services.length === 0)
      return html`<p class="empty">No service is there yet. It appears here as soon as one starts.</p>`
    const { compare } = COLUMNS.find(({ id }) => id === sort)
    const few = services.reduce((all, { instances }) => all + instances.length, 0) <= UNFOLDED
    const isOpen = ({ key, row }) => folds[key] ?? (few || row.level === 'bad' || row.level === 'note')
    return html`<table class="services" role="table">
      <caption class="hidden">Services and their instances. Figures are of the last 10 seconds.</caption>
      <thead role="rowgroup"><tr role="row">${COLUMNS.map((column) => this.#head(column, sort))}</tr></thead>
      ${services.sort(compare).map((service) => {
        const open = isOpen(service)
        const toggle = () => this.setState({ folds: { ...this.state.folds, [service.key]: !open } })
        return html`<tbody key=${service.key} role="rowgroup">
          <${ServiceRow} ...${service} open=${open} toggle=${toggle} />
          ${open && service.instances.map(({ key, row }) => html`<${InstanceRow} key=${key} row=${row} />`)}
        </tbody>`
      })}
    </table>`
  }

  #head({ id, title, unit, compare, number, help }, sort) {
    const text = html`${title}${unit && html` <small>${unit}</small>`}`
    const sorted = id === sort ? (id === 'name' || id === 'level' ? 'ascending' : 'descending') : undefined
    return html`<th role="columnheader" scope="col" class=${number ? 'number' : ''} aria-sort=${sorted} title=${help}>
      ${compare ? html`<button type="button" onClick=${() => this.setState({ sort: id })}>${text}</button>` : text}
    </th>`
  }
}

class ServiceRow extends Pure {
  // `toggle` is another function each time, and does the same.
  shouldComponentUpdate({ row, open, instances, history }) {
    const { props } = this
    return (
      row !== props.row ||
      open !== props.open ||
      instances.length !== props.instances.length ||
      history !== props.history
    )
  }

  render({ row, instances, history, open, toggle }) {
    const fold = html`<button type="button" class="fold" aria-expanded=${open} onClick=${toggle}>${row.name}</button>`
    return html`<tr role="row" class="service">
      <th role="rowheader" scope="rowgroup">${instances.length > 0 ? fold : row.name}</th>
      <td role="cell" class="number" data-title="Instances">${row.here}${row.lost > 0 && ` of ${row.here + row.lost}`}</td>
      <td role="cell" data-title="Version">${row.versions.join(', ')}</td>
      <td role="cell" data-title="State"><${State} ...${row} /></td>
      <td role="cell" class="number rate" data-title="Requests a second"><${Spark} values=${history} /><span>${rate(row.rate)}</span></td>
      ${figures(row)}
    </tr>`
  }
}

class InstanceRow extends Pure {
  render({ row }) {
    return html`<tr role="row" class=${row.here ? 'instance' : 'instance away'}>
      <th role="rowheader" scope="row"><a href=${`#table/${row.id}`}>${row.name}</a></th>
      <td role="cell" class="endpoint" data-title="Address">${row.endpoint.replace('tcp://', '')}</td>
      <td role="cell" data-title="Version">${row.version}</td>
      <td role="cell" data-title="State"><${State} ...${row} /></td>
      <td role="cell" class="number" data-title="Requests a second">${rate(row.rate)}</td>
      ${figures(row)}
    </tr>`
  }
}

function figures({ failed, p50, p95, p99 }) {
  const time = (title, value) =>
    html`<td role="cell" class="number" data-title=${title}>${milliseconds(value)}</td>`
  return html`<td role="cell" class=${failed > 0 ? 'number failed' : 'number'} data-title="Failed">${share(failed)}</td>
    ${time('Typical (p50)', p50)}${time('Slow (p95)', p95)}${time('Slowest (p99)', p99)}`
}
