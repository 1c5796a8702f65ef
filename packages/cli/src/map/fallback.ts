// The page without its script: who is there, as a plain list.

import type { Network } from './network.js'
import { viewOf } from './view.js'

/** Where the list goes in `index.html`. */
const PLACE = '<!-- services -->'

export function withServices(page: string, network: Network): string {
  return page.replace(PLACE, () => listOf(network))
}

function listOf(network: Network): string {
  const { services } = viewOf(network)
  if (services.length === 0) return '<p>No service is there yet.</p>'
  const items = services.map(({ service, instances, state }) => {
    const inner = instances.map(
      ({ name, version, endpoint, state }) =>
        `<li>${[name, version, endpoint, state.words].map(escaped).join(' · ')}</li>`,
    )
    return `<li><b>${escaped(service)}</b>: ${escaped(state.words)}<ul>${inner.join('')}</ul></li>`
  })
  return `<ul>${items.join('')}</ul>`
}

/** Names and versions are what other nodes say. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
}
