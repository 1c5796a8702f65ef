import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { describe, it } from 'node:test'
import { MAX_WINDOW, WINDOW } from '#src/shared/limits.js'
import { MAX_PACKET } from '#src/transport/streams/format.js'
import { settle } from '../../harness.js'
import { type Frame, writePacket } from './frames.js'
import {
  answering,
  asked,
  dataFrame,
  inChunks,
  pattern,
  rawPeer,
  requestFrame,
  responseFrame,
  until,
  wired,
} from './harness.js'

const credit = (kind: 'callerCredit' | 'serviceCredit', stream: number, bytes: number): Frame => {
  return { kind, stream, bytes }
}

function bytesOf(frames: readonly Frame[]): number {
  return frames.reduce((sum, frame) => sum + ('body' in frame ? frame.body.length : 0), 0)
}

function resets(frames: readonly Frame[]): unknown[] {
  return frames.flatMap((frame) => ('why' in frame ? [[frame.kind, frame.stream, frame.why]] : []))
}

describe('a service', () => {
  it('never sends more than a largest window at once, whatever credit it is given', async () => {
    const { peer } = await asked((_, res) => res.end(pattern(10 * WINDOW)))
    peer.say(requestFrame(1))
    await settle()
    assert.equal(bytesOf(peer.heard), WINDOW)
    peer.say(credit('callerCredit', 1, 2 ** 32 - 1))
    await settle()
    assert.equal(bytesOf(peer.heard), WINDOW + MAX_WINDOW)
    peer.say(credit('callerCredit', 1, 0), credit('callerCredit', 1, 1), credit('serviceCredit', 1, 1000))
    await settle()
    assert.equal(bytesOf(peer.heard), WINDOW + MAX_WINDOW + 1)
  })

  it('resets a request that brings more than its credit', async () => {
    const noted: string[] = []
    const { peer } = await asked((req) => {
      req.on('aborted', () => noted.push('aborted'))
    })
    peer.say(requestFrame(1, { method: 'POST', body: 'x', end: false }))
    peer.say(dataFrame('callerData', 1, pattern(WINDOW - 1)))
    await settle()
    assert.deepEqual([noted, peer.heard], [[], []])
    peer.say(dataFrame('callerData', 1, 'x'), dataFrame('callerData', 1, pattern(1000)))
    await until(() => noted.length === 1)
    assert.deepEqual(resets(peer.heard), [['serviceReset', 1, 'protocol']])
  })

  it('resets a request that is larger than a window at once', async () => {
    const { peer, service } = await asked((_, res) => res.end())
    peer.say(requestFrame(1, { method: 'POST', body: pattern(WINDOW + 1) }))
    peer.say(requestFrame(2, { method: 'POST', body: pattern(WINDOW) }))
    await until(() => peer.heard.length === 2)
    assert.deepEqual(resets(peer.heard), [['serviceReset', 1, 'protocol']])
    assert.equal(service.sleuth.stats().requests, 1)
  })

  it('resets a request that goes on after its end', async () => {
    const noted: string[] = []
    const { peer, service } = await asked((req) => {
      req.resume().on('error', (error) => noted.push(error.message))
      req.on('aborted', () => noted.push('aborted'))
    })
    peer.say(requestFrame(1, { method: 'POST', end: false }), dataFrame('callerData', 1, 'a', true))
    peer.say(requestFrame(2, { method: 'POST', body: 'whole' }))
    await settle()
    peer.say(dataFrame('callerData', 1, 'b'), dataFrame('callerData', 2, '', true))
    await settle()
    assert.deepEqual(resets(peer.heard), [
      ['serviceReset', 1, 'protocol'],
      ['serviceReset', 2, 'protocol'],
    ])
    assert.deepEqual(noted, [])
    assert.deepEqual(service.sleuth.stats().dropped, { 'peer-protocol': 2 })
  })

  it('takes a number that is in use for neither of the two', async () => {
    const seen: IncomingMessage[] = []
    const { peer } = await asked((req, res) => {
      seen.push(req)
      if (req.url === '/done') res.end('done')
    })
    peer.say(requestFrame(1), requestFrame(1, { url: '/second' }))
    await until(() => seen[0]?.aborted)
    assert.deepEqual(
      seen.map(({ url }) => url),
      ['/'],
    )
    assert.deepEqual(resets(peer.heard), [['serviceReset', 1, 'protocol']])
    peer.say(requestFrame(1, { url: '/done' }), requestFrame(1, { url: '/done' }))
    await settle()
    assert.deepEqual(
      peer.heard.slice(1).map(({ kind }) => kind),
      ['response', 'response'],
    )
  })

  it('passes over what belongs to no request, and counts it', async () => {
    const { peer, service } = await asked((_, res) => res.end('ok'))
    peer.say(
      dataFrame('callerData', 5, 'x', true),
      dataFrame('serviceData', 5, 'x', true),
      responseFrame(5, { body: 'x' }),
      credit('callerCredit', 5, 1),
      credit('serviceCredit', 5, 1),
      { kind: 'callerReset', stream: 5, why: 'cancelled' },
      { kind: 'serviceReset', stream: 5, why: 'destroyed' },
      requestFrame(1),
    )
    await until(() => peer.heard.length === 1)
    await settle()
    assert.deepEqual([peer.heard.length, peer.heard[0]?.kind], [1, 'response'])
    assert.deepEqual(service.sleuth.stats().dropped, { 'unknown-stream': 7 })
  })

  it('counts nothing of what was under way when its stream ended', async () => {
    const body = pattern(4 * WINDOW)
    const { sleuth, service } = await wired((req, res) => res.end(req.method === 'GET' ? body : 'enough'))
    for (let count = 0; count < 5; count++) {
      await sleuth.request('sleuth://foo/')
      await sleuth.request('sleuth://foo/', { method: 'POST', body: inChunks(body) })
    }
    await settle()
    assert.deepEqual([sleuth.stats().dropped, service.sleuth.stats().dropped], [{}, {}])
  })

  it('knows each caller by itself: numbers of two do not meet', async () => {
    const { network, service, peer } = await asked((req, res) => {
      if (req.url === '/done') res.end('done')
    })
    const other = rawPeer(network, service.node)
    peer.say(requestFrame(1))
    other.say(requestFrame(1, { url: '/done' }), { kind: 'callerReset', stream: 1, why: 'cancelled' })
    await until(() => other.heard.length === 1)
    await settle()
    assert.deepEqual(peer.heard, [])
  })

  it('answers all of a flood, and what is no HTTP with 400', async () => {
    const { peer, service } = await asked((_, res) => res.end('ok'))
    const flood = Array.from({ length: 2000 }, (_, stream) => {
      return requestFrame(stream, stream % 100 === 7 ? { method: 'G T', end: stream % 200 === 7 } : {})
    })
    peer.say(...flood)
    await until(() => peer.heard.length === 2010)
    const statuses = peer.heard.flatMap((frame) => (frame.kind === 'response' ? [frame.status] : []))
    assert.deepEqual([statuses.length, statuses.filter((status) => status === 400).length], [2000, 20])
    // Of those, half had more to come.
    assert.equal(resets(peer.heard).length, 10)
    assert.equal(service.sleuth.stats().dropped.SLEUTH_REQUEST_HTTP, 20)
    assert.equal(service.sleuth.stats().requests, 1980)
  })

  it('takes no packet above the limit', async () => {
    const { peer, service } = await asked((_, res) => res.end('ok'))
    const padding = writePacket(dataFrame('callerData', 9, Buffer.alloc(MAX_PACKET)))
    peer.node.whisper(service.node.id, padding)
    peer.say(requestFrame(1))
    await until(() => peer.heard.length === 1)
    assert.deepEqual(service.sleuth.stats().dropped, { SLEUTH_PACKET: 1 })
  })

  it('that is client-only drops requests, and nothing else', async () => {
    const { sleuth, caller, peer } = await answering()
    const call = sleuth.request('sleuth://foo/')
    await until(() => peer.heard.length === 1)
    const stream = peer.heard[0]?.stream as number
    peer.say(requestFrame(1), responseFrame(stream, { body: 'ok' }))
    assert.equal((await call).body.toString(), 'ok')
    assert.deepEqual(caller.sleuth.stats().dropped, { SLEUTH_NO_HANDLER: 1 })
  })
})

describe('a caller', () => {
  /** What a service answers to one call, given its stream; what becomes of that call. */
  async function answered(reply: (stream: number) => Frame[]) {
    const { sleuth, peer } = await answering()
    const call = sleuth.do('sleuth://foo/', { retry: false })
    const read = call.then((response) => response.text())
    read.catch(() => {})
    await until(() => peer.heard.length === 1)
    const stream = peer.heard[0]?.stream as number
    peer.say(...reply(stream))
    await settle()
    return { stream, read, said: resets(peer.heard), call }
  }

  const breaches: Record<string, (stream: number) => Frame[]> = {
    'a body before its head': (stream) => [dataFrame('serviceData', stream, 'x')],
    'a second head': (stream) => [
      responseFrame(stream, { end: false }),
      responseFrame(stream, { body: 'again' }),
    ],
    'more than a window': (stream) => [
      responseFrame(stream, { end: false }),
      dataFrame('serviceData', stream, pattern(WINDOW)),
      dataFrame('serviceData', stream, 'x'),
    ],
    'more than a window with its head': (stream) => [responseFrame(stream, { body: pattern(WINDOW + 1) })],
    'more than a window with its head, and more to come': (stream) => [
      responseFrame(stream, { body: pattern(WINDOW + 1), end: false }),
    ],
  }

  for (const [name, reply] of Object.entries(breaches)) {
    it(`resets ${name}`, async () => {
      const { stream, read, said } = await answered(reply)
      await assert.rejects(read, { code: 'SLEUTH_CUT', message: /protocol error/ })
      assert.deepEqual(said, [['callerReset', stream, 'protocol']])
    })
  }

  it('takes a whole window with the head, and what follows its end for nothing', async () => {
    const { read, said } = await answered((stream) => [
      responseFrame(stream, { body: pattern(WINDOW), end: true }),
      dataFrame('serviceData', stream, 'x', true),
      responseFrame(stream),
      { kind: 'serviceReset', stream, why: 'destroyed' },
    ])
    assert.equal((await read).length, pattern(WINDOW).toString().length)
    assert.deepEqual(said, [])
  })

  it('is not moved by what another peer says about its call', async () => {
    const { network, sleuth, caller, peer } = await answering()
    const other = rawPeer(network, caller.node)
    const call = sleuth.request('sleuth://foo/')
    await until(() => peer.heard.length === 1)
    const stream = peer.heard[0]?.stream as number
    other.say(responseFrame(stream, { body: 'forged' }), {
      kind: 'serviceReset',
      stream,
      why: 'destroyed',
    })
    await settle()
    peer.say(responseFrame(stream, { body: 'true' }))
    assert.equal((await call).body.toString(), 'true')
  })

  it('sends an upload no faster than a largest window at a time, whatever credit it is given', async () => {
    const { sleuth, peer } = await answering()
    const call = sleuth.request('sleuth://foo/', { method: 'POST', body: pattern(10 * WINDOW) })
    await settle()
    assert.equal(bytesOf(peer.heard), WINDOW)
    const stream = peer.heard[0]?.stream as number
    peer.say(credit('serviceCredit', stream, 2 ** 32 - 1), credit('callerCredit', stream, WINDOW))
    await settle()
    assert.equal(bytesOf(peer.heard), WINDOW + MAX_WINDOW)
    peer.say(responseFrame(stream, { body: 'ok' }), { kind: 'serviceReset', stream, why: 'cancelled' })
    assert.equal((await call).body.toString(), 'ok')
    peer.say(credit('serviceCredit', stream, WINDOW))
    await settle()
    assert.equal(bytesOf(peer.heard), WINDOW + MAX_WINDOW)
  })

  it('hands out no header that HTTP could not carry', async () => {
    const { sleuth, peer } = await answering()
    const call = sleuth.request('sleuth://foo/')
    await until(() => peer.heard.length === 1)
    const stream = peer.heard[0]?.stream as number
    const headers = ['x-a', 'true', 'x-b', 'a\r\nset-cookie: b', 'x c', 'd', '', 'e', 'x-f', '\0']
    peer.say({
      kind: 'response',
      stream,
      status: 200,
      message: '',
      headers,
      body: Buffer.alloc(0),
      end: true,
    })
    assert.deepEqual((await call).headers, { 'x-a': 'true' })
  })

  it('ends a call with its answer, whatever credit it was given', async () => {
    const { caller, sleuth, peer } = await answering()
    const call = sleuth.request('sleuth://foo/')
    await until(() => peer.heard.length === 1)
    const stream = peer.heard[0]?.stream as number
    peer.say(credit('serviceCredit', stream, 1), responseFrame(stream, { body: 'ok' }))
    assert.equal((await call).body.toString(), 'ok')
    await caller.sleuth.close()
    await settle()
    assert.deepEqual(resets(peer.heard), [])
  })
})
