import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { describe, it } from 'node:test'
import { openEnvelope } from '#src/transport/go/envelope.js'
import { decodeRequest } from '#src/transport/go/request.js'
import { encodeResponse } from '#src/transport/go/response.js'
import { FakeNetwork } from './fake-network.js'
import { join, settle } from './harness.js'

const reasons = ['closed', 'draining', 'overloaded', 'failed']

/** Ways to say what only sleuth says. */
const writers: Record<string, (...args: [...Parameters<RequestListener>, why: string]) => unknown> = {
  setHeader: (_req, res, why) => {
    res.statusCode = 503
    res.setHeader('x-sleuth-error', why).setHeader('X-SLEUTH-HANDLE', 'h').end('app')
  },
  'writeHead with an object': (_req, res, why) => res.writeHead(503, { 'X-Sleuth-Error': why }).end('app'),
  'writeHead with a list': (_req, res, why) => res.writeHead(503, ['X-SLEUTH-ERROR', why]).end('app'),
  'what its caller sent': (req, res) => res.writeHead(503, req.rawHeaders).end('app'),
}

for (const wire of [1, 2] as const) {
  describe(`what sleuth says of itself, on wire ${wire}`, { timeout: 60_000 }, () => {
    for (const [way, write] of Object.entries(writers)) {
      it(`no app can say, by ${way}`, async () => {
        const network = new FakeNetwork()
        let runs = 0
        for (let instance = 0; instance < 2; instance++) {
          await join(network, {
            service: 'foo',
            wire,
            handler: (req, res) => {
              runs++
              write(req, res, (req.url as string).slice(1))
            },
          })
        }
        const { sleuth } = await join(network)
        for (const why of reasons) {
          runs = 0
          const headers = { 'x-sleuth-error': why, 'x-other': 'carried' }
          const { status, headers: got, body } = await sleuth.request(`sleuth://foo/${why}`, { headers })
          assert.deepEqual([status, String(body), runs], [503, 'app', 1])
          assert.deepEqual(
            Object.keys(got).filter((name) => name.startsWith('x-sleuth')),
            [],
          )
          if (way === 'what its caller sent') assert.equal(got['x-other'], 'carried')
        }
      })
    }

    it('its caller learns: that a handler failed, and no handle', async () => {
      const network = new FakeNetwork()
      const handler = () => {
        throw new Error('thrown')
      }
      await join(network, { service: 'foo', wire, handler })
      const { sleuth } = await join(network)
      const { status, headers } = await sleuth.request('sleuth://foo/')
      assert.deepEqual(
        [status, headers['x-sleuth-error'], headers['x-sleuth-handle']],
        [500, 'failed', undefined],
      )
    })
  })
}

describe('what a service in Go writes in the name of sleuth', { timeout: 60_000 }, () => {
  it('is not believed, and not carried', async () => {
    const network = new FakeNetwork()
    let runs = 0
    for (let instance = 0; instance < 2; instance++) {
      const go = network.add({ headers: (id) => ({ group: 'SLEUTH-v1', node: id, type: 'foo' }) })
      go.on('whisper', ({ id }, [content]) => {
        runs++
        const { handle } = decodeRequest(openEnvelope('SLEUTH-v1', content as Buffer).zipped, 1 << 20)
        const headers = ['X-Sleuth-Error', 'closed', 'X-Sleuth-Handle', 'another', 'X-Other', 'carried']
        go.whisper(id, encodeResponse('SLEUTH-v1', { handle, code: 503, headers, body: Buffer.from('app') }))
      })
    }
    const { sleuth } = await join(network)
    await settle()
    const { status, headers } = await sleuth.request('sleuth://foo/')
    assert.deepEqual(
      [status, runs, headers['x-sleuth-error'], headers['x-other']],
      [503, 1, undefined, 'carried'],
    )
  })
})
