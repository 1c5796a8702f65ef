import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { openEnvelope } from '#src/transport/go/envelope.js'
import { decodeResponse } from '#src/transport/go/response.js'
import { settle } from '../harness.js'
import { mesh } from './harness.js'

/** A handler that answers when it is told to. */
function held() {
  const waiting: (() => void)[] = []
  const handler: RequestListener = (_, res) => waiting.push(() => res.end('done'))
  return { handler, waiting, release: () => waiting.splice(0).forEach((answer) => void answer()) }
}

for (const wire of [1, 2] as const) {
  describe(`a service that has enough to do, on wire ${wire}`, () => {
    it('refuses what is above maxInflight, and takes what is at it', async () => {
      const { handler, release } = held()
      const { sleuth, servers } = await mesh([handler], { server: { maxInflight: 2, wire } })
      const taken = [sleuth.request('sleuth://foo/'), sleuth.request('sleuth://foo/')]
      await settle()
      const wanted = { code: 'SLEUTH_OVERLOADED', codes: [1018], retryable: true, mayHaveRun: false }
      const more = { method: 'POST', body: 'x', retry: false } as const
      await assert.rejects(sleuth.request('sleuth://foo/', more), wanted)
      const { requests, refused } = servers[0]?.sleuth.stats() ?? {}
      assert.deepEqual([requests, refused], [2, 1])
      release()
      for (const call of taken) assert.equal((await call).body.toString(), 'done')
      const again = sleuth.request('sleuth://foo/', more)
      await settle()
      release()
      assert.equal((await again).status, 200)
    })

    it('is gone round: a POST runs at another instance, once', async () => {
      const busy = held()
      const ran: string[] = []
      const free: RequestListener = (req, res) => {
        ran.push(req.method as string)
        res.end('free')
      }
      const { sleuth } = await mesh([busy.handler, free], { server: { maxInflight: 1, wire } })
      const first = sleuth.request('sleuth://foo/')
      await settle()
      await sleuth.request('sleuth://foo/', { method: 'DELETE' })
      const { body } = await sleuth.request('sleuth://foo/', { method: 'POST', body: 'x' })
      assert.equal(body.toString(), 'free')
      assert.deepEqual(ran, ['DELETE', 'POST'])
      assert.equal(sleuth.stats().retries, 1)
      busy.release()
      assert.equal((await first).body.toString(), 'done')
    })
  })

  describe(`a service that leaves, on wire ${wire}`, () => {
    it('finishes what it has begun, and refuses the rest: that goes elsewhere', async () => {
      const { handler, release } = held()
      const { sleuth, servers, network } = await mesh([handler, (_, res) => res.end('other')], {
        server: { wire },
      })
      const begun = sleuth.request('sleuth://foo/', { method: 'POST' })
      await sleuth.request('sleuth://foo/')
      // Its LEAVE is lost on the way, so that it is still asked.
      const node = servers[0]?.node
      assert.ok(node)
      node.leave = () => {}
      const closing = servers[0]?.sleuth.close()
      const late = sleuth.request('sleuth://foo/', { method: 'POST' })
      assert.equal((await late).body.toString(), 'other')
      assert.equal(servers[0]?.sleuth.stats().refused, 1)
      assert.equal(network.nodes.size, 3)
      release()
      assert.equal((await begun).body.toString(), 'done')
      await closing
      assert.equal(network.nodes.size, 2)
    })

    it('says so to those who have nowhere else to go', async () => {
      const { handler, release } = held()
      const { sleuth, servers } = await mesh([handler], { server: { wire } })
      const node = servers[0]?.node
      assert.ok(node)
      node.leave = () => {}
      const begun = sleuth.request('sleuth://foo/')
      await settle()
      const closing = servers[0]?.sleuth.close()
      const wanted = { code: 'SLEUTH_DRAINING', codes: [1017], retryable: true, mayHaveRun: false }
      await assert.rejects(sleuth.request('sleuth://foo/', { method: 'POST', retry: false }), wanted)
      release()
      assert.equal((await begun).body.toString(), 'done')
      await closing
    })
  })
}

describe('a refusal on wire 1', () => {
  it('is a 503 to Go, with the reason and when to come again', async (t) => {
    const { network, servers } = await mesh([() => {}], { server: { maxInflight: 1 } })
    const server = servers[0]?.node
    assert.ok(server)
    const go = network.add()
    const replies: ReturnType<typeof decodeResponse>[] = []
    go.on('whisper', (_, [content]) =>
      replies.push(decodeResponse(openEnvelope('SLEUTH-v1', content as Buffer).zipped, 1 << 20)),
    )
    t.mock.timers.enable({ apis: ['setTimeout'] })
    for (const [handle, method] of [
      ['a', 'GET'],
      ['b', 'POST'],
      ['c', 'HEAD'],
    ]) {
      const json = JSON.stringify({ destination: go.id, handle, method, url: '/' })
      go.whisper(server.id, Buffer.concat([Buffer.from('SLEUTH-v1REPL'), gzipSync(json)]))
    }
    await settle()
    // Go begins to listen for a reply some time after it has asked.
    assert.equal(replies.length, 0)
    t.mock.timers.tick(20)
    await settle()
    assert.deepEqual(
      replies.map(({ handle, code }) => [handle, code]),
      [
        ['b', 503],
        ['c', 503],
      ],
    )
    const [post, head] = replies
    const { headers, body } = post ?? { headers: [] as string[], body: '' }
    const field = (name: string) => headers[headers.indexOf(name) + 1]
    assert.deepEqual([field('X-Sleuth-Error'), field('Retry-After')], ['overloaded', '1'])
    assert.match(body.toString(), /retry on another/)
    assert.equal(head?.body.length, 0)
  })

  it('is not what a handler has copied from elsewhere: it has run', async () => {
    let ran = 0
    const copied = { 'x-sleuth-error': 'draining', 'x-sleuth-handle': '00112233445566778899aabb' }
    const handler: RequestListener = (_, res) => {
      ran++
      res.writeHead(503, copied).end('copied')
    }
    const { sleuth } = await mesh([handler, handler], { server: { wire: 1 } })
    const { status, body } = await sleuth.request('sleuth://foo/', { method: 'POST' })
    assert.deepEqual([status, body.toString(), ran], [503, 'copied', 1])
  })
})

describe('drainTimeout', () => {
  for (const method of ['GET', 'POST']) {
    it(`cuts off what takes longer: a ${method} is ${method === 'GET' ? 'repeated' : 'answered with 503'}`, async () => {
      const { sleuth, servers, caller } = await mesh([() => {}, (_, res) => res.end('other')], {
        server: { drainTimeout: 5 },
        client: { timeout: Infinity },
      })
      const call = sleuth.request('sleuth://foo/', { method })
      await settle()
      await servers[0]?.sleuth.close()
      const { status, headers } = await call
      if (method === 'GET') assert.equal(status, 200)
      else assert.deepEqual([status, headers['x-sleuth-error']], [503, 'closed'])
      assert.equal(caller.sleuth.stats().retries, method === 'GET' ? 1 : 0)
    })
  }
})
