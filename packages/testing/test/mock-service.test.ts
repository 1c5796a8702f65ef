import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import type { DoInit } from '@sleuth/core'
import { createTestNetwork, type MockHandler } from '@sleuth/testing'

async function scene(handler?: MockHandler) {
  const network = createTestNetwork()
  const mock = await network.mockService('foo', handler)
  const client = await network.createSleuth({ service: 'client', handler: () => {}, timeout: 10_000 })
  const ask = (path: string, init?: DoInit) => client.do(`sleuth://foo${path}`, init)
  return { network, mock, client, ask, [Symbol.asyncDispose]: () => network.close() }
}

async function seen(response: Response): Promise<[status: number, type: string | null, body: string]> {
  return [response.status, response.headers.get('content-type'), await response.text()]
}

describe('a mock answers', () => {
  const answers: Record<string, [MockHandler | undefined, [number, string | null, string]]> = {
    'with 200 by default': [undefined, [200, null, '']],
    'with a status': [404, [404, null, '']],
    'with a text': ['bear', [200, 'text/plain;charset=UTF-8', 'bear']],
    'with JSON': [{ name: 'Ursula' }, [200, 'application/json', '{"name":"Ursula"}']],
    'with a list': [
      [1, 2],
      [200, 'application/json', '[1,2]'],
    ],
    'with bytes': [Buffer.from([0, 98]), [200, null, '\0b']],
    'with null': [null, [200, 'application/json', 'null']],
    'with an empty object': [{}, [200, 'application/json', '{}']],
    'with a response': [new Response('teapot', { status: 418 }), [418, 'text/plain;charset=UTF-8', 'teapot']],
    'by a function of a Request': [
      async (request: Request) => ({ at: new URL(request.url).pathname, by: request.method }),
      [200, 'application/json', '{"at":"/x","by":"GET"}'],
    ],
    'by a function without parameters': [
      () => Response.json(1, { status: 201 }),
      [201, 'application/json', '1'],
    ],
    'by an app that takes a Request': [
      {
        fetch: async (request: Request) =>
          new Response(request.url, { headers: { 'content-type': 'text/x' } }),
      },
      [200, 'text/x', 'http://foo/x'],
    ],
    'by a Node listener': [
      (req, res) => void res.setHeader('content-type', 'text/x').end(req.url),
      [200, 'text/x', '/x'],
    ],
  }
  for (const [name, [handler, wanted]] of Object.entries(answers)) {
    it(`${name}, each time`, async () => {
      await using here = await scene(handler)
      assert.deepEqual(await seen(await here.ask('/x')), wanted)
      assert.deepEqual(await seen(await here.ask('/x')), wanted)
    })
  }

  it('by routes, the first that fits, with their parameters', async () => {
    await using here = await scene({
      'GET /authors/:id': (_request, { id }) => ({ id }),
      'POST /authors': 201,
      '/authors/*rest': 'others',
    })
    assert.deepEqual(await (await here.ask('/authors/a%20b?x=1')).json(), { id: 'a b' })
    assert.equal((await here.ask('/authors', { method: 'POST', body: 'x' })).status, 201)
    assert.equal((await here.ask('/authors/1', { method: 'HEAD' })).status, 200)
    assert.equal(await (await here.ask('/authors/1', { method: 'DELETE' })).text(), 'others')
    assert.deepEqual(await seen(await here.ask('/none')), [
      404,
      'text/plain;charset=UTF-8',
      'No route of this mock is for GET /none.',
    ])
  })

  it('with 500 for a listener that returns its answer, as a function of a route does', async () => {
    for (const said of ['text', { a: 1 }, [1], new Response('x')]) {
      await using here = await scene((async (_request: Request, _params: object) => said) as never)
      const response = await here.ask('/')
      assert.equal(response.status, 500)
      assert.match(await response.text(), /a function with two parameters answers by the second/)
      assert.equal(here.mock.errors.length, 1)
    }
    await using here = await scene((_req, res) => {
      const timer = setTimeout(() => res.end('late'), 10)
      return timer as never
    })
    assert.equal(await (await here.ask('/')).text(), 'late')
    assert.deepEqual(here.mock.errors, [])
  })

  it('by routes whose method is written otherwise, and refuses what is half a route', async () => {
    await using here = await scene({ 'post  /authors': 201, 'get /authors': 204 })
    assert.equal((await here.ask('/authors', { method: 'POST' })).status, 201)
    assert.equal((await here.ask('/authors')).status, 204)
    assert.throws(() => here.mock.use({ 'GET /authors': 200, 'authors/:id': 200 } as never), {
      code: 'SLEUTH_ARGUMENT',
      message: /has the route "GET \/authors" beside "authors\/:id", which is none: write it as "GET \/path"/,
    })
    await assert.rejects(here.network.mockService('bar', { '/a': 200, b: 200 }), { code: 'SLEUTH_ARGUMENT' })
    assert.equal((await here.ask('/authors')).status, 204)
  })

  it('with every header, cookies apart, and with a stream', async () => {
    const headers = new Headers({ 'x-one': '1' })
    headers.append('set-cookie', 'a=1')
    headers.append('set-cookie', 'b=2')
    await using here = await scene(
      () => new Response(new Blob(['bear'.repeat(50_000)]).stream(), { headers }),
    )
    const response = await here.ask('/')
    assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2'])
    assert.equal(response.headers.get('x-one'), '1')
    assert.equal((await response.text()).length, 200_000)
  })

  it('gets the whole request', async () => {
    await using here = await scene(async (request: Request) => ({
      type: request.headers.get('content-type'),
      url: request.url,
      body: await request.json(),
    }))
    const init = { method: 'PUT', body: '{"a":1}', headers: { 'content-type': 'application/json' } }
    assert.deepEqual(await (await here.ask('/x?y', init)).json(), {
      type: 'application/json',
      url: 'http://foo/x?y',
      body: { a: 1 },
    })
  })

  it('with 500 when its function fails, and keeps the error', async () => {
    const error = new Error('not as wanted')
    await using here = await scene(() => {
      throw error
    })
    assert.deepEqual(await seen(await here.ask('/')), [
      500,
      'text/plain;charset=UTF-8',
      'The mock of foo failed: Error: not as wanted',
    ])
    here.mock.use((() => {}) as never)
    assert.equal((await here.ask('/')).status, 500)
    assert.equal(here.mock.errors[0], error)
    assert.match(String(here.mock.errors[1]), /returned nothing/)
  })
})

describe('a mock records', () => {
  it('method, url, headers, body and caller of each request', async () => {
    await using here = await scene(201)
    const headers = { 'content-type': 'application/json', 'x-id': '7' }
    await here.ask('/a?b=c', { method: 'POST', body: '{"d":1}', headers })
    const [call, ...rest] = here.mock.calls
    assert.ok(call)
    assert.deepEqual(
      [call.method, call.url, call.headers['x-id'], call.caller],
      ['POST', '/a?b=c', '7', 'client'],
    )
    assert.deepEqual([call.body, call.text(), call.json()], [Buffer.from('{"d":1}'), '{"d":1}', { d: 1 }])
    assert.deepEqual(rest, [])
  })

  it('the body that a Node listener reads, and that it reads late', async () => {
    const bodies: string[] = []
    await using here = await scene(async (req, res) => {
      if (req.url === '/late') await new Promise((resolve) => setTimeout(resolve, 20))
      bodies.push(await text(req))
      res.end()
    })
    const large = 'bear'.repeat(100_000)
    await here.ask('/', { method: 'POST', body: 'small' })
    await here.ask('/late', { method: 'POST', body: 'small' })
    await here.ask('/late', { method: 'POST', body: large })
    await here.ask('/')
    const recorded = here.mock.calls.map((call) => call.text())
    assert.ok(bodies[2] === large)
    assert.deepEqual(bodies, ['small', 'small', large, ''])
    assert.deepEqual(recorded, bodies)
  })
})

describe('a mock', () => {
  it('answers otherwise from when it is told, and as at first after a reset', async () => {
    await using here = await scene('first')
    await here.ask('/')
    here.mock.use('second')
    assert.equal(await (await here.ask('/')).text(), 'second')
    here.mock.reset()
    assert.deepEqual([here.mock.calls, here.mock.errors], [[], []])
    assert.equal(await (await here.ask('/')).text(), 'first')
  })

  it('refuses while it is told to, and runs nothing', async () => {
    await using here = await scene('fine')
    const fault = here.mock.refuse()
    await assert.rejects(here.ask('/', { retry: false }), { code: 'SLEUTH_DRAINING', mayHaveRun: false })
    assert.deepEqual(here.mock.calls, [])
    fault.heal()
    assert.equal((await here.ask('/')).status, 200)
    here.mock.refuse()
    here.network.heal()
    assert.equal((await here.ask('/')).status, 200)
  })

  it('leaves the network when it is closed, twice as well as once', async () => {
    await using here = await scene('fine')
    await here.mock.close()
    await here.mock.close()
    await assert.rejects(here.ask('/'), { code: 'SLEUTH_UNKNOWN_SERVICE' })
    {
      await using short = await here.network.mockService('short')
      assert.equal(short.name, 'short')
    }
    assert.deepEqual(here.client.services(), [])
  })

  it('has the options of an instance', async () => {
    await using here = await scene()
    await here.network.mockService('bar', 200, { version: '2.1.0', name: 'bear' })
    const bar = here.client.services().find(({ service }) => service === 'bar')
    assert.deepEqual([bar?.instances[0]?.version, bar?.instances[0]?.name], ['2.1.0', 'bear'])
  })
})
