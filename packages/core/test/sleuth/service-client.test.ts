import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { runInNewContext } from 'node:vm'
import type { DownEvent, UpEvent } from '#src/types.js'
import { FakeNetwork } from '../fake-network.js'
import { join, settle } from '../harness.js'

/** Answers with what it was asked. */
const echo = (req: IncomingMessage, res: ServerResponse) => {
  const { 'x-tenant': tenant, accept } = req.headers
  res.end(JSON.stringify({ url: req.url, method: req.method, tenant, accept }))
}

async function users() {
  const network = new FakeNetwork()
  const { sleuth } = await join(network)
  const service = await join(network, { service: 'users', handler: echo })
  await settle()
  return { network, sleuth, service }
}

describe('the client of one service', () => {
  it('takes paths, and URLs of its service', async () => {
    const { sleuth } = await users()
    const client = sleuth.service('users')
    const urls: [string | URL | Request, string][] = [
      ['/a?b#c', '/a?b'],
      ['a', '/a'],
      ['?b', '/?b'],
      ['', '/'],
      ['sleuth://users/a', '/a'],
      [new URL('sleuth://users/a'), '/a'],
      [new Request('sleuth://users/a'), '/a'],
    ]
    for (const [input, url] of urls) {
      for (const call of [client.do, client.fetch]) {
        const answer = (await (await call(input)).json()) as { url: string }
        assert.equal(answer.url, url)
      }
    }
    const { body } = await client.request('a/../b')
    assert.equal(JSON.parse(body.toString()).url, '/a/../b')
  })

  it('refuses a URL of another service', async () => {
    const { sleuth } = await users()
    const client = sleuth.service('users')
    const wanted = { code: 'SLEUTH_ARGUMENT', message: /of the service "articles"/ }
    await assert.rejects(client.do('sleuth://articles/'), wanted)
    await assert.rejects(client.fetch(new Request('sleuth://articles/')), wanted)
    await assert.rejects(client.request('sleuth://articles/'), wanted)
    await assert.rejects(client.do('http://users/'), { code: 'SLEUTH_SCHEME' })
  })

  it('refuses what is no URL, with a code', async () => {
    const { sleuth } = await users()
    const client = sleuth.service('users')
    for (const input of [null, undefined, 5, {}, []] as never[]) {
      await assert.rejects(client.do(input), { name: 'SleuthError', code: 'SLEUTH_SCHEME' })
      await assert.rejects(client.fetch(input), { name: 'SleuthError', code: 'SLEUTH_SCHEME' })
      await assert.rejects(client.request(input), { name: 'SleuthError', code: 'SLEUTH_ARGUMENT' })
    }
    // A URL of another realm, as in Jest, is no `instanceof URL`.
    const { URL: Foreign } = runInNewContext('({ URL: class { toString() { return href } } })', {
      href: 'sleuth://articles/',
    }) as { URL: typeof URL }
    await assert.rejects(client.do(new Foreign('')), {
      code: 'SLEUTH_ARGUMENT',
      message: /of the service "articles"/,
    })
  })

  it('adds its headers, and those of the call go before', async () => {
    const { sleuth } = await users()
    const client = sleuth.service('users', { headers: { 'X-Tenant': 'a', accept: 'text/css' } })
    const seen = async (response: Promise<Response>) => (await response).json()
    const own = { url: '/', method: 'GET', tenant: 'a', accept: 'text/css' }
    assert.deepEqual(await seen(client.do('/')), own)
    assert.deepEqual(await seen(client.fetch('/', { headers: { 'x-tenant': 'b' } })), { ...own, tenant: 'b' })
    const request = new Request('sleuth://users/', { headers: { 'x-tenant': 'c' } })
    assert.deepEqual(await seen(client.fetch(request)), { ...own, tenant: 'c' })
    const { body } = await client.request('/', { headers: [['x-tenant', 'd']] })
    assert.deepEqual(JSON.parse(body.toString()), { ...own, tenant: 'd' })
  })

  it('gives its calls its options, and those of the call go before', async () => {
    const { sleuth } = await join(new FakeNetwork())
    const client = sleuth.service('nobody', { waitFor: true, timeout: Infinity })
    const calls = [client.do('/'), client.fetch('/'), client.request('/')]
    for (const call of calls) call.catch(() => {})
    await settle()
    assert.equal(sleuth.stats().pending, 3)
    const unknown = { code: 'SLEUTH_UNKNOWN_SERVICE' }
    await assert.rejects(client.do('/', { waitFor: false }), unknown)
    await assert.rejects(client.fetch('/', { sleuth: { waitFor: false } }), unknown)
    await assert.rejects(client.request('/', { waitFor: false }), unknown)
    await sleuth.close()
    for (const call of calls) await assert.rejects(call, { code: 'SLEUTH_CLOSED' })
  })

  it('keeps its options where a call leaves them undefined', async () => {
    const { sleuth, network } = await users()
    await join(network, { service: 'users', meta: { zone: 'a' }, handler: (_req, res) => res.end('a') })
    const client = sleuth.service('users', { where: { zone: 'a' } })
    for (let call = 0; call < 3; call++) {
      assert.equal(String((await client.request('/', { where: undefined })).body), 'a')
      assert.equal(await (await client.do('/', { where: undefined })).text(), 'a')
      assert.equal(await (await client.fetch('/', { sleuth: { where: undefined } })).text(), 'a')
    }
    assert.notEqual(
      String((await client.request('/', { where: () => true, prefer: ({ meta }) => !meta.zone })).body),
      'a',
    )
  })

  it('picks instances by its balance', async () => {
    const { network, sleuth } = await users()
    await join(network, { service: 'users', handler: () => {} })
    await settle()
    await assert.rejects(sleuth.service('users', { balance: 'x' as never }).request('/'), {
      code: 'SLEUTH_ARGUMENT',
      message: /balance must be/,
    })
    // In turn, every second call goes to the one that never answers; by the pending calls, no more once it has one.
    const idler = sleuth.service('users', { balance: 'least-pending', retry: false, timeout: Infinity })
    let open = 0
    for (let i = 0; i < 40; i++) {
      open++
      idler.request('/').then(
        () => open--,
        () => {},
      )
      await settle()
    }
    assert.ok(open <= 1, `${open} calls wait for the instance that does not answer`)
  })

  it('tells of its instances alone', async () => {
    const { network, sleuth, service } = await users()
    const client = sleuth.service('users')
    assert.equal(client.name, 'users')
    assert.deepEqual(client.instances(), sleuth.services()[0]?.instances)
    assert.deepEqual(sleuth.service('nobody').instances(), [])
    const told: string[] = []
    const up = ({ service: name }: UpEvent) => told.push(`up ${name}`)
    const down = ({ service: name }: DownEvent) => told.push(`down ${name}`)
    client.on('up', up).on('up', up).on('down', down)
    await join(network, { service: 'articles', handler: echo })
    await join(network, { service: 'users', handler: echo })
    await settle()
    assert.deepEqual(told, ['up users'])
    client.off('up', up)
    await join(network, { service: 'users', handler: echo })
    await service.sleuth.close()
    await settle()
    assert.deepEqual(told, ['up users', 'down users'])
  })

  it('waits for its service', async () => {
    const { network, sleuth } = await users()
    await sleuth.service('users').waitFor()
    const waiting = sleuth.service('later').waitFor({ timeout: 5000 })
    await join(network, { service: 'later', handler: echo })
    await waiting
  })

  it('is refused with a wrong name, option or header', async () => {
    const { sleuth } = await users()
    const wrong: [string, object, RegExp][] = [
      ['', {}, /^name must be/],
      ['a/b', {}, /^name must be/],
      ['users', { tiemout: 5 }, /no option "tiemout"/],
      ['users', [], /^defaults must be an object/],
      ['users', { headers: { 'a b': 'c' } }, /^headers can not be sent/],
    ]
    for (const [name, defaults, message] of wrong)
      assert.throws(() => sleuth.service(name, defaults), { code: 'SLEUTH_ARGUMENT', message })
    await assert.rejects(sleuth.service('users', { timeout: -1 }).do('/'), { code: 'SLEUTH_ARGUMENT' })
  })
})
