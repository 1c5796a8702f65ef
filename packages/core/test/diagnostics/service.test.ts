import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { InstanceMessage, RequestMessage } from '#src/shared/diagnostics.js'
import { mirror, pair, settle } from '../harness.js'
import { wires } from '../hygiene/peers.js'
import { heard } from './listen.js'

describe('sleuth.request', () => {
  for (const wire of wires) {
    it(`tells of each request that a service has answered, on wire ${wire}`, async () => {
      const { sleuth, client } = await pair(
        (_, res) => {
          res.statusCode = 404
          res.end()
        },
        { wire },
      )
      const messages = await heard<RequestMessage>('sleuth.request', async () => {
        await sleuth.request('sleuth://foo/a')
        await settle()
      })
      const [message] = messages as [RequestMessage]
      assert.equal(messages.length, 1)
      const { service, peer, request, response, duration, aborted, refused } = message
      assert.deepEqual(
        [service, peer.id, request?.url, response?.statusCode],
        ['foo', client.node.id, '/a', 404],
      )
      assert.ok(duration >= 0)
      assert.deepEqual([aborted, refused], [undefined, undefined])
    })
  }

  for (const wire of wires) {
    it(`tells of the 500 that the caller of a handler that throws gets, on wire ${wire}`, async () => {
      const { sleuth } = await pair(
        async (req) => {
          if (req.url === '/now') throw new Error('no')
          await settle()
          throw new Error('not later either')
        },
        { wire },
      )
      const messages = await heard<RequestMessage>('sleuth.request', async () => {
        for (const path of ['now', 'later']) await sleuth.request(`sleuth://foo/${path}`)
        await settle()
      })
      assert.deepEqual(
        messages.map(({ response, aborted }) => [response?.statusCode, aborted]),
        [
          [500, undefined],
          [500, undefined],
        ],
      )
    })
  }

  it('tells why a response did not reach its end', async () => {
    const { sleuth } = await pair((_, res) => res.destroy())
    const messages = await heard<RequestMessage>('sleuth.request', async () => {
      await assert.rejects(sleuth.request('sleuth://foo/', { retry: false }))
      await settle()
    })
    assert.deepEqual(
      messages.map(({ aborted }) => aborted),
      ['destroyed'],
    )
  })

  it('tells of a request that was refused', async () => {
    let answer = () => {}
    const { sleuth, client } = await pair(
      (_, res) => {
        answer = () => res.end()
      },
      { maxInflight: 1 },
    )
    const messages = await heard<RequestMessage>('sleuth.request', async () => {
      const first = sleuth.request('sleuth://foo/1')
      await settle()
      await assert.rejects(sleuth.request('sleuth://foo/2', { retry: false }), { code: 'SLEUTH_OVERLOADED' })
      answer()
      await first
      await settle()
    })
    assert.deepEqual(
      messages.map(({ service, peer, request, refused }) => [service, peer.id, request?.url, refused]),
      [
        ['foo', client.node.id, undefined, 'overloaded'],
        ['foo', client.node.id, '/1', undefined],
      ],
    )
  })
})

describe('sleuth.instance', () => {
  it('tells who appeared, who went, and why', async () => {
    const messages = await heard<InstanceMessage>('sleuth.instance', async () => {
      const { server } = await pair(mirror)
      server.node.vanish('lost')
      await settle()
    })
    assert.deepEqual(
      messages.map(({ type, service, instance, reason }) => [type, service, instance.wire, reason]),
      [
        ['up', 'foo', 2, undefined],
        ['down', 'foo', 2, 'lost'],
      ],
    )
  })
})
