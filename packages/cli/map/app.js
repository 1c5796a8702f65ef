import { Drawer } from './drawer.js'
import { time } from './format.js'
import { Graph } from './graph.js'
import { html, Mark } from './parts.js'
import { Store } from './store.js'
import { follow } from './stream.js'
import { Table } from './table.js'
import { Timeline } from './timeline.js'
import { Component, render } from './vendor/preact.mjs'

const VIEWS = { table: ['Table', Table], graph: ['Graph', Graph], timeline: ['Timeline', Timeline] }

/** Read out when things get better or worse, and not with each other figure. */
const SAID = { good: 'All is well', note: 'Something is not as it should be', bad: 'Something is wrong' }

/** `#graph/ID`: the view, and the instance that is open. */
function place() {
  const [view, id] = location.hash.slice(1).split('/')
  return { view: Object.hasOwn(VIEWS, view) ? view : 'table', id }
}

class App extends Component {
  store = new Store()
  state = { ...place(), live: undefined, at: undefined }

  componentDidMount() {
    addEventListener('hashchange', () => this.setState(place()))
    follow(this.store, (state) => this.setState(state))
  }

  componentDidUpdate() {
    const title = `${this.store.headline.words} · sleuth map`
    if (document.title !== title) document.title = title
  }

  render(_, { view, id, live, at }) {
    const [title, View] = VIEWS[view]
    return html`
      <header>
        <h1><img src="icon.svg" alt="" width="20" height="20" /> Live map</h1>
        <p class="quiet" role="status">${connection(live, at)}</p>
        <p class="hidden" role="status">${SAID[this.store.headline.level]}</p>
      </header>
      <${Headline} ...${this.store.headline} />
      <nav aria-label="Views">${Object.entries(VIEWS).map(
        ([name, [text]]) =>
          html`<a href="#${name}" aria-current=${name === view ? 'page' : undefined}>${text}</a>`,
      )}</nav>
      <main class=${live === false ? 'stale' : ''} aria-label=${title}><${View} store=${this.store} /></main>
      ${id && html`<${Drawer} key=${id} id=${id} store=${this.store} close=${() => this.#close(view)} />`}
    `
  }

  #close(view) {
    history.replaceState(null, '', `#${view}`)
    this.setState(place())
  }
}

function Headline({ level, words, more }) {
  return html`<section class="headline ${level}" aria-label="State of the network">
    <h2><${Mark} level=${level} /><span>${words}</span></h2>
    ${more.length > 0 && html`<ul>${more.map((line) => html`<li key=${line}>${line}</li>`)}</ul>`}
  </section>`
}

function connection(live, at) {
  if (live === undefined) return 'Connecting …'
  if (live) return 'Live'
  return `The map does not answer${at ? `: this is how it was at ${time(at)}` : ''}. Trying again …`
}

render(html`<${App} />`, document.getElementById('app'))
