import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { installFastResponse } from '#src/serve/fast-response.js'
import { serve } from '#src/serve/serve.js'
import { wholeBody } from '#src/serve/whole-body.js'
import type { FetchHandler } from '#src/types.js'
import { FakeNetwork } from '../fake-network.js'
import { join } from '../harness.js'
import { both } from './both.js'

const routes: Record<string, FetchHandler> = {
  '/text': () => new Response('text'),
  '/json': () => Response.json({ a: 'ä' }, { status: 201, headers: { 'x-own': '1' } }),
  '/bytes': () => new Response(new Uint8Array([0, 255, 1])),
  '/none': () => new Response(null, { status: 204 }),
  '/not-modified': () => new Response(null, { status: 304, headers: { etag: '"1"' } }),
  '/redirect': () => Response.redirect('http://foo/text', 303),
  '/cookies': () => {
    const headers = new Headers()
    headers.append('set-cookie', 'a=1')
    headers.append('set-cookie', 'b=2')
    return new Response('', { headers })
  },
  '/reason': () => new Response('x', { status: 418, statusText: 'Teapot' }),
  '/form': () => {
    const form = new FormData()
    form.set('a', 'ä')
    return new Response(form)
  },
  '/params': () => new Response(new URLSearchParams({ a: 'ä b' })),
  '/blob': () => new Response(new Blob(['blob'], { type: 'text/x' })),
  '/stream': () => {
    let count = 0
    return new Response(
      new ReadableStream({
        async pull(controller) {
          await new Promise((resolve) => setImmediate(resolve))
          if (++count > 3) controller.close()
          else controller.enqueue(Buffer.from(`${count} `))
        },
      }),
    )
  },
  '/empty-stream': () => new Response(new ReadableStream({ start: (controller) => controller.close() })),
  '/echo': async (request) => {
    const { method, url, bodyUsed } = request
    const { pathname, search } = new URL(url)
    const headers = [...request.headers].filter(([name]) => /^x-/.test(name))
    return Response.json({ method, pathname, search, headers, bodyUsed, body: await request.text() })
  },
  '/echo-json': async (request) => Response.json(await request.json()),
  '/echo-bytes': async (request) => new Response(await request.arrayBuffer()),
  '/echo-blob': async (request) => new Response(await request.blob()),
  '/echo-form': async (request) => Response.json([...(await request.formData())].sort()),
  '/echo-stream': (request) => new Response(request.body),
  '/echo-clone': async (request) => {
    const copy = request.clone()
    return Response.json([await request.text(), await copy.text(), request.bodyUsed])
  },
  '/echo-new': async (request) => {
    const made = new Request(request, { headers: { 'x-new': '1' } })
    const { pathname } = new URL(made.url)
    return Response.json([made.method, pathname, made.headers.get('x-new'), await made.text()])
  },
  '/twice': async (request) => {
    await request.text()
    return Response.json(
      await request.text().then(
        () => 'read twice',
        (error) => error.constructor.name,
      ),
    )
  },
  '/is': (request) =>
    Response.json([request instanceof Request, request.constructor.name, request.body === null]),
  '/foreign': () => {
    const { status, headers, body } = new Response('foreign', { headers: { 'x-foreign': '1' } })
    return { status, statusText: '', headers, body, bodyUsed: false } as Response
  },
}

const broken: Record<string, FetchHandler> = {
  '/throws': () => {
    throw new Error('on purpose')
  },
  '/rejects': async () => {
    throw new Error('on purpose')
  },
  '/error': () => Response.error(),
  '/nothing': async () => undefined as never,
  '/used': async () => {
    const response = new Response('x')
    await response.text()
    return response
  },
}

const app: FetchHandler = (request, context) => {
  const { pathname } = new URL(request.url)
  const handler = routes[pathname] ?? broken[pathname]
  return handler?.(request, context) ?? new Response('no such path', { status: 404 })
}

const Original = globalThis.Response

for (const fastResponse of [false, true])
  describe(`serve, over HTTP and over sleuth alike, ${fastResponse ? 'with' : 'without'} fast responses`, {
    timeout: 60_000,
  }, () => {
    const ways = both(app, { fastResponse })
    before(async () => {
      globalThis.Response = Original
      if (fastResponse) installFastResponse()
    })
    after(() => {
      globalThis.Response = Original
    })
    const same = (name: string, path: string, init?: RequestInit) =>
      it(name, async () => {
        const { http, sleuth } = await ways
        const seen = await Promise.all([http, sleuth].map((ask) => ask(path, init).then(seenOf)))
        assert.deepEqual(seen[1], seen[0])
      })

    for (const path of Object.keys(routes)) {
      if (!path.startsWith('/echo') && path !== '/form') same(`GET ${path}`, path)
    }
    for (const path of Object.keys(broken)) {
      it(`GET ${path} is a 500`, async () => {
        for (const ask of Object.values(await ways)) {
          const response = await ask(path)
          assert.equal(response.status, 500)
          assert.ok(!(await response.text()).includes('on purpose'))
        }
      })
    }
    for (const path of ['/text', '/stream', '/json']) same(`HEAD ${path}`, path, { method: 'HEAD' })
    for (const path of ['/echo', '/echo-json', '/echo-bytes', '/echo-blob', '/echo-stream', '/twice']) {
      same(`POST ${path}`, `${path}?a=b`, { method: 'POST', body: '{"a":"ä"}', headers: { 'x-own': 'ü' } })
      same(`POST ${path} with a large body`, path, {
        method: 'POST',
        body: JSON.stringify('ä'.repeat(200_000)),
      })
    }
    same('POST without a body', '/echo', { method: 'POST' })
    same('DELETE without a body', '/echo', { method: 'DELETE' })
    same('a clone', '/echo-clone', { method: 'PUT', body: 'body' })
    same('a Request made of it', '/echo-new', { method: 'PUT', body: 'body' })
    same('what nobody serves', '/nowhere')
    const form = new FormData()
    form.set('a', '1')
    form.set('file', new Blob(['content']), 'name.txt')
    same('a form', '/echo-form', { method: 'POST', body: form })

    it('sends a form', async () => {
      for (const ask of Object.values(await ways)) {
        assert.deepEqual([...(await (await ask('/form')).formData())], [['a', 'ä']])
      }
    })

    it('sends what a stream has before it goes on', async () => {
      let more = (): void => {}
      const { http, sleuth } = await both(
        () =>
          new Response(
            new ReadableStream({
              start(controller) {
                controller.enqueue(Buffer.from('first'))
                more = () => {
                  controller.enqueue(Buffer.from(' last'))
                  controller.close()
                }
              },
            }),
          ),
      )
      for (const ask of [http, sleuth]) {
        const reader = ((await ask('/')).body as ReadableStream<Uint8Array>).getReader()
        assert.equal(Buffer.from((await reader.read()).value as Uint8Array).toString(), 'first')
        more()
        let rest = ''
        for (let { value, done } = await reader.read(); !done; { value, done } = await reader.read()) {
          rest += Buffer.from(value as Uint8Array).toString()
        }
        assert.equal(rest, ' last')
      }
    })

    it('sends the head of a stream that says nothing yet, and ends the stream when the caller hangs up', async () => {
      let signal: AbortSignal | undefined
      let cancelled: (() => void) | undefined
      const { http, sleuth } = await both((request) => {
        signal = request.signal
        return new Response(new ReadableStream({ cancel: () => cancelled?.() }))
      })
      for (const ask of [http, sleuth]) {
        const ended = new Promise<void>((resolve) => {
          cancelled = resolve
        })
        const controller = new AbortController()
        const response = await ask('/', { signal: controller.signal })
        assert.equal(response.status, 200)
        controller.abort()
        await ended
        assert.equal(signal?.aborted, true)
      }
    })

    const reads: Record<string, (request: Request) => Promise<unknown> | undefined> = {
      text: (request) => request.text(),
      arrayBuffer: (request) => request.arrayBuffer(),
      clone: (request) => request.clone().text(),
      reader: (request) => request.body?.getReader().read(),
    }
    for (const [how, read] of Object.entries(reads)) {
      it(`rejects a read that begins when the response is over, or the caller gone: ${how}`, async () => {
        let late: Promise<unknown> | undefined
        let answer: (() => Response | Promise<Response>) | undefined
        const { http, sleuth } = await both((request, { incoming, outgoing }) => {
          late = (async () => {
            await once(outgoing, 'close')
            if (!incoming.destroyed) await once(incoming, 'close')
            return read(request)
          })()
          late.catch(() => {})
          return (answer as () => Response | Promise<Response>)()
        })
        for (const ask of [http, sleuth]) {
          answer = () => new Response('over')
          assert.equal(await (await ask('/', { method: 'POST', body: 'unread' })).text(), 'over')
          await assert.rejects(late as Promise<unknown>, { code: 'SLEUTH_REQUEST_BODY' })
          const called = new Promise<void>((resolve) => {
            answer = () => {
              resolve()
              return new Promise(() => {})
            }
          })
          const controller = new AbortController()
          const given = ask('/', { method: 'POST', body: 'unread', signal: controller.signal })
          given.catch(() => {})
          await called
          controller.abort()
          await assert.rejects(late as Promise<unknown>, { code: 'SLEUTH_REQUEST_BODY' })
        }
      })
    }

    it('waits for a reader that is slow', async () => {
      let pulled = 0
      const { sleuth } = await both(
        () =>
          new Response(
            new ReadableStream(
              {
                pull(controller) {
                  pulled++
                  if (pulled > 1000) controller.close()
                  else controller.enqueue(new Uint8Array(64 * 1024))
                },
              },
              { highWaterMark: 0 },
            ),
          ),
      )
      const response = await sleuth('/')
      await new Promise((resolve) => setTimeout(resolve, 100))
      assert.ok(pulled < 200, `${pulled} chunks were read ahead`)
      assert.equal((await response.arrayBuffer()).byteLength, 1000 * 64 * 1024)
    })

    it('breaks off with a stream that fails', async () => {
      const { http, sleuth } = await both(
        () =>
          new Response(
            new ReadableStream({
              async pull(controller) {
                controller.enqueue(new Uint8Array(1))
                await new Promise((resolve) => setImmediate(resolve))
                controller.error(new Error('on purpose'))
              },
            }),
          ),
      )
      for (const ask of [http, sleuth]) await assert.rejects(ask('/').then((response) => response.text()))
    })
  })

describe('serve', { timeout: 60_000 }, () => {
  it('takes an object with a method fetch, and refuses everything else', async () => {
    const object = {
      text: 'own',
      fetch() {
        return new Response(this.text)
      },
    }
    const network = new FakeNetwork()
    const service = await join(network, { service: 'foo', handler: serve(object) })
    const { sleuth } = await join(network)
    assert.equal(await (await sleuth.do('sleuth://foo/')).text(), 'own')
    await sleuth.close()
    await service.sleuth.close()
    for (const bad of [undefined, null, 'app', {}]) assert.throws(() => serve(bad as never), TypeError)
  })

  it('tells who calls, and gives Node’s own objects', async () => {
    let peer: unknown
    const { http, sleuth } = await both((_, context) => {
      peer = typeof context.peer?.id
      return Response.json([context.incoming.url, context.outgoing.req === context.incoming])
    })
    assert.deepEqual(await (await http('/a')).json(), ['/a', true])
    assert.equal(peer, 'undefined')
    assert.deepEqual(await (await sleuth('/a')).json(), ['/a', true])
    assert.equal(peer, 'string')
  })

  it('leaves a response to a handler that answers by Node’s own object', async () => {
    const ways = await both((request, { outgoing }) => {
      const answer = () => outgoing.writeHead(201, { 'x-own': '1' }).end('by hand')
      if (!request.url.endsWith('/later')) answer()
      else setImmediate(answer)
      return request.url.endsWith('/nothing')
        ? (undefined as never)
        : new Response(null, { headers: { 'x-hono-already-sent': 'true' } })
    })
    for (const ask of Object.values(ways)) {
      for (const path of ['/now', '/later', '/nothing']) {
        const response = await ask(path)
        assert.deepEqual([response.status, response.headers.get('x-own')], [201, '1'])
        assert.equal(await response.text(), 'by hand')
      }
    }
  })

  it('tells the length of text and bytes to HEAD', async () => {
    for (const body of ['ä', new Uint8Array(2)]) {
      const ways = await both(() => new Response(body))
      for (const ask of Object.values(ways)) {
        const { headers } = await ask('/', { method: 'HEAD' })
        // Node 24 hides what a Response was made of.
        if (wholeBody(new Response('x')) !== undefined) assert.equal(headers.get('content-length'), '2')
      }
    }
  })

  it('tells the length of a stream that is empty', async () => {
    const ways = await both(() => new Response(new ReadableStream({ start: (stream) => stream.close() })))
    for (const ask of Object.values(ways)) assert.equal((await ask('/')).headers.get('content-length'), '0')
  })

  it('refuses over HTTP what no Request can hold', async () => {
    const server = createServer(serve(() => new Response('reached')) as never).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const status = async (options: object) => {
      const sent = httpRequest({ host: '127.0.0.1', port, ...options }).end()
      const [response] = await once(sent, 'response')
      response.resume()
      return response.statusCode
    }
    assert.equal(await status({ path: 'http://elsewhere/' }), 400)
    assert.equal(await status({ path: '/open\\..\\closed' }), 400)
    assert.equal(await status({ path: '/open?path=c:\\windows' }), 200)
    assert.equal(await status({ method: 'TRACE' }), 501)
    assert.equal(await status({ method: 'OPTIONS', path: '*' }), 200)
    assert.equal(await status({ headers: { host: 'a/b@c' } }), 200)
    server.closeAllConnections()
    server.close()
  })
})

/** What a caller sees, without what differs between HTTP and sleuth in any case. */
async function seenOf(response: Response): Promise<unknown> {
  const { status, headers } = response
  const ours = [...headers].filter(
    ([name]) => !['date', 'connection', 'keep-alive', 'transfer-encoding'].includes(name),
  )
  return { status, headers: ours, body: await response.text() }
}
