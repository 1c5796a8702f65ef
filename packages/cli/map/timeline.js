import { time } from './format.js'
import { html, Mark, Pure } from './parts.js'

export function Timeline({ store }) {
  const happenings = store.all('t').sort((a, b) => b.row.at - a.row.at || Number(b.key) - Number(a.key))
  return html`<ol class="timeline">${happenings.map(({ key, row }) => html`<${Entry} key=${key} row=${row} />`)}</ol>`
}

class Entry extends Pure {
  render({ row }) {
    return html`<li>
      <time datetime=${new Date(row.at).toISOString()}>${time(row.at)}</time>
      <${Mark} level=${row.level} />
      <p>${row.service !== '' && html`<b>${row.service}</b> <span class="quiet">${row.name}</span><br />`}${row.words}</p>
    </li>`
  }
}
