import assert from 'node:assert/strict'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import { afterEach, describe, it, mock } from 'node:test'
import { scoped } from '#src/sleuth/scoped-client.js'
import { openEnvelope } from '#src/transport/go/envelope.js'
import { encodeRequest } from '#src/transport/go/request.js'
import { decodeResponse } from '#src/transport/go/response.js'
import type { SleuthOptions } from '#src/types.js'
import { FakeNetwork } from '../../fake-network.js'
import { join, settle } from '../../harness.js'
import { asked, requestFrame, until } from './harness.js'

afterEach(() => mock.timers.reset())

/** A handler that says when it begins, and goes on until the test lets it end. */
function slow(handle: (res: ServerResponse, req: IncomingMessage) => unknown = () => {}) {
  const begun: { req: IncomingMessage; res: ServerResponse }[] = []
  const handler: RequestListener = (req, res) => {
    begun.push({ req, res })
    return handle(res, req)
  }
  return { begun, handler }
}

const cancelled = (stream: number) => ({ kind: 'callerReset', stream, why: 'cancelled' }) as const

/** A peer that asks and gives up in one breath, as often as it is told to. */
async function rapid(handler: RequestListener, options: SleuthOptions) {
  const { service, peer } = await asked(handler, options)
  let stream = 0
  const resets = async (count: number) => {
    for (let left = count; left > 0; left -= 100) {
      for (let more = Math.min(left, 100); more > 0; more--) {
        stream++
        peer.say(requestFrame(stream), cancelled(stream))
      }
      await settle()
    }
  }
  const ask = async () => {
    stream++
    peer.say(requestFrame(stream))
    await settle()
  }
  return { service, peer, resets, ask, stats: () => service.sleuth.stats() }
}

describe('a place is held until the handler is done with its response', { timeout: 60_000 }, () => {
  const limits = { maxInflight: { maxInflight: 20 }, streams: { limits: { streams: 20 } } }

  for (const [name, options] of Object.entries(limits)) {
    it(`${name}: a request that is given up does not free its place while its handler runs`, async () => {
      const { begun, handler } = slow()
      const { resets, stats } = await rapid(handler, options)
      await resets(2000)
      const { requests, refused, inflight, abandoned, dropped } = stats()
      assert.deepEqual([begun.length, requests, refused], [20, 20, 1980])
      assert.deepEqual([inflight, abandoned], [20, 20])
      assert.equal(dropped['peer-streams'] ?? 0, name === 'streams' ? 1980 : 0)
    })
  }

  it('res.end() frees it, at once and once', async () => {
    const { begun, handler } = slow()
    const { resets, stats } = await rapid(handler, { maxInflight: 2 })
    await resets(2)
    assert.equal(stats().inflight, 2)
    begun[0]?.res.end('late')
    begun[0]?.res.end()
    assert.deepEqual([stats().inflight, stats().abandoned], [1, 1])
    await resets(5)
    assert.deepEqual([begun.length, stats().inflight], [3, 2])
  })

  it('so does the promise that the handler has given, however it is settled', async () => {
    const settlers: { resolve(): void; reject(error: Error): void }[] = []
    const { handler } = slow(() => new Promise<void>((resolve, reject) => settlers.push({ resolve, reject })))
    const { resets, stats } = await rapid(handler, { maxInflight: 2 })
    await resets(2)
    settlers[0]?.resolve()
    await settle()
    assert.equal(stats().inflight, 1)
    settlers[1]?.reject(new Error('the query was cancelled'))
    await settle()
    assert.deepEqual([stats().inflight, stats().abandoned], [0, 0])
  })

  for (const when of ['before', 'in the same turn']) {
    it(`a promise that was settled ${when} says nothing`, async () => {
      const { begun, handler } = slow(async () => {})
      const { peer, ask, resets, stats } = await rapid(handler, { maxInflight: 2 })
      if (when === 'before') {
        await ask()
        peer.say(cancelled(1))
      } else await resets(1)
      await settle()
      assert.deepEqual([stats().inflight, stats().abandoned], [1, 1])
      begun[0]?.res.end()
      assert.deepEqual([stats().inflight, stats().abandoned], [0, 0])
    })
  }

  it('so does a stream that the response is given', async () => {
    const { begun, handler } = slow()
    const { resets, stats } = await rapid(handler, { maxInflight: 2 })
    await resets(1)
    new PassThrough().pipe(begun[0]?.res as ServerResponse)
    assert.equal(stats().inflight, 0)
  })

  it('a response that is under way is over with its caller, if somebody is told', async () => {
    const stopped: string[] = []
    const { handler } = slow((res) => {
      res.write('data: 1\n\n')
      res.on('close', () => stopped.push('sse'))
    })
    const { ask, peer, stats } = await rapid(handler, { maxInflight: 2 })
    await ask()
    peer.say(cancelled(1))
    await settle()
    assert.deepEqual([stopped, stats().inflight], [['sse'], 0])
  })

  it('a response that is under way, of which nobody is told, is not over', async () => {
    const { begun, handler } = slow((res) => res.write('a part'))
    const { ask, peer, stats } = await rapid(handler, { maxInflight: 2 })
    await ask()
    peer.say(cancelled(1))
    await settle()
    assert.equal(stats().inflight, 1)
    begun[0]?.res.end()
    assert.equal(stats().inflight, 0)
  })

  for (const ended of [true, false]) {
    const call = ended ? 'a call of its handler that is over' : 'a call of its handler'
    it(`a response that is under way, of which only ${call} is told, is not over`, async () => {
      const { begun, handler } = slow((res) => res.write('a part'))
      const { network, service, peer } = await asked(handler, { maxInflight: 2 })
      const calls: ServerResponse[] = []
      await join(network, { service: 'bar', handler: (_, res) => void calls.push(res) })
      peer.say(requestFrame(1))
      await settle()
      const { req, res } = begun[0] as (typeof begun)[0]
      const outcome = scoped(service.sleuth, req, res)
        .request('sleuth://bar/')
        .then(
          ({ status }) => status,
          ({ code }) => code,
        )
      await until(() => calls.length === 1)
      if (ended) calls[0]?.end()
      if (ended) await outcome
      peer.say(cancelled(1))
      await settle()
      assert.equal(await outcome, ended ? 200 : 'SLEUTH_CALLER_GONE')
      const { inflight, abandoned } = service.sleuth.stats()
      assert.deepEqual([inflight, abandoned], [1, 1])
      res.end()
      assert.equal(service.sleuth.stats().inflight, 0)
    })
  }

  it('one that its handler has ended, and its caller does not read, is over with its caller', async () => {
    const { handler } = slow((res) => res.end(Buffer.alloc(1_000_000)))
    const { ask, peer, stats } = await rapid(handler, { maxInflight: 2 })
    await ask()
    assert.equal(stats().inflight, 1)
    peer.say(cancelled(1))
    await settle()
    assert.equal(stats().inflight, 0)
  })

  const handlers = {
    'that gives no sign: 30 seconds': { handler: () => {}, seconds: 30 },
    'whose promise never settles: 300 seconds': { handler: () => new Promise(() => {}), seconds: 300 },
  }
  for (const [name, { handler, seconds }] of Object.entries(handlers)) {
    it(`a handler ${name}, and up to 4 more`, async () => {
      mock.timers.enable({ apis: ['setTimeout'] })
      const { resets, stats } = await rapid(handler, { maxInflight: 2 })
      await resets(2)
      for (let passed = 0; passed < seconds; passed += 3.75) mock.timers.tick(3750)
      assert.equal(stats().inflight, 2)
      mock.timers.tick(3750)
      assert.deepEqual([stats().inflight, stats().abandoned], [0, 0])
    })
  }

  it('a deadline that passes does not free it either', async () => {
    const { begun, handler } = slow()
    const { peer, stats } = await rapid(handler, { maxInflight: 5 })
    for (let stream = 1; stream <= 10; stream++) peer.say(requestFrame(stream, { deadline: 1 }))
    await until(() => begun.length === 5 && begun.every(({ res }) => res.closed))
    for (let stream = 11; stream <= 20; stream++) peer.say(requestFrame(stream, { deadline: 1 }))
    await settle()
    assert.deepEqual([begun.length, stats().inflight, stats().refused], [5, 5, 15])
  })

  it('a peer that vanishes and comes back finds its places taken', async () => {
    const { begun, handler } = slow()
    const { service, peer, ask, stats } = await rapid(handler, { limits: { streams: 3 } })
    for (let round = 0; round < 10; round++) {
      for (let count = 0; count < 5; count++) await ask()
      service.node.emit('exit', peer.node.self, 'expired')
    }
    assert.deepEqual([begun.length, stats().inflight, stats().abandoned], [3, 3, 3])
    for (const { res } of begun) res.end()
    await ask()
    assert.equal(begun.length, 4)
  })

  it('close() waits for none whose caller is gone', async () => {
    const { handler } = slow()
    const { service, resets, stats } = await rapid(handler, { maxInflight: 2, drainTimeout: Infinity })
    await resets(2)
    assert.equal(stats().inflight, 2)
    await service.sleuth.close()
  })
})

describe('a place on wire 1', { timeout: 60_000 }, () => {
  it('is held though the peer vanishes and comes back', async () => {
    const network = new FakeNetwork()
    const { begun, handler } = slow()
    const { sleuth, node } = await join(network, { service: 'foo', handler, limits: { streams: 3 } })
    const peer = network.add({ headers: { 'sleuth-wire': '1' } })
    const codes: number[] = []
    peer.on('whisper', (_, [content]) => {
      codes.push(decodeResponse(openEnvelope('SLEUTH-v1', content as Buffer).zipped, 1 << 20).code)
    })
    const body = Buffer.alloc(0)
    const request = { destination: peer.id, handle: 'h', method: 'GET', url: '/', headers: [], body }
    for (let round = 0; round < 10; round++) {
      for (let count = 0; count < 5; count++) peer.whisper(node.id, encodeRequest('SLEUTH-v1', request))
      await settle()
      node.emit('exit', peer.self, 'restarted')
    }
    const { inflight, abandoned, dropped } = sleuth.stats()
    assert.deepEqual([begun.length, inflight, abandoned, dropped], [3, 3, 3, { 'peer-streams': 47 }])
    assert.deepEqual([codes.length, ...new Set(codes)], [47, 503])
    for (const { res } of begun) res.end()
    assert.equal(sleuth.stats().inflight, 0)
  })
})

describe('requests that are given up', { timeout: 60_000 }, () => {
  it('are counted, and a peer of too many waits before it may ask again', async () => {
    const { begun, handler } = slow((res) => res.on('close', () => res.end()))
    const { resets, stats } = await rapid(handler, {})
    await resets(5000)
    const { inflight, refused, dropped } = stats()
    assert.equal(inflight, 0)
    // As many as it may at once, and 33 for each second that this takes.
    assert.ok(begun.length >= 1000 && begun.length < 2000, `${begun.length} handlers`)
    assert.deepEqual([refused, dropped['peer-resets']], [5000 - begun.length, 5000 - begun.length])
  })

  it('are as many as are answered, and more, for a peer that waits for its answers as well', async () => {
    const { handler } = slow((res, { url }) => (url === '/ok' ? res.end() : res.on('close', () => res.end())))
    const { service, peer } = await asked(handler)
    for (let stream = 1; stream <= 5000; stream += 2) {
      peer.say(requestFrame(stream, { url: '/ok' }), requestFrame(stream + 1), cancelled(stream + 1))
      if (stream % 100 === 1) await settle(3)
    }
    await settle()
    assert.deepEqual([service.sleuth.stats().requests, service.sleuth.stats().refused], [5000, 0])
  })
})
