import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { describe, it } from 'node:test'
import { refuse } from '#src/server/node-http/messages.js'
import { mesh } from './harness.js'

/** Gives every request back, as a proxy whose server is gone. */
function refuser() {
  const results: boolean[] = []
  const handler: RequestListener = async (_, res) => {
    await new Promise((resolve) => setImmediate(resolve))
    results.push(refuse(res), refuse(res))
  }
  return { handler, results }
}

for (const wire of [1, 2] as const) {
  describe(`a request that its handler gives back, on wire ${wire}`, () => {
    it('goes to another instance, whatever its method', async () => {
      const { handler, results } = refuser()
      const other: RequestListener = (req, res) => res.end(`${req.method} by another`)
      const { sleuth, servers } = await mesh([handler, other], { server: { wire } })
      const { body } = await sleuth.request('sleuth://foo/', { method: 'POST', body: 'x' })
      assert.equal(body.toString(), 'POST by another')
      assert.deepEqual(results, [true, false])
      assert.equal(sleuth.stats().retries, 1)
      const { requests, replies, refused, inflight } = servers[0]?.sleuth.stats() ?? {}
      assert.deepEqual(
        { requests, replies, refused, inflight },
        { requests: 1, replies: 0, refused: 1, inflight: 0 },
      )
      assert.deepEqual(servers[0]?.problems(), [])
    })

    it('goes to another instance if it may have run, and may run twice', async () => {
      let asked = 0
      const broken: RequestListener = (_, res) => {
        asked++
        refuse(res, true)
      }
      const other: RequestListener = (req, res) => res.end(`${req.method} by another`)
      const { sleuth, servers } = await mesh([broken, other], { server: { wire } })
      assert.equal((await sleuth.request('sleuth://foo/')).body.toString(), 'GET by another')
      const { status, headers } = await sleuth.request('sleuth://foo/', { method: 'POST', body: 'x' })
      assert.deepEqual([status, headers['x-sleuth-error'], asked], [503, 'closed', 2])
      assert.equal(servers[0]?.sleuth.stats().inflight, 0)
    })

    it('certainly has not run, as its caller is told if there is no other instance', async () => {
      const { sleuth } = await mesh([refuser().handler], { server: { wire } })
      const wanted = { code: 'SLEUTH_DRAINING', retryable: true, mayHaveRun: false }
      await assert.rejects(sleuth.request('sleuth://foo/', { method: 'POST', body: 'x' }), wanted)
    })

    it('is not given back once its response has begun', async () => {
      const results: boolean[] = []
      const handler: RequestListener = (_, res) => {
        res.writeHead(201).write('begun')
        results.push(refuse(res))
        res.end()
      }
      const { sleuth } = await mesh([handler], { server: { wire } })
      assert.equal((await sleuth.request('sleuth://foo/')).status, 201)
      assert.deepEqual(results, [false])
    })
  })
}
