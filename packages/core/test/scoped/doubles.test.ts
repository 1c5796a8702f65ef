import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { it, mock } from 'node:test'
import { createSleuth } from '#src/index.js'
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

it('without a network the client of one request is replaced and spied on as any object is', async () => {
  const sleuth = await createSleuth({ enabled: false })
  const double = mock.method(sleuth, 'fetch', async () => new Response('double'))
  const own = scoped(sleuth, new IncomingMessage(new Socket()))
  const { do: call } = own
  const answer = new Response('own double')
  const spy = mock.method(own, 'do', async () => answer)
  assert.equal(await own.do('sleuth://foo/'), answer)
  assert.equal(spy.mock.callCount(), 1)
  spy.mock.restore()
  assert.equal(own.do, call)
  const watched = mock.method(own, 'request')
  for (const method of ['do', 'request'] as const)
    await assert.rejects(own[method]('sleuth://foo/'), { code: 'SLEUTH_DISABLED' })
  assert.equal(watched.mock.callCount(), 1)
  assert.equal(await (await own.fetch('sleuth://foo/')).text(), 'double')
  assert.equal(double.mock.callCount(), 1)
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
