import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { createSleuth } from '@sleuth/core'
import { isSleuth } from '@sleuth/core/adapter'
import sleuth from '@sleuth/fastify'
import Fastify, { type FastifyInstance } from 'fastify'
import { announced, caller, gone, network } from './network.js'

const on = await network()
const client = await caller(on)
after(() => client.close())

async function textOf(service: string, path = '/'): Promise<string> {
  await client.waitFor(service)
  return String((await client.request(`sleuth://${service}${path}`)).body)
}

async function hello(service: string, more: object = {}): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(sleuth, { ...on, service, ...more })
  app.get('/', async () => service)
  return app
}

describe('when a service joins', () => {
  test('at app.ready(), not before: with the routes that came after an await', async () => {
    const app = await hello('is-ready')
    assert.ok(!(await announced(on, client)).includes('is-ready'))
    app.get('/late', async () => 'late')
    await app.ready()
    assert.equal(await textOf('is-ready', '/late'), 'late')
    await app.close()
  })

  test('at app.listen(); real HTTP goes on beside it', async () => {
    const app = await hello('listens')
    const address = await app.listen({ host: '127.0.0.1', port: 0 })
    assert.equal(await (await fetch(address)).text(), 'listens')
    assert.equal(await textOf('listens'), 'listens')
    assert.equal(await (await fetch(address)).text(), 'listens')
    await app.close()
  })

  test('app.inject() serves as ever', async () => {
    const app = await hello('injected')
    assert.equal((await app.inject('/')).body, 'injected')
    assert.equal(await textOf('injected'), 'injected')
    assert.equal((await app.inject('/')).body, 'injected')
    await app.close()
  })

  test('in a context of its own, the whole app answers', async () => {
    const app = Fastify()
    app.get('/', async () => 'outside')
    await app.register(
      async (inner) => {
        await inner.register(sleuth, { ...on, service: 'encapsulated' })
        inner.get('/', async (request) => String(isSleuth(request.sleuth)))
      },
      { prefix: '/inner' },
    )
    await app.ready()
    assert.equal(await textOf('encapsulated'), 'outside')
    assert.equal(await textOf('encapsulated', '/inner'), 'true')
    assert.ok(!app.hasDecorator('sleuth'))
    await app.close()
  })
})

describe('app.sleuth and request.sleuth', () => {
  test('are there from the register on; a call before the app is ready says what to await', async () => {
    const app = await hello('too-early')
    await assert.rejects(app.sleuth.do('sleuth://other/'), {
      code: 'SLEUTH_NOT_JOINED',
      message: /await app\.ready\(\)/,
    })
    await app.ready()
    await assert.rejects(app.sleuth.do('sleuth://nobody/'), { code: 'SLEUTH_UNKNOWN_SERVICE' })
    await app.close()
  })

  test('call another service, over HTTP and over sleuth', async () => {
    const other = await hello('other')
    const front = await hello('front', { timeout: 10_000 })
    front.get('/front', async (request) => {
      assert.ok(isSleuth(request.sleuth))
      assert.equal(request.sleuth, request.sleuth)
      await request.sleuth.waitFor('other')
      const response = await request.sleuth.do('sleuth://other/')
      return `front of ${await response.text()}`
    })
    await Promise.all([other.ready(), front.ready()])
    assert.equal((await front.inject('/front')).body, 'front of other')
    assert.equal(await textOf('front', '/front'), 'front of other')
    await Promise.all([other.close(), front.close()])
  })

  test('request.sleuth belongs to the request, also in a hook that is older than the plugin', async () => {
    const app = Fastify()
    const seen: unknown[] = []
    app.addHook('onRequest', async (request) => void seen.push(request.sleuth))
    await app.register(sleuth, client)
    app.get('/', async (request) => seen.push(request.sleuth))
    for (let request = 0; request < 2; request += 1) assert.equal((await app.inject('/')).statusCode, 200)
    assert.equal(seen[0], seen[1])
    assert.equal(seen[2], seen[3])
    assert.equal(new Set([...seen, app.sleuth]).size, 3)
    await app.close()
  })

  test('without a service they call, and offer nothing', async () => {
    await using offered = await createSleuth({
      ...on,
      service: 'offered',
      handler: (_req, res) => void res.end('here'),
    })
    const app = Fastify()
    await app.register(sleuth, { ...on, timeout: 10_000 })
    await app.ready()
    await app.sleuth.waitFor('offered')
    assert.equal(await (await app.sleuth.do('sleuth://offered/')).text(), 'here')
    assert.equal(offered.stats().requests, 1)
    await app.close()
  })
})

describe('what the plugin is given', () => {
  test('a name alone, as a string', async () => {
    const app = Fastify()
    await app.register(sleuth, 'named-by-a-string')
    assert.deepEqual(app.sleuth.services(), [])
    await app.close()
  })

  test("someone else's Sleuth is used, and left open", async () => {
    const app = Fastify()
    await app.register(sleuth, client)
    await app.ready()
    assert.equal(app.sleuth, client)
    await app.close()
    assert.ok(Array.isArray(await announced(on, client)))
  })

  test('enabled: false opens nothing', async () => {
    const app = await hello('off', { enabled: false, interface: 'no-such-interface' })
    await app.ready()
    await assert.rejects(app.sleuth.do('sleuth://other/'), { code: 'SLEUTH_DISABLED' })
    assert.equal((await app.inject('/')).body, 'off')
    await app.close()
  })

  test('filter decides what is offered', async () => {
    const app = await hello('filters', { filter: (req: { url?: string }) => req.url !== '/hidden' })
    app.get('/hidden', async () => 'hidden')
    await app.ready()
    assert.equal(await textOf('filters'), 'filters')
    assert.equal((await client.request('sleuth://filters/hidden')).status, 404)
    assert.equal((await app.inject('/hidden')).body, 'hidden')
    await app.close()
  })

  test('what is wrong is said at the register', async () => {
    const wrong: [unknown, RegExp][] = [
      [{ service: '' }, /service/],
      [{ handler: () => {} }, /handler/],
      [{ servce: 'x' }, /servce/],
      [{ service: 'x', prefix: '/y' }, /prefix/],
    ]
    for (const [input, message] of wrong) {
      const app = Fastify()
      await assert.rejects(async () => void (await app.register(sleuth, input as never)), {
        code: 'SLEUTH_OPTION',
        message,
      })
      await app.close()
    }
  })

  test('twice in one context is refused by Fastify', async () => {
    const app = await hello('once')
    const again = async () => void (await app.register(sleuth, { ...on, service: 'twice' }))
    await assert.rejects(again, { code: 'FST_ERR_DEC_ALREADY_PRESENT' })
    await app.close()
  })
})

test('a join that fails is thrown by app.ready()', async () => {
  const app = await hello('fails', { interface: 'no-such-interface' })
  await assert.rejects(async () => void (await app.ready()), {
    name: 'SleuthError',
    code: 'SLEUTH_INTERFACE',
  })
  await app.close()
})

describe('app.close()', () => {
  test('while Fastify turns requests away, it does so over sleuth as over HTTP', async () => {
    const app = Fastify()
    const answers: unknown[] = []
    let address = ''
    // Before sleuth's own, so that the service has not left yet.
    app.addHook('preClose', async () => {
      const [lean, response] = await Promise.all([client.request('sleuth://turns-away/'), fetch(address)])
      answers.push([lean.status, String(lean.body)], [response.status, await response.text()])
    })
    await app.register(sleuth, { ...on, service: 'turns-away' })
    app.get('/', async () => 'open')
    address = await app.listen({ host: '127.0.0.1', port: 0 })
    assert.equal(await textOf('turns-away'), 'open')
    await app.close()
    const away = [503, '{"error":"Service Unavailable","message":"Service Unavailable","statusCode":503}']
    assert.deepEqual(answers, [away, away])
  })

  test('leaves', async () => {
    const app = await hello('ends')
    await app.ready()
    await client.waitFor('ends')
    const went = gone('ends', client)
    await app.close()
    assert.ok(['left', 'stopped'].includes(await went))
    await assert.rejects(app.sleuth.do('sleuth://other/'), { code: 'SLEUTH_CLOSED' })
  })

  test('before app.ready(): there is nothing to leave', async () => {
    const app = await hello('never')
    await app.close()
    assert.ok(!(await announced(on, client)).includes('never'))
  })

  test('is announced, and requests in flight are answered, before the plugins that they use are closed', async () => {
    const order: string[] = []
    const app = await hello('drains', { timeout: 10_000 })
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const begun = new Promise<void>((resolve) => {
      app.get('/held', async () => {
        resolve()
        await held
        order.push('answered')
        return 'held'
      })
    })
    await app.register(async (database) => {
      database.addHook('onClose', async () => void order.push('database closed'))
    })
    await app.ready()
    await client.waitFor('drains')
    const went = gone('drains', client)
    const inFlight = client.request('sleuth://drains/held')
    await begun
    const closing = app.close()
    assert.equal(await went, 'left')
    order.push('announced')
    release()
    assert.equal(String((await inFlight).body), 'held')
    await closing
    assert.deepEqual(order, ['announced', 'answered', 'database closed'])
  })
})

test('several apps in one process, each with its own service', async () => {
  const names = ['one', 'two', 'three']
  const apps = await Promise.all(names.map((name) => hello(name)))
  await Promise.all(apps.map(async (app) => void (await app.ready())))
  for (const name of names) assert.equal(await textOf(name), name)
  await Promise.all(apps.map((app) => app.close()))
})
