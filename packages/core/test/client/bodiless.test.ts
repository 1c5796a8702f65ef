import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { settle } from '../harness.js'
import { wires } from '../hygiene/peers.js'
import { until, wired } from '../transport/streams/harness.js'

for (const wire of wires) {
  describe(`an answer without a body on wire ${wire}`, () => {
    const cases: [method: string, status: number][] = [
      ['HEAD', 200],
      ['HEAD', 404],
      ['GET', 204],
      ['GET', 304],
      ['POST', 204],
    ]
    for (const [method, status] of cases) {
      it(`ends with its head: ${method} ${status}, flushed, and ended never or later`, async () => {
        const held: ServerResponse[] = []
        const { sleuth, service } = await wired(
          (_, res) => {
            held.push(res)
            res.writeHead(status, { 'x-a': '1', ...(method === 'HEAD' && { 'content-length': 5 }) })
            res.flushHeaders()
          },
          { server: { wire } },
        )
        const { status: got, headers, body } = await sleuth.request('sleuth://foo/', { method })
        assert.deepEqual([got, headers['x-a'], body.length], [status, '1', 0])
        if (method === 'HEAD') assert.equal(headers['content-length'], '5')
        const response = await sleuth.do('sleuth://foo/', { method })
        assert.deepEqual([response.status, await response.text()], [status, ''])
        for (const res of held) res.end()
        await settle()
        assert.deepEqual([sleuth.stats().dropped, sleuth.stats().pending], [{}, 0])
        assert.deepEqual(service.sleuth.stats().dropped, {})
      })
    }
  })
}

describe('a handler that streams', () => {
  it('hears that the caller of a HEAD is gone, as from fetch', async () => {
    const noted: string[] = []
    const { sleuth } = await wired((req: IncomingMessage, res) => {
      req.on('aborted', () => noted.push('aborted'))
      res.on('close', () => noted.push('close'))
      res.writeHead(200).flushHeaders()
    })
    await sleuth.request('sleuth://foo/', { method: 'HEAD' })
    await until(() => noted.length === 2)
    assert.deepEqual(noted, ['aborted', 'close'])
  })

  it('goes on after a 204, and its caller’s signal does nothing more', async () => {
    const noted: string[] = []
    let end = () => {}
    const { sleuth, tape, caller } = await wired((_, res) => {
      res.on('close', () => noted.push(String(res.writableFinished)))
      res.writeHead(204).flushHeaders()
      end = () => res.end()
    })
    const controller = new AbortController()
    await sleuth.request('sleuth://foo/', { signal: controller.signal })
    controller.abort()
    await settle()
    assert.deepEqual(noted, [])
    end()
    await until(() => noted.length === 1)
    assert.deepEqual([noted, tape.kinds(caller.node)], [['true'], ['request']])
  })
})
