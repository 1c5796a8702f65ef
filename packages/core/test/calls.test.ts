import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import { createRequire } from 'node:module'
import { afterEach, describe, it, mock } from 'node:test'
import { ZreError } from '@sleuth/zre'
import { openEnvelope } from '#src/transport/go/envelope.js'
import { decodeRequest } from '#src/transport/go/request.js'
import { encodeResponse } from '#src/transport/go/response.js'
import type { DoInit } from '#src/types.js'
import { FakeNetwork, type FakeNode } from './fake-network.js'
import { join, mirror, mockTime, pair, restoreTime, settle, tick } from './harness.js'

interface Mirrored {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: string
}

const group = 'SLEUTH-v1'

const { version } = createRequire(import.meta.url)('@sleuth/core/package.json')

/** A client, and two services in the test's own hands. */
async function scripted() {
  const network = new FakeNetwork()
  const client = await join(network)
  const headers = (id: string) => ({ group, node: id, type: 'foo' })
  const [asked, other] = [network.add({ headers }), network.add({ headers })]
  const requests: string[] = []
  asked.on('whisper', (_, [content]) => {
    const { zipped } = openEnvelope(group, content as Buffer)
    requests.push(decodeRequest(zipped, 1 << 20).handle)
  })
  const answer = (from: FakeNode, handle: string | undefined, body: string) => {
    const reply = { handle: handle ?? '', code: 200, headers: [], body: Buffer.from(body) }
    from.whisper(client.node.id, encodeResponse(group, reply))
  }
  return { network, client, sleuth: client.sleuth, asked, other, requests, answer }
}

describe('do', () => {
  it('calls with a string, a URL or a Request', async () => {
    const { sleuth } = await pair(mirror)
    const inputs = ['sleuth://foo/a?b=c', new URL('sleuth://foo/a?b=c'), new Request('sleuth://foo/a?b=c')]
    for (const input of inputs) {
      const response = await sleuth.do(input)
      assert.ok(response instanceof Response)
      assert.deepEqual([response.status, response.url], [200, 'sleuth://foo/a?b=c'])
      const { method, url, body } = (await response.json()) as Mirrored
      assert.deepEqual([method, url, body], ['GET', '/a?b=c', ''])
    }
  })

  it('sends the body and headers of a Request', async () => {
    const { sleuth } = await pair(mirror)
    const request = new Request('sleuth://foo/', { method: 'POST', body: 'hello', headers: { 'x-a': '1' } })
    const { method, headers, body } = (await (await sleuth.do(request)).json()) as Mirrored
    assert.deepEqual([method, body, headers['x-a']], ['POST', 'hello', '1'])
    assert.deepEqual(
      [headers['content-type'], headers['content-length'], headers['transfer-encoding']],
      ['text/plain;charset=UTF-8', '5', undefined],
    )
  })

  it('is bound, as fetch is: libraries that take one may have it', async () => {
    const { sleuth } = await pair(mirror)
    const { do: call, fetch, request } = sleuth
    const typed: typeof globalThis.fetch = fetch
    assert.equal((await call('sleuth://foo/')).status, 200)
    assert.equal((await typed('sleuth://foo/', { method: 'POST', body: 'x' })).status, 200)
    assert.equal((await request('sleuth://foo/')).status, 200)
  })

  it('hands redirects back', async () => {
    const { sleuth, server } = await pair((_, res) => res.writeHead(302, { location: '/else' }).end())
    const response = await sleuth.do('sleuth://foo/')
    assert.deepEqual(
      [response.status, response.headers.get('location'), response.redirected],
      [302, '/else', false],
    )
    assert.equal(server.sleuth.stats().requests, 1)
  })

  for (const wire of [1, 2] as const) {
    it(`says who it is and what it accepts, as fetch does, unless its caller does: on wire ${wire}`, async () => {
      const { sleuth } = await pair((req, res) => res.end(JSON.stringify(req.headers)), { wire })
      for (const call of [sleuth.do, sleuth.fetch, sleuth.request]) {
        const sent = async (headers?: Record<string, string>) => {
          const { body } = await call('sleuth://foo/', headers && { headers })
          return JSON.parse(await new Response(body).text())
        }
        assert.deepEqual(await sent(), { host: 'foo', accept: '*/*', 'user-agent': `sleuth/${version}` })
        const own = { Accept: 'text/html', 'USER-AGENT': 'me' }
        assert.deepEqual(await sent(own), { host: 'foo', accept: 'text/html', 'user-agent': 'me' })
        // What is about a connection, or not true, is taken out, and they are added all the same.
        const { accept, 'user-agent': agent } = await sent({ connection: 'close', host: 'x' })
        assert.deepEqual([accept, agent], ['*/*', `sleuth/${version}`])
      }
    })
  }

  it('streams are gathered', async () => {
    const { sleuth } = await pair(mirror)
    const stream = new Blob(['hel', 'lo']).stream() as unknown as ReadableStream
    const response = await sleuth.do('sleuth://foo/', { method: 'POST', body: stream, duplex: 'half' })
    assert.equal(((await response.json()) as Mirrored).body, 'hello')
  })

  it('takes a body with GET, as Go does', async () => {
    const { sleuth } = await pair(mirror)
    const response = await sleuth.do('sleuth://foo/', { body: 'hello' })
    assert.equal(((await response.json()) as Mirrored).body, 'hello')
  })
})

describe('request', () => {
  it('leaves content codings alone', async () => {
    const head = { 'content-encoding': 'gzip' }
    const { sleuth } = await pair((_, res) => res.writeHead(200, head).end('not gzip'))
    const { headers, body } = await sleuth.request('sleuth://foo/')
    assert.deepEqual([headers['content-encoding'], body.toString()], ['gzip', 'not gzip'])
  })

  it('gives status, headers by lower-case name, and the body as a Buffer', async () => {
    const { sleuth } = await pair((_, res) => {
      res.statusCode = 418
      res.setHeader('Set-Cookie', ['a=1', 'b=2'])
      res.setHeader('X-Multi', ['one', 'two'])
      res.sendDate = false
      res.end('teapot')
    })
    const { status, headers, body } = await sleuth.request('sleuth://foo/')
    assert.equal(status, 418)
    assert.deepEqual(headers, { 'set-cookie': ['a=1', 'b=2'], 'x-multi': 'one, two', 'content-length': '6' })
    assert.ok(Buffer.isBuffer(body))
    assert.equal(body.toString(), 'teapot')
  })

  it('sends its method in upper case, as http.request does', async () => {
    const { sleuth } = await pair((req, res) => res.end(req.method))
    for (const method of ['post', 'Patch', 'query', 'GET']) {
      const { body } = await sleuth.request('sleuth://foo/', { method })
      assert.equal(body.toString(), method.toUpperCase())
    }
    await assert.rejects(sleuth.request('sleuth://foo/', { method: 5 as never }), { code: 'SLEUTH_ARGUMENT' })
  })

  it('never normalises a path', async () => {
    const { sleuth } = await pair((req, res) => res.end(req.url))
    for (const path of ['/a/../b', '/%2e%2e/a', '//a//b', '/a/./', '/%zz', '/?a=../b']) {
      assert.equal((await sleuth.request(`sleuth://foo${path}`)).body.toString(), path)
    }
  })

  it('sends the values of a header apart, under the name that Go finds', async () => {
    const { sleuth, client } = await pair((req, res) => res.end(JSON.stringify(req.rawHeaders)), { wire: 1 })
    const { body } = await sleuth.request('sleuth://foo/', { headers: { 'x-multi': ['one', 'two'] } })
    assert.deepEqual(JSON.parse(body.toString()), [
      ...['Host', 'foo', 'X-Multi', 'one', 'X-Multi', 'two'],
      ...['Accept', '*/*', 'User-Agent', `sleuth/${version}`],
    ])
    assert.equal(client.node.sent.length, 1)
  })

  for (const [argument, init] of Object.entries({
    method: { method: 'G T' },
    headers: { headers: { 'a b': '1' } },
    body: { body: 5 as never },
    timeout: { timeout: 0 },
    'timeout ': { timeout: Number.NaN },
  })) {
    it(`refuses a wrong ${argument}, and sends nothing: ${JSON.stringify(init)}`, async () => {
      const { sleuth, client } = await pair(mirror)
      const wanted = {
        code: 'SLEUTH_ARGUMENT',
        message: new RegExp(`^${argument.trim()} `),
        mayHaveRun: false,
      }
      await assert.rejects(sleuth.request('sleuth://foo/', init), wanted)
      assert.equal(client.node.sent.length, 0)
      assert.equal(sleuth.stats().errors.SLEUTH_ARGUMENT, 1)
    })
  }
})

describe('what asks for a connection of its own', () => {
  for (const wire of [1, 2] as const) {
    for (const init of [
      { method: 'CONNECT' },
      { method: 'connect' },
      { headers: { Upgrade: 'websocket' } },
      { headers: { connection: 'keep-alive, Upgrade' } },
    ]) {
      it(`is refused on wire ${wire}, and not sent: ${JSON.stringify(init)}`, async () => {
        const { sleuth, client } = await pair(mirror, { wire })
        const wanted = { code: 'SLEUTH_UPGRADE', codes: [1016], mayHaveRun: false, retryable: false }
        await assert.rejects(sleuth.request('sleuth://foo/', init), wanted)
        await assert.rejects(sleuth.do('sleuth://foo/', init as DoInit), wanted)
        assert.equal(client.node.sent.length, 0)
      })
    }
  }

  it('is not what merely sounds like it', async () => {
    const { sleuth } = await pair(mirror)
    const headers = { 'upgrade-insecure-requests': '1', connection: 'keep-alive', 'x-upgrade': 'yes' }
    assert.equal((await sleuth.request('sleuth://foo/', { headers })).status, 200)
  })
})

describe('a call that waits', () => {
  afterEach(restoreTime)

  it('is answered though the reply comes before the request has been handed over', async () => {
    const { sleuth, network } = await pair((_, res) => res.end('soon'))
    network.instant = true
    assert.equal((await sleuth.request('sleuth://foo/')).body.toString(), 'soon')
  })

  it('has a handle that can not be guessed from others', async () => {
    const { sleuth, requests, other } = await scripted()
    other.vanish('stopped')
    const calls = Array.from({ length: 600 }, () => sleuth.request('sleuth://foo/'))
    await settle()
    await Promise.all([sleuth.close(), Promise.allSettled(calls)])
    assert.equal(new Set(requests).size, 600)
    for (const handle of requests) assert.match(handle, /^[0-9a-f]{24}$/)
    const sorted = [...requests].sort()
    assert.notDeepEqual(requests, sorted)
  })

  it('takes no reply from another peer than the one that was asked', async () => {
    const { sleuth, client, asked, other, requests, answer } = await scripted()
    const call = sleuth.request('sleuth://foo/')
    await settle()
    answer(other, requests[0], 'forged')
    await settle()
    assert.deepEqual(
      client.problems().map(({ fields }) => fields.codes),
      [[1011, 921]],
    )
    assert.deepEqual(sleuth.stats().dropped, { SLEUTH_REPLY_PEER: 1 })
    answer(asked, requests[0], 'true')
    assert.equal((await call).body.toString(), 'true')
    await sleuth.close()
  })

  it('takes the first of several replies, and counts the others', async () => {
    const { sleuth, asked, requests, answer } = await scripted()
    const call = sleuth.request('sleuth://foo/')
    await settle()
    for (const text of ['first', 'second', 'third']) answer(asked, requests[0], text)
    assert.equal((await call).body.toString(), 'first')
    await settle()
    assert.deepEqual(sleuth.stats().dropped, { SLEUTH_RECV: 2 })
    await sleuth.close()
  })

  it('gives each reply to its own call, in whatever order they come', async () => {
    const { sleuth, asked, requests, answer, other } = await scripted()
    other.vanish('stopped')
    const calls = [1, 2, 3].map(() => sleuth.request('sleuth://foo/'))
    await settle()
    for (const index of [2, 0, 1]) answer(asked, requests[index], `answer ${index}`)
    const bodies = (await Promise.all(calls)).map(({ body }) => body.toString())
    assert.deepEqual(bodies, ['answer 0', 'answer 1', 'answer 2'])
    await sleuth.close()
  })

  for (const [method, retryable] of [
    ['GET', true],
    ['PUT', true],
    ['DELETE', true],
    ['POST', false],
    ['PATCH', false],
  ] as const) {
    it(`fails at once when its peer goes: a ${method} is ${retryable ? '' : 'not '}retryable`, async () => {
      const { sleuth, asked, other } = await scripted()
      const lost = sleuth.request('sleuth://foo/', { method, retry: false })
      const kept = sleuth.request('sleuth://foo/', { method })
      await settle()
      asked.vanish('expired')
      const wanted = {
        code: 'SLEUTH_PEER_GONE',
        codes: [1008],
        mayHaveRun: true,
        retryable,
        message: /expired/,
      }
      await assert.rejects(lost, wanted)
      assert.equal(sleuth.stats().pending, 1)
      other.vanish('stopped')
      await assert.rejects(kept, { message: /stopped/ })
    })
  }

  it('goes on when its peer only leaves the group: what it has begun it answers', async () => {
    const { sleuth, asked, requests, answer } = await scripted()
    const call = sleuth.request('sleuth://foo/')
    await settle()
    asked.leave(group)
    assert.equal(sleuth.services()[0]?.instances.length, 1)
    answer(asked, requests[0], 'last words')
    assert.equal((await call).body.toString(), 'last words')
    await sleuth.close()
  })

  it('fails with the reason of an abort, before it is sent and after', async () => {
    const { sleuth, client } = await scripted()
    const reason = new Error('changed my mind')
    for (const call of [sleuth.do, sleuth.request]) {
      const sent = client.node.sent.length
      await assert.rejects(call('sleuth://foo/', { signal: AbortSignal.abort(reason) }), reason)
      assert.equal(client.node.sent.length, sent)
      const controller = new AbortController()
      const waiting = call('sleuth://foo/', { signal: controller.signal })
      await settle()
      assert.equal(client.node.sent.length, sent + 1)
      controller.abort(reason)
      await assert.rejects(waiting, reason)
      assert.equal(sleuth.stats().pending, 0)
    }
    await assert.rejects(sleuth.do('sleuth://foo/', { signal: AbortSignal.abort() }), { name: 'AbortError' })
    assert.deepEqual(sleuth.stats().errors, { aborted: 5 })
    await sleuth.close()
  })

  it('leaves no listener on a signal that outlives it', async () => {
    const { sleuth } = await pair(mirror)
    const { signal } = new AbortController()
    const add = mock.method(signal, 'addEventListener')
    const remove = mock.method(signal, 'removeEventListener')
    await sleuth.request('sleuth://foo/', { signal })
    assert.deepEqual(
      remove.mock.calls.map(({ arguments: [name, listener] }) => [name, listener]),
      add.mock.calls.map(({ arguments: [name, listener] }) => [name, listener]),
    )
    assert.equal(add.mock.callCount(), 1)
  })

  it('counts the reading of its body into the timeout, and stops the reading', async () => {
    mockTime()
    const { sleuth, client } = await scripted()
    let cancelled = false
    const body = new ReadableStream({
      cancel: () => {
        cancelled = true
      },
    })
    const call = sleuth.request('sleuth://foo/', { method: 'POST', body: body as never, timeout: 50 })
    const rejected = assert.rejects(call, { code: 'SLEUTH_TIMEOUT', mayHaveRun: false, retryable: true })
    await settle()
    tick(50)
    await rejected
    assert.ok(cancelled)
    assert.equal(client.node.sent.length, 0)
  })

  it('waits without end when its timeout is Infinity', async () => {
    mockTime()
    const { sleuth, asked, requests, answer } = await scripted()
    const call = sleuth.request('sleuth://foo/', { timeout: Number.POSITIVE_INFINITY })
    await settle()
    tick(2 ** 31)
    answer(asked, requests[0], 'at last')
    assert.equal((await call).body.toString(), 'at last')
  })

  it('leaves no timer behind when it is answered', async () => {
    mockTime()
    const { sleuth } = await pair(mirror)
    await sleuth.request('sleuth://foo/')
    tick(500)
    assert.deepEqual(sleuth.stats().errors, {})
  })

  it('may share its signal with many others, and nothing is printed', async () => {
    const { sleuth } = await scripted()
    const warnings: Error[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on('warning', note)
    const aborter = new AbortController()
    const calls = Array.from({ length: 20 }, () =>
      sleuth.request('sleuth://foo/', { signal: aborter.signal }),
    )
    const rejected = calls.map((call) => assert.rejects(call, /enough/))
    await settle()
    aborter.abort(new Error('enough'))
    await Promise.all(rejected)
    process.off('warning', note)
    assert.deepEqual(warnings, [])
  })

  it('goes to no other service than the one that its URL begins with', async () => {
    const { sleuth, client } = await pair(mirror)
    for (const url of ['sleuth://bar@foo/', 'sleuth://bar:pw@foo/x', 'sleuth://bar\\@foo/']) {
      const wanted = { code: 'SLEUTH_USERINFO', codes: [1040], mayHaveRun: false }
      await assert.rejects(sleuth.do(url), wanted)
      await assert.rejects(sleuth.do(new URL(url)), wanted)
      await assert.rejects(sleuth.fetch(url), wanted)
      await assert.rejects(sleuth.request(url), wanted)
    }
    assert.equal(client.node.sent.length, 0)
  })

  it('takes null for no options, as fetch does', async () => {
    const { sleuth } = await pair(mirror)
    await sleuth.waitFor('foo', null as never)
    assert.equal((await sleuth.do('sleuth://foo/', null as never)).status, 200)
    assert.equal((await sleuth.request('sleuth://foo/', null as never)).status, 200)
  })

  it('refuses a URL that request can not split', async () => {
    const { sleuth } = await scripted()
    const wanted = { code: 'SLEUTH_ARGUMENT', message: /url must be a string, .*href/ }
    await assert.rejects(sleuth.request(new URL('sleuth://foo/') as never), wanted)
  })

  it('refuses what is no signal', async () => {
    const { sleuth } = await scripted()
    const wanted = { code: 'SLEUTH_ARGUMENT', message: /signal must be an AbortSignal/ }
    await assert.rejects(sleuth.request('sleuth://foo/', { signal: 'stop' as never }), wanted)
    await assert.rejects(sleuth.waitFor('bar', { signal: {} as never }), wanted)
  })

  it('ends with [935, 934] when its sleuth closes', async () => {
    const { sleuth } = await scripted()
    const calls = [sleuth.request('sleuth://foo/'), sleuth.do('sleuth://foo/')]
    await settle()
    const rejected = calls.map((call) => assert.rejects(call, { codes: [935, 934], mayHaveRun: true }))
    await sleuth.close()
    await Promise.all(rejected)
    assert.equal(sleuth.stats().pending, 0)
  })
})

describe('waitFor', () => {
  afterEach(restoreTime)

  it('takes a number of milliseconds', async () => {
    mockTime()
    const { sleuth } = await pair(mirror)
    await sleuth.waitFor('foo', 50)
    const waiting = assert.rejects(sleuth.waitFor('bar', 50), { code: 'SLEUTH_TIMEOUT', message: /50 ms/ })
    await settle()
    tick(50)
    await waiting
  })

  for (const given of [0, -1, Number.NaN, '50', true, () => {}]) {
    it(`refuses ${String(given)}`, async () => {
      const { sleuth } = await pair(mirror)
      await assert.rejects(sleuth.waitFor('foo', given as never), { code: 'SLEUTH_ARGUMENT' })
    })
  }
})

describe('a call that can not be sent', () => {
  it('is 929, and may be sent again', async () => {
    const { sleuth, client } = await pair(mirror)
    const cause = new ZreError('ZRE_QUEUE_FULL', 'the queue is full')
    client.node.failure = cause
    const wanted = { code: 'SLEUTH_REQUEST_WHISPER', codes: [929], mayHaveRun: false, retryable: true, cause }
    await assert.rejects(sleuth.request('sleuth://foo/', { method: 'POST' }), wanted)
    assert.equal(sleuth.stats().pending, 0)
  })

  it('is refused when it is larger than the limit', async () => {
    const network = new FakeNetwork()
    await join(network, { service: 'foo', handler: mirror, wire: 1 })
    const { sleuth, node } = await join(network, { limits: { message: 10_000 } })
    assert.equal(
      (await sleuth.request('sleuth://foo/', { method: 'POST', body: 'x'.repeat(7000) })).status,
      200,
    )
    const bodies = ['x'.repeat(8000), new Blob(['x'.repeat(8000)]).stream() as never]
    for (const body of bodies) {
      const wanted = {
        code: 'SLEUTH_TOO_LARGE',
        codes: [1007, 934],
        message: /limits\.message \(10000 bytes\)/,
      }
      await assert.rejects(sleuth.request('sleuth://foo/', { method: 'POST', body }), wanted)
    }
    assert.equal(node.sent.length, 1)
  })
})
