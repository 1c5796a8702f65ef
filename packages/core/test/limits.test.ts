import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { openEnvelope } from '#src/transport/go/envelope.js'
import { decodeResponse } from '#src/transport/go/response.js'
import type { SleuthOptions } from '#src/types.js'
import { FakeNetwork } from './fake-network.js'
import { join, settle } from './harness.js'
import { until } from './transport/streams/harness.js'

// Those of wire 1, and of nodes. `session/limits.test.ts` has those of wire 2.

const ok: RequestListener = (_, res) => res.end()

/** A service, and a peer of wire 1 that says what it is told to. */
async function asked(limits: SleuthOptions['limits'], handler: RequestListener = ok) {
  const network = new FakeNetwork()
  const { sleuth, node } = await join(network, { service: 'foo', handler, limits })
  const peer = network.add({ headers: { 'sleuth-wire': '1' } })
  const codes: number[] = []
  peer.on('whisper', (_, [content]) => {
    codes.push(decodeResponse(openEnvelope('SLEUTH-v1', content as Buffer).zipped, 1 << 20).code)
  })
  const jsonOf = (fields: object) =>
    JSON.stringify({ destination: peer.id, handle: 'h', method: 'GET', url: '/', ...fields })
  const say = async (json: string) => {
    peer.whisper(node.id, contentOf(json))
    await settle()
  }
  const ask = (fields: object = {}) => say(jsonOf(fields))
  return { codes, jsonOf, say, ask, dropped: () => sleuth.stats().dropped }
}

/** As long as what it holds, and a little more. */
function contentOf(json: string): Buffer {
  return Buffer.concat([Buffer.from('SLEUTH-v1REPL'), gzipSync(json, { level: 0 })])
}

describe('limits of a message', () => {
  const limit = 5000
  const measures = {
    message: (json: string) => contentOf(json).length,
    unzipped: (json: string) => json.length,
  }
  for (const [name, measure] of Object.entries(measures)) {
    it(`${name}: below and at it the handler answers, above it the message is counted and dropped`, async () => {
      const { codes, jsonOf, say, dropped } = await asked({ [name]: limit })
      const room = limit - measure(jsonOf({ more: '' }))
      for (const size of [room - 1, room]) await say(jsonOf({ more: 'x'.repeat(size) }))
      assert.deepEqual([codes, dropped()], [[200, 200], {}])
      await say(jsonOf({ more: 'x'.repeat(room + 1) }))
      assert.deepEqual([codes, dropped()], [[200, 200], { SLEUTH_TOO_LARGE: 1 }])
    })
  }

  it('message: a call at it is sent, and one above it fails', async () => {
    const network = new FakeNetwork()
    await join(network, { service: 'foo', wire: 1, handler: ok })
    const call = async (message?: number) => {
      const { sleuth, node } = await join(network, { limits: { message } })
      const { status } = await sleuth.request('sleuth://foo/', { method: 'POST', body: 'x'.repeat(4000) })
      return { status, size: node.sent.at(-1)?.content.length ?? 0 }
    }
    const { size } = await call()
    assert.deepEqual(await call(size), { status: 200, size })
    await assert.rejects(call(size - 1), { code: 'SLEUTH_TOO_LARGE' })
  })
})

describe('limits of a head on wire 1', () => {
  const cases = {
    url: { limit: 20, of: (size: number) => ({ url: `/${'u'.repeat(size - 1)}` }), code: 414 },
    headers: {
      limit: 10,
      of: (count: number) => ({
        header: Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, ['']])),
      }),
      code: 431,
    },
    headerBytes: { limit: 300, of: (size: number) => ({ header: { x: ['v'.repeat(size - 1)] } }), code: 431 },
  }
  for (const [name, { limit, of, code }] of Object.entries(cases)) {
    it(`${name}: below and at it the handler answers, above it ${code}`, async () => {
      const { codes, ask, dropped } = await asked({ [name]: limit })
      for (const size of [limit - 1, limit, limit + 1]) await ask(of(size))
      assert.deepEqual([codes, dropped()], [[200, 200, code], { SLEUTH_REQUEST_HTTP: 1 }])
    })
  }
})

describe('the limit of requests of a peer on wire 1', () => {
  it('below and at it they are taken, above it refused, until one is answered', async () => {
    const waiting: (() => void)[] = []
    const { codes, ask, dropped } = await asked({ streams: 2 }, (_, res) => {
      waiting.push(() => res.end())
    })
    for (let count = 0; count < 3; count++) await ask()
    assert.deepEqual([codes, waiting.length, dropped()], [[503], 2, { 'peer-streams': 1 }])
    waiting[0]?.()
    await settle()
    await ask()
    assert.deepEqual([codes, waiting.length], [[503, 200], 3])
  })
})

describe('the limit of peers', () => {
  it('is the one of the node below', async () => {
    const network = new FakeNetwork()
    const few = await join(network, { limits: { peers: 3 } })
    const usual = await join(network)
    assert.deepEqual([few.node.options.maxPeers, usual.node.options.maxPeers], [3, 1024])
  })
})

describe('what a peer has us keep', () => {
  it('on wire 1 is held to the limit as well, until it is answered; a single request may be larger', async () => {
    const waiting: (() => void)[] = []
    const handler: RequestListener = (_, res) => void waiting.push(() => res.end())
    const { codes, ask, dropped } = await asked({ buffered: 262_144 }, handler)
    const body = Buffer.alloc(150_000).toString('base64')
    await ask({ body: Buffer.alloc(300_000).toString('base64') })
    await until(() => waiting.length === 1)
    await ask({ body })
    assert.deepEqual([codes, dropped()], [[503], { 'peer-buffered': 1 }])
    for (const answer of waiting.splice(0)) answer()
    await until(() => codes.length === 2)
    await ask({ body })
    await ask({ body })
    await until(() => codes.length === 3)
    assert.deepEqual([codes, waiting.length], [[503, 200, 503], 1])
  })
})
