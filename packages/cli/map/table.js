import { milliseconds, rate, share } from './format.js'
import { EMPTY, html, Pure, Spark, State } from './parts.js'
import { byMost, byName, byTrouble } from './store.js'
import { Component } from './vendor/preact.mjs'

const COLUMNS = [
  { id: 'name', title: 'Service', compare: byName },
  { id: 'here', title: 'Instances', compare: byMost('here') },
  { id: 'version', title: 'Version' },
  { id: 'level', title: 'State', compare: byTrouble },
  ...[
    ['rate', 'Requests', 'a second'],
    ['failed', 'Failed'],
    ['p50', 'Typical', 'p50', 'Half of the requests take longer'],
    ['p95', 'Slow', 'p95', '1 of 20 requests takes longer'],
    ['p99', 'Slowest', 'p99', '1 of 100 requests takes longer'],
  ].map(([id, title, unit, help]) => ({ id, title, unit, help, compare: byMost(id) })),
]
/** Words read from the left, and start with A or with trouble. Numbers stand at the right, and start with the most. */
const WORDS = ['name', 'version', 'level']

/** With more instances than this, services without trouble are folded at first. */
const UNFOLDED = 24

export class Table extends Component {
  state = { sort: 'level', folds: {} }

  render({ store }, { sort, folds }) {
    const services = store.services()
    if (services.length === 0) return EMPTY
    const { compare } = COLUMNS.find(({ id }) => id === sort)
    const few = services.reduce((all, { instances }) => all + instances.length, 0) <= UNFOLDED
    const isOpen = ({ key, row }) => folds[key] ?? (few || row.level === 'bad' || row.level === 'note')
    return html`<table class="services" role="table">
      <caption class="hidden">Services and their instances. Figures are of the last 10 seconds.</caption>
      <thead role="rowgroup"><tr role="row">${COLUMNS.map((column) => this.#head(column, sort))}</tr></thead>
      ${services.sort(compare).map((service) => {
        const open = isOpen(service)
        return html`<tbody key=${service.key} role="rowgroup">
          <${ServiceRow} id=${service.key} row=${service.row} history=${service.history} open=${open}
            empty=${service.instances.length === 0} table=${this} />
          ${open && service.instances.map(({ key, row }) => html`<${InstanceRow} key=${key} row=${row} />`)}
        </tbody>`
      })}
    </table>`
  }

  fold(service, open) {
    this.setState({ folds: { ...this.state.folds, [service]: open } })
  }

  #head({ id, title, unit, compare, help }, sort) {
    const text = html`${title}${unit && html` <small>${unit}</small>`}`
    const sorted = id === sort ? (WORDS.includes(id) ? 'ascending' : 'descending') : undefined
    return html`<th role="columnheader" scope="col" class=${WORDS.includes(id) ? '' : 'number'} aria-sort=${sorted} title=${help}>
      ${compare ? html`<button type="button" onClick=${() => this.setState({ sort: id })}>${text}</button>` : text}
    </th>`
  }
}

class ServiceRow extends Pure {
  render({ id, row, history, open, empty, table }) {
    const toggle = () => table.fold(id, !open)
    const fold = html`<button type="button" class="fold" aria-expanded=${open} onClick=${toggle}>${row.name}</button>`
    return html`<tr role="row" class="service">
      <th role="rowheader" scope="rowgroup" title=${row.name}>${empty ? row.name : fold}</th>
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
      <th role="rowheader" scope="row" title=${row.name}><a href=${`#table/${row.id}`}>${row.name}</a></th>
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
