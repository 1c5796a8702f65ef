import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage, RequestListener } from 'node:http'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { openEnvelope } from '#src/transport/go/envelope.js'
import { decodeResponse } from '#src/transport/go/response.js'
import type { SleuthOptions } from '#src/types.js'
import { FakeNetwork } from './fake-network.js'
import { join, mirror, pair, settle } from './harness.js'
import { goExchanges, goRequests } from './vectors.js'

const group = 'SLEUTH-v1'

/** A service, and a peer that whispers to it whatever the test writes. */
async function attacked(handler: RequestListener, options: SleuthOptions = {}) {
  const network = new FakeNetwork()
  const server = await join(network, { service: 'foo', handler, ...options })
  const peer = network.add({ headers: { 'sleuth-wire': '1' } })
  const replies: ReturnType<typeof decodeResponse>[] = []
  peer.on('whisper', (_, [content]) => {
    replies.push(decodeResponse(openEnvelope(group, content as Buffer).zipped, 1 << 20))
  })
  const ask = async (fields: object) => {
    const json = JSON.stringify({ destination: peer.id, handle: 'h', method: 'GET', url: '/', ...fields })
    peer.whisper(server.node.id, Buffer.concat([Buffer.from(`${group}REPL`), gzipSync(json)]))
    await settle()
  }
  return { ...server, network, peer, replies, ask, dropped: () => server.sleuth.stats().dropped }
}

describe('a service', () => {
  it("answers each of Go's recorded requests exactly once", async () => {
    const { ask, replies } = await attacked(mirror)
    for (const { json } of goRequests) {
      const { method, url, header, body, handle } = JSON.parse(json)
      await ask({ method, url, header, body, handle })
      const reply = replies.pop()
      assert.equal(replies.length, 0)
      assert.deepEqual([reply?.code, reply?.handle], [200, handle])
      const seen = JSON.parse(reply?.body.toString() ?? '')
      assert.equal(seen.method, method)
      assert.equal(seen.body, Buffer.from(body ?? '', 'base64').toString())
      assert.match(seen.url, /^\/[!-~]*$/)
    }
  })

  it('answers what a Go service was asked exactly once, unless it is no request of sleuth', async () => {
    const { ask, replies, dropped, peer } = await attacked(mirror)
    for (const { case: name, request_json: json } of goExchanges) {
      if (name === 'trailing_json') continue
      const fields = JSON.parse(json)
      const mine = 'destination' in fields ? { destination: fields.destination } : {}
      const theirs = 'FFEEDDCCBBAA99887766554433221100'
      for (const key of ['destination', 'DESTINATION']) if (fields[key] === theirs) fields[key] = peer.id
      const silent = () => (dropped().SLEUTH_REQUEST_JSON ?? 0) + (dropped().SLEUTH_DESTINATION ?? 0)
      const before = silent()
      await ask({ ...mine, ...fields })
      assert.equal(replies.splice(0).length, silent() === before ? 1 : 0, name)
    }
    assert.deepEqual(dropped(), { SLEUTH_REQUEST_HTTP: 3, SLEUTH_DESTINATION: 2, SLEUTH_REQUEST_JSON: 5 })
  })

  it('answers 400 to what HTTP would not carry, and logs [928, 922]', async () => {
    const { ask, replies, problems, dropped, sleuth } = await attacked(mirror)
    await ask({ method: 'G T' })
    await ask({ url: '/a b' })
    await ask({ header: { 'a b': ['1'] } })
    await ask({ header: { a: ['1\r\nb: 2'] } })
    assert.deepEqual(
      replies.map(({ code }) => code),
      [400, 400, 400, 400],
    )
    assert.deepEqual(
      problems().map(({ fields }) => fields.codes),
      Array(4).fill([928, 922]),
    )
    assert.deepEqual(dropped(), { SLEUTH_REQUEST_HTTP: 4 })
    assert.equal(sleuth.stats().requests, 0)
  })

  it('takes other alphabets, which JSON carries and HTTP does not, as HTTP would show them', async () => {
    const { ask, replies } = await attacked((req, res) => res.end(`${req.url} ${req.headers['x-a']}`))
    await ask({ url: '/?u=é€', header: { 'X-A': ['€'] } })
    const [path, value] = replies[0]?.body.toString().split(' ') ?? []
    assert.equal(path, '/?u=%C3%A9%E2%82%AC')
    assert.equal(Buffer.from(value ?? '', 'latin1').toString(), '€')
  })

  it('answers 500 when its handler throws, and logs why', async () => {
    const error = new Error('a bug')
    const { ask, replies, problems } = await attacked(() => {
      throw error
    })
    await ask({})
    assert.equal(replies[0]?.code, 500)
    assert.deepEqual(
      problems().map(({ level, fields }) => [level, fields.err]),
      [['error', error]],
    )
  })

  it('holds the reply to a Go peer, which begins to listen after it has sent', async (t) => {
    const network = new FakeNetwork()
    const server = await join(network, { service: 'foo', handler: mirror })
    const go = network.add()
    const replied = once(go, 'whisper')
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const json = JSON.stringify({ destination: go.id, handle: 'h', method: 'GET', url: '/' })
    go.whisper(server.node.id, Buffer.concat([Buffer.from(`${group}REPL`), gzipSync(json)]))
    await settle()
    assert.equal(server.sleuth.stats().requests, 1)
    assert.equal(server.node.sent.length, 0)
    t.mock.timers.tick(20)
    const [, [content]] = await replied
    assert.equal(decodeResponse(openEnvelope(group, content).zipped, 1 << 20).code, 200)
  })

  it('sends no answer to a third peer: [1009, 922]', async () => {
    const { ask, network, problems, dropped } = await attacked(mirror)
    const third = network.add()
    await ask({ destination: third.id })
    assert.deepEqual(
      problems().map(({ fields }) => fields.codes),
      [[1009, 922]],
    )
    assert.deepEqual(dropped(), { SLEUTH_DESTINATION: 1 })
  })

  it('refuses a message beyond the limit before it is unzipped, and one beyond the other limit after', async () => {
    const { ask, dropped, replies } = await attacked((_, res) => res.end(), {
      limits: { message: 2000, unzipped: 10_000 },
    })
    await ask({ body: Buffer.alloc(6000).toString('base64') })
    assert.deepEqual(
      replies.map(({ code }) => code),
      [200],
    )
    await ask({ body: Buffer.alloc(9000).toString('base64') })
    assert.deepEqual(dropped(), { SLEUTH_TOO_LARGE: 1 })
    const noise = Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * i * 7919) >> 3))
    await ask({ body: noise.toString('base64') })
    assert.deepEqual(dropped(), { SLEUTH_TOO_LARGE: 2 })
    assert.equal(replies.length, 1)
  })

  it('answers 502 for a response beyond the limit', async () => {
    const { ask, replies } = await attacked((_, res) => res.end('x'.repeat(8000)), {
      limits: { message: 10_000 },
    })
    await ask({})
    assert.equal(replies[0]?.code, 502)
  })

  it('lets the handler see its caller go, and answers nobody', async () => {
    const seen: string[] = []
    const { ask, peer, node, problems } = await attacked((req, res) => {
      req.on('close', () => seen.push(`req ${req.destroyed}`))
      res.on('close', () => seen.push(`res ${res.writableFinished}`))
    })
    await ask({})
    peer.vanish('expired')
    await settle()
    assert.deepEqual(seen.sort(), ['req true', 'res false'])
    assert.equal(node.sent.length, 0)
    assert.deepEqual(problems(), [])
  })

  it('never throws, whatever comes', async () => {
    const { node, peer, network, sleuth, problems } = await attacked(mirror)
    network.instant = true
    const contents = [
      [],
      '',
      group,
      `${group}REPL`,
      `${group}RECV`,
      Buffer.concat([Buffer.from(`${group}REPL`), gzipSync('{"header":5}')]),
      Buffer.concat([Buffer.from(`${group}RECV`), gzipSync('{"code":"x"}')]),
      Buffer.concat([Buffer.from(`${group}REPL`), gzipSync('x').subarray(0, 15)]),
      Buffer.alloc(1000),
    ]
    for (const content of contents) peer.whisper(node.id, content)
    const counted = Object.values(sleuth.stats().dropped).reduce((sum, count) => sum + count, 0)
    assert.equal(counted, contents.length)
    assert.equal(sleuth.stats().dropped.SLEUTH_DISPATCH, undefined)
    assert.equal(problems().length, contents.length)
  })
})

describe('filter', () => {
  it('answers 404 to what it refuses, without the handler', async () => {
    const filter = (req: IncomingMessage) => req.url?.startsWith('/public') ?? false
    const handled: unknown[] = []
    const { sleuth, server } = await pair(
      (req, res) => {
        handled.push(req.url)
        res.end()
      },
      { filter },
    )
    assert.equal((await sleuth.request('sleuth://foo/public/a')).status, 200)
    assert.equal((await sleuth.request('sleuth://foo/private')).status, 404)
    assert.deepEqual(handled, ['/public/a'])
    assert.deepEqual(server.sleuth.stats().dropped, { filter: 1 })
  })
})

describe('a client-only sleuth', () => {
  it('takes no request: [1010, 922]', async () => {
    const network = new FakeNetwork()
    const { sleuth, node, problems } = await join(network)
    network.add().whisper(node.id, Buffer.concat([Buffer.from(`${group}REPL`), gzipSync('{}')]))
    await settle()
    assert.deepEqual(
      problems().map(({ fields }) => fields.codes),
      [[1010, 922]],
    )
    assert.deepEqual(sleuth.stats().dropped, { SLEUTH_NO_HANDLER: 1 })
    assert.equal(node.sent.length, 0)
  })
})

describe('stats', () => {
  it('counts what went on', async () => {
    const { sleuth, server } = await pair(mirror)
    await sleuth.request('sleuth://foo/')
    await sleuth.do('sleuth://foo/')
    await assert.rejects(sleuth.do('sleuth://bar/'))
    const { bytesSent, bytesReceived, ...client } = sleuth.stats()
    assert.deepEqual(client, {
      calls: 3,
      answers: 2,
      pending: 0,
      requests: 0,
      replies: 0,
      refused: 0,
      inflight: 0,
      abandoned: 0,
      retries: 0,
      hedges: 0,
      emits: 0,
      eventsSent: 0,
      eventsReceived: 0,
      listenerErrors: 0,
      errors: { SLEUTH_UNKNOWN_SERVICE: 1 },
      dropped: {},
      peers: 1,
    })
    const served = server.sleuth.stats()
    assert.deepEqual([served.requests, served.replies], [2, 2])
    assert.ok(bytesSent > 0 && bytesSent === served.bytesReceived && bytesReceived === served.bytesSent)
  })
})
