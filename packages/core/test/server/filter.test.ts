import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { describe, it } from 'node:test'
import type { SleuthOptions } from '#src/types.js'
import { pair } from '../harness.js'
import { attacked, wires } from '../hygiene/peers.js'
import { withThen } from './thenables.js'

type Filter = NonNullable<SleuthOptions['filter']>

/** What a caller gets of a service with this filter, on each wire; and what the service logs. */
async function filteredBy(filter: (req: IncomingMessage) => unknown) {
  const outcomes = []
  for (const wire of wires) {
    const { sleuth, server } = await pair((_, res) => res.end('secret'), { filter: filter as Filter, wire })
    const { status, body } = await sleuth.request('sleuth://foo/')
    outcomes.push({ status, body: String(body), codes: server.problems().map(({ fields }) => fields.code) })
    await sleuth.close()
    await server.sleuth.close()
  }
  return outcomes
}

const refused = { status: 404, body: 'Not Found\n' }
const no = (resolve: (value: boolean) => void) => resolve(false)

describe('filter', () => {
  const thenables: Record<string, () => unknown> = {
    'a promise': async () => false,
    'a promise for true': async () => true,
    'a promise that is rejected': () => Promise.reject(new Error('the database is gone')),
    'a subclass of Promise': () => class extends Promise<boolean> {}.resolve(true),
    'a promise of another library': () => withThen({}, no),
    'a builder, whose method is inherited': () => Object.create(withThen({}, no)),
    'a function with a method then': () => withThen(() => true, no),
    'a proxy of a promise': () => new Proxy({}, { get: (_, name) => (name === 'then' ? no : undefined) }),
  }
  for (const [what, filter] of Object.entries(thenables)) {
    it(`lets nothing through for ${what}, and says so`, async () => {
      for (const outcome of await filteredBy(filter))
        assert.deepEqual(outcome, { ...refused, codes: ['SLEUTH_FILTER'] })
    })
  }

  it('does not begin the work of a thenable that it refuses', async () => {
    let begun = 0
    const query = withThen({}, () => begun++)
    await filteredBy(() => query)
    assert.equal(begun, 0)
  })

  for (const truthy of [true, 1, 'yes', {}, [], withThen({}, 'later')]) {
    it(`lets a request through for ${JSON.stringify(truthy)}`, async () => {
      for (const { status, codes } of await filteredBy(() => truthy))
        assert.deepEqual([status, codes], [200, []])
    })
  }

  for (const falsy of [false, 0, '', null, undefined, Number.NaN]) {
    it(`refuses a request for ${String(falsy) || "''"}`, async () => {
      for (const outcome of await filteredBy(() => falsy))
        assert.deepEqual(outcome, { ...refused, codes: [] })
    })
  }

  it('lets nothing through when it throws, or when its answer throws', async () => {
    const throws = () => {
      throw new Error('a bug')
    }
    for (const filter of [throws, () => Object.defineProperty({}, 'then', { get: throws })])
      for (const { status, body } of await filteredBy(filter)) {
        assert.equal(status, 500)
        assert.doesNotMatch(body, /secret/)
      }
  })

  it('sees the URL, the method and the headers that the handler sees', async () => {
    const urls = ['/a', '//a/b', '/a/../b', '/%61?x=//y', '/http://x/y', '/a;b', '/a\\b', '']
    const seen: unknown[] = []
    const handled: unknown[] = []
    const note = ({ method, url, headers, rawHeaders }: IncomingMessage) => ({
      method,
      url,
      headers,
      rawHeaders,
    })
    const { sleuth } = await pair(
      (req, res) => {
        handled.push(note(req))
        res.end()
      },
      { filter: (req) => seen.push(note(req)) > 0 },
    )
    for (const url of urls)
      await sleuth.request(`sleuth://foo${url}`, { headers: { 'x-a': '1', 'X-A': '2' } })
    assert.equal(seen.length, urls.length)
    assert.deepEqual(handled, seen)
  })

  for (const wire of wires) {
    it(`is not passed by a URL that routers take a path out of, on wire ${wire}`, async () => {
      const { seen, send, service } = await attacked(wire, {
        filter: (req) => !req.url?.startsWith('/admin'),
      })
      const urls = [
        'http://x/admin',
        'HTTP://x/admin',
        'http:///admin',
        'ftp://u@x/admin',
        '*/admin',
        'admin',
      ]
      for (const url of urls) assert.equal(await send({ url }), 400, url)
      for (const url of ['/admin', '//u:p@/admin', '/admin#x']) assert.equal(await send({ url }), 404, url)
      assert.deepEqual(seen, [])
      assert.deepEqual(service.sleuth.stats().dropped, { SLEUTH_REQUEST_HTTP: urls.length, filter: 3 })
    })
  }
})
