import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { it, mock } from 'node:test'
import { scoped } from '#src/sleuth/scoped-client.js'
import { FakeNetwork } from '../fake-network.js'
import { join } from '../harness.js'

it('what a test puts in place of do, fetch or request, the clients of requests call too', async () => {
  const { sleuth } = await join(new FakeNetwork())
  const answer = new Response('double')
  const asked: unknown[][] = []
  for (const method of ['do', 'fetch', 'request'] as const) {
    mock.method(sleuth, method, async (...args: unknown[]) => {
      asked.push([method, ...args])
      return answer
    })
  }
  const own = scoped(sleuth, new IncomingMessage(new Socket()))
  assert.equal(await own.do('sleuth://foo/'), answer)
  assert.equal(await own.fetch('sleuth://foo/', { method: 'POST' }), answer)
  assert.equal(await own.request('sleuth://foo/'), answer)
  assert.deepEqual(asked, [
    ['do', 'sleuth://foo/'],
    ['fetch', 'sleuth://foo/', { method: 'POST' }],
    ['request', 'sleuth://foo/'],
  ])
  mock.restoreAll()
  await assert.rejects(scoped(sleuth, new IncomingMessage(new Socket())).request('sleuth://foo/'), {
    code: 'SLEUTH_UNKNOWN_SERVICE',
  })
})

it('a test may replace the methods of the client of one request', async () => {
  const { sleuth } = await join(new FakeNetwork())
  const own = scoped(sleuth, new IncomingMessage(new Socket()))
  const answer = new Response('double')
  const double = async () => answer
  Object.assign(own, { do: double, fetch: double, request: double })
  for (const method of ['do', 'fetch', 'request'] as const)
    assert.equal(await own[method]('sleuth://foo/'), answer)
  await assert.rejects(sleuth.do('sleuth://foo/'), { code: 'SLEUTH_UNKNOWN_SERVICE' })
})
