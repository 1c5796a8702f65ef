import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import type { DoInit, Instance } from '#src/types.js'
import { FakeNetwork } from '../fake-network.js'
import { join } from '../harness.js'

interface Seen {
  service: string
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
}

/** Two services: `/302?to=…` sends the caller elsewhere, all else tells what came. */
async function services() {
  const network = new FakeNetwork()
  const seen: Seen[] = []
  const handler = (service: string) => async (req: IncomingMessage, res: ServerResponse) => {
    let body = ''
    for await (const chunk of req) body += chunk
    const { method = '', url = '', headers } = req
    seen.push({ service, method, url, headers, body })
    const [, status, to] = /^\/(3\d\d)\?to=(.*)$/.exec(url) ?? []
    if (status === undefined) res.end(service)
    else res.writeHead(Number(status), to ? { location: decodeURIComponent(to) } : {}).end('moved')
  }
  for (const [service, version] of [
    ['foo', '1.0.0'],
    ['bar', '5.0.0'],
  ] as const)
    await join(network, { service, version, meta: { service }, handler: handler(service) })
  const { sleuth } = await join(network)
  const last = () => seen.at(-1) as Seen
  const url = (status: number, to: string) => `sleuth://foo/${status}?to=${encodeURIComponent(to)}`
  return { sleuth, seen, last, url }
}

describe('redirect: follow', () => {
  it('is what fetch does by itself, and do if it is asked to', async () => {
    const { sleuth, url } = await services()
    const from = url(302, '/there?a=b')
    for (const call of [sleuth.fetch(from), sleuth.do(from, { redirect: 'follow' })]) {
      const response = await call
      assert.deepEqual([response.status, response.url], [200, 'sleuth://foo/there?a=b'])
      assert.deepEqual([response.redirected, response.clone().redirected], [true, true])
      assert.equal(await response.text(), 'foo')
    }
    const straight = await sleuth.fetch('sleuth://foo/')
    assert.deepEqual([straight.redirected, straight.url], [false, 'sleuth://foo/'])
  })

  it('keeps to the versions that the call names within the service alone', async () => {
    const { sleuth, url } = await services()
    const fetched = (to: string, version: string) =>
      sleuth.fetch(url(307, to), { sleuth: { version, where: ({ id }) => id !== '' } })
    assert.equal((await fetched('/there', '1.x')).url, 'sleuth://foo/there')
    assert.equal((await fetched('//bar/x', '1.x')).url, 'sleuth://bar/x')
    await assert.rejects(fetched('/there', '2.x'), { code: 'SLEUTH_NO_MATCH' })
    const never = { sleuth: { where: ({ meta }: Instance) => meta.service !== 'bar' } }
    await assert.rejects(sleuth.fetch(url(307, '//bar/x'), never), { code: 'SLEUTH_NO_MATCH' })
  })

  it('goes where URL says, within the network', async () => {
    const { sleuth, url } = await services()
    const places: [to: string, url: string][] = [
      ['there', 'sleuth://foo/there'],
      ['../x/y', 'sleuth://foo/x/y'],
      ['?q', 'sleuth://foo/307?q'],
      ['//bar/x', 'sleuth://bar/x'],
      ['sleuth://bar', 'sleuth://bar'],
      [`SLEUTH://bar/${Buffer.from('ä').toString('latin1')} b`, 'sleuth://bar/%C3%A4%20b'],
    ]
    for (const [to, wanted] of places) assert.equal((await sleuth.fetch(url(307, to))).url, wanted)
  })

  for (const to of ['http://foo/x', 'https://example.test/', 'ftp://foo/', 'data:,x', 'mailto:a@foo']) {
    it(`hands back what leads out of it: ${to}`, async () => {
      const { sleuth, seen, url } = await services()
      const response = await sleuth.fetch(url(302, to))
      assert.deepEqual([response.status, response.redirected], [302, false])
      assert.deepEqual([response.headers.get('location'), await response.text()], [to, 'moved'])
      assert.equal(seen.length, 1)
    })
  }

  it('hands back what has no location, or is no redirect', async () => {
    const { sleuth, url } = await services()
    assert.equal((await sleuth.fetch(url(302, ''))).status, 302)
    for (const status of [300, 304, 305]) assert.equal((await sleuth.fetch(url(status, '/x'))).status, status)
  })

  const turns: [status: number, method: string, becomes: string][] = [
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'DELETE', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [301, 'PUT', 'PUT'],
    [302, 'PATCH', 'PATCH'],
    [307, 'POST', 'POST'],
    [308, 'POST', 'POST'],
  ]
  for (const [status, method, becomes] of turns) {
    it(`makes ${becomes} of ${method} with ${status}`, async () => {
      const { sleuth, last, url } = await services()
      const body = method === 'HEAD' ? null : 'hello'
      await sleuth.fetch(url(status, '/there'), { method, body, headers: { 'x-a': '1' } })
      const { headers, ...rest } = last()
      const kept = becomes === method && body !== null
      assert.deepEqual(rest, { service: 'foo', method: becomes, url: '/there', body: kept ? 'hello' : '' })
      assert.equal(headers['content-type'], kept ? 'text/plain;charset=UTF-8' : undefined)
      assert.equal(headers['content-length'], kept ? '5' : undefined)
      assert.equal(headers['x-a'], '1')
    })
  }

  it('takes credentials to no other service', async () => {
    const { sleuth, last, url } = await services()
    const headers = { Authorization: 'Bearer x', cookie: 'a=1', 'x-a': '1' }
    await sleuth.fetch(url(307, '/there'), { headers })
    assert.deepEqual([last().headers.authorization, last().headers.cookie], ['Bearer x', 'a=1'])
    await sleuth.fetch(url(307, 'sleuth://bar/there'), { headers })
    const { service, headers: sent } = last()
    assert.deepEqual(
      [service, sent.authorization, sent.cookie, sent['x-a']],
      ['bar', undefined, undefined, '1'],
    )
  })

  it('sends again what can be sent again, and no stream', async () => {
    const { sleuth, last, url } = await services()
    const form = new FormData()
    form.set('a', 'hello')
    const bodies = ['hello', Buffer.from('hello'), new Blob(['hello']), new URLSearchParams('hello'), form]
    for (const body of bodies) {
      await sleuth.fetch(url(308, '/there'), { method: 'POST', body })
      assert.match(last().body, /hello/)
    }
    const request = new Request(url(308, '/there'), { method: 'POST', body: 'hello' })
    await sleuth.fetch(request)
    assert.equal(last().body, 'hello')
    const body = new Blob(['hello']).stream() as never
    const stream = sleuth.fetch(url(308, '/there'), { method: 'POST', body, duplex: 'half' } as DoInit)
    await assert.rejects(stream, (error: Error) => {
      assert.ok(error instanceof TypeError)
      assert.equal((error.cause as { code: string }).code, 'SLEUTH_REDIRECT')
      return true
    })
  })

  it('ends after twenty', async () => {
    const { sleuth, seen } = await services()
    const init = { sleuth: { timeout: Infinity } }
    const to = (left: number): string => (left === 0 ? '/end' : `/302?to=${encodeURIComponent(to(left - 1))}`)
    assert.equal((await sleuth.fetch(`sleuth://foo${to(20)}`, init)).url, 'sleuth://foo/end')
    seen.length = 0
    const wanted = { name: 'TypeError', message: 'fetch failed' }
    await assert.rejects(sleuth.fetch(`sleuth://foo${to(21)}`, init), wanted)
    assert.equal(seen.length, 21)
    assert.deepEqual(sleuth.stats().errors, { SLEUTH_REDIRECT: 1 })
  })

  it('is not led to a URL with a user, or to none', async () => {
    const { sleuth, seen, url } = await services()
    await assert.rejects(sleuth.fetch(url(302, '//foo@bar/')), { code: 'SLEUTH_USERINFO' })
    for (const to of ['//bar:99999/', 'sleuth://b^r/'])
      await assert.rejects(sleuth.fetch(url(302, to)), { name: 'TypeError', message: 'fetch failed' })
    assert.ok(seen.every(({ service }) => service === 'foo'))
  })

  it('has one time limit for all', async () => {
    const network = new FakeNetwork()
    let asked = 0
    await join(network, {
      service: 'foo',
      handler: (_, res) => {
        asked++
        setTimeout(() => res.writeHead(302, { location: '/' }).end(), 40)
      },
    })
    const { sleuth } = await join(network)
    await assert.rejects(sleuth.fetch('sleuth://foo/', { sleuth: { timeout: 100, retry: false } }), {
      code: 'SLEUTH_TIMEOUT',
    })
    assert.ok(asked <= 3)
  })
})

describe('redirect', () => {
  it('is manual for do, whatever a Request has by itself', async () => {
    const { sleuth, url } = await services()
    for (const input of [url(302, '/x'), new Request(url(302, '/x'))]) {
      const response = await sleuth.do(input)
      assert.deepEqual([response.status, response.headers.get('location')], [302, '/x'])
    }
    const response = await sleuth.fetch(url(302, '/x'), { redirect: 'manual' })
    assert.deepEqual([response.status, response.type], [302, 'default'])
    assert.equal((await sleuth.fetch(new Request(url(302, '/x'), { redirect: 'manual' }))).status, 302)
  })

  it('rejects with error', async () => {
    const { sleuth, url } = await services()
    const wanted = { name: 'TypeError', message: 'fetch failed' }
    const request = new Request(url(302, '/x'), { redirect: 'error' })
    for (const call of [sleuth.fetch, sleuth.do]) {
      await assert.rejects(call(url(302, '/x'), { redirect: 'error' }), wanted)
      await assert.rejects(call(request), wanted)
      assert.equal((await call('sleuth://foo/', { redirect: 'error' })).status, 200)
    }
  })

  it('is refused as anything else', async () => {
    const { sleuth } = await services()
    for (const redirect of ['no', 5, null]) {
      const call = sleuth.fetch('sleuth://foo/', { redirect: redirect as never })
      if (redirect === null) assert.equal((await call).status, 200)
      else await assert.rejects(call, { code: 'SLEUTH_ARGUMENT', message: /^redirect must be/ })
    }
  })
})
