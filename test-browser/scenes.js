// Networks that are not there, for pictures and for sizes that real nodes would not allow here.
import { createServer } from 'node:http'
import { FakeNetwork } from '../packages/cli/build/test/map/fake-network.js'
import { createMap } from '../packages/cli/dist/map/map.js'

/** A shop of a few services. */
export function shop() {
  const network = new FakeNetwork()
  network.add(undefined)
  const sizes = {
    web: 2,
    'article-service': 2,
    'comment-service': 4,
    'author-service': 2,
    'search-service': 2,
  }
  for (const [service, n] of Object.entries(sizes)) for (let i = 0; i < n; i++) network.add(service, '2.3.0')
  network.traffic.push(
    { to: 'web', rate: 84, ms: 30 },
    { from: 'web', to: 'article-service', rate: 61, ms: 14 },
    { from: 'web', to: 'search-service', rate: 22, ms: 40 },
    { from: 'article-service', to: 'comment-service', rate: 61, ms: 6 },
    { from: 'article-service', to: 'author-service', rate: 58, ms: 3 },
    { from: 'comment-service', to: 'author-service', rate: 120, ms: 2 },
  )
  return network
}

/** Many: each service calls some others. */
export function crowd(services = 50, instances = 4) {
  const network = new FakeNetwork()
  const names = Array.from({ length: services }, (_, i) => `service-${String(i + 1).padStart(2, '0')}`)
  for (const name of names) for (let i = 0; i < instances; i++) network.add(name)
  for (const [i, from] of names.entries()) {
    for (let k = 1; k <= 20; k++) {
      const to = names[(i + k * 7) % services]
      if (to !== from) network.traffic.push({ from, to, rate: 1 + ((i * k) % 30), ms: 1 + k })
    }
  }
  return network
}

/** Shows a network in a page. */
export async function show(network, { port = 0 } = {}) {
  const map = createMap(network)
  const server = createServer(map)
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  const timer = setInterval(() => network.advance(100), 100)
  const close = async () => {
    clearInterval(timer)
    map.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://127.0.0.1:${server.address().port}/`, close, map }
}
