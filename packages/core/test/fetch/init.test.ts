import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import type { DoInit, FetchInit } from '#src/types.js'
import { mirror, mockTime, pair, restoreTime, settle, tick } from '../harness.js'
import { puppets } from '../retry/harness.js'
import { until } from '../transport/streams/harness.js'

afterEach(restoreTime)

/** What libraries over `fetch` put into its `init` for themselves. */
const wrappers: Record<string, unknown>[] = [
  { retry: 2, retryDelay: 100, timeout: 0, ignoreResponseError: true },
  { retry: { limit: 2, methods: ['get'], statusCodes: [503] }, timeout: false, throwHttpErrors: true },
  { retry: { attempts: 3, delay: 1000, when: () => true }, timeout: null },
  { retry: { type: 'linear', attempts: 3, delay: 1000 }, timeout: { request: 5 }, waitFor: 'idle' },
  { retry: true, timeout: '5s', inherit: 'all', decompress: 'gzip', sleuth: undefined },
  { retry: () => 3, timeout: Number.NaN, waitFor: -1, parseResponse: JSON.parse, agent: {}, dispatcher: 5 },
  { cache: 'no-store', credentials: 'include', mode: 'cors', keepalive: true, next: { tags: [] }, cf: {} },
]

describe('fetch', () => {
  for (const init of wrappers) {
    it(`ignores what it does not know: ${Object.keys(init)}`, async () => {
      const { sleuth } = await pair(mirror)
      assert.equal((await sleuth.fetch('sleuth://foo/', init as FetchInit)).status, 200)
      assert.equal((await sleuth.fetch(new Request('sleuth://foo/'), init as FetchInit)).status, 200)
    })
  }

  const wrong: [says: RegExp, own: unknown][] = [
    [/^timeout must be/, { timeout: 0 }],
    [/^timeout must be/, { timeout: null }],
    [/^retry must be/, { retry: 3 }],
    [/^retry must be/, { retry: { limit: 2 } }],
    [/^waitFor must be/, { waitFor: -1 }],
    [/^decompress must be/, { decompress: 'no' }],
    [/^inherit must be/, { inherit: 'no' }],
    [/^init\.sleuth has no option "timout"/, { timout: 5 }],
    [/^init\.sleuth must be an object/, 5],
    [/^init\.sleuth must be an object/, 'fast'],
    [/^init\.sleuth must be an object/, []],
  ]
  for (const [message, own] of wrong) {
    it(`refuses sleuth: ${JSON.stringify(own)}`, async () => {
      const { sleuth, client } = await pair(mirror)
      const wanted = { code: 'SLEUTH_ARGUMENT', message, mayHaveRun: false }
      await assert.rejects(sleuth.fetch('sleuth://foo/', { sleuth: own as never }), wanted)
      assert.equal(client.node.sent.length, 0)
    })
  }

  it('takes null for no options', async () => {
    const { sleuth } = await pair(mirror)
    assert.equal((await sleuth.fetch('sleuth://foo/', null as never)).status, 200)
    assert.equal((await sleuth.fetch('sleuth://foo/', { sleuth: null, signal: null })).status, 200)
  })

  it("has sleuth's own options by one name", async () => {
    mockTime()
    const { sleuth } = await puppets(2, { timeout: 500 })
    const wanted = { code: 'SLEUTH_TIMEOUT', message: /timed out after 70 ms/ }
    const call = assert.rejects(
      sleuth.fetch('sleuth://foo/', { sleuth: { timeout: 70, retry: false } }),
      wanted,
    )
    await settle()
    tick(70)
    await call
    assert.equal(sleuth.stats().hedges, 0)
    const waiting = sleuth.fetch('sleuth://bar/', { sleuth: { timeout: 70, waitFor: 20 } })
    const unknown = assert.rejects(waiting, { code: 'SLEUTH_UNKNOWN_SERVICE' })
    await settle()
    assert.equal(sleuth.stats().pending, 1)
    tick(20)
    await unknown
  })

  const url = 'sleuth://foo/'
  const aborter = () => new AbortController()
  const calls: [
    what: string,
    waits: boolean,
    make: (signal: AbortSignal) => [string | Request, FetchInit?],
  ][] = [
    ['a signal', true, (signal) => [url, { signal }]],
    ['a Request with a signal', true, (signal) => [new Request(url, { signal })]],
    ['a clone of a Request with a signal', true, (signal) => [new Request(url, { signal }).clone()]],
    ['a Request without, and a signal', true, (signal) => [new Request(url), { signal }]],
    ['no signal', false, () => [url]],
    ['null for a signal', false, () => [url, { signal: null }]],
    ['a Request without a signal', false, () => [new Request(url)]],
    [
      'a Request with a signal, and null',
      false,
      (signal) => [new Request(url, { signal }), { signal: null }],
    ],
    ['a signal and a timeout', false, (signal) => [url, { signal, sleuth: { timeout: 500 } }]],
  ]
  for (const [what, waits, make] of calls) {
    it(`with ${what} ${waits ? 'waits for it' : 'has a time limit'}`, async () => {
      mockTime()
      const { sleuth, peers } = await puppets(1, { timeout: 500 })
      const { signal } = aborter()
      const call = sleuth.fetch(...make(signal))
      call.catch(() => {})
      await until(() => peers[0].asked().length === 1)
      tick(500)
      if (waits) {
        tick(1_000_000)
        peers[0].answer('late')
        assert.equal(await (await call).text(), 'late')
      } else {
        await assert.rejects(call, { code: 'SLEUTH_TIMEOUT' })
      }
    })
  }
})

describe('request', () => {
  it('checks inherit', async () => {
    const { sleuth } = await pair(mirror)
    const call = sleuth.request('sleuth://foo/', { inherit: 1 as never })
    await assert.rejects(call, { code: 'SLEUTH_ARGUMENT', message: /^inherit must be/ })
  })
})

describe('a call whose signal was aborted before', () => {
  for (const [what, make] of [
    ['stream', (body: ReadableStream) => ['sleuth://foo/', { method: 'POST', body, duplex: 'half' }]],
    [
      "Request's stream",
      (body: ReadableStream) => [new Request('sleuth://foo/', { method: 'POST', body, duplex: 'half' })],
    ],
  ] as [string, (body: ReadableStream) => [string | Request, FetchInit?]][]) {
    it(`cancels its body, a ${what}, with the reason`, async () => {
      const { sleuth, client } = await pair(mirror)
      let why: unknown
      const body = new ReadableStream({
        cancel(reason) {
          why = reason
        },
      })
      const [input, init] = make(body)
      const signal = AbortSignal.abort('enough')
      await assert.rejects(sleuth.fetch(input, { ...init, signal }), (reason) => reason === 'enough')
      await settle()
      assert.equal(why, 'enough')
      assert.equal(client.node.sent.length, 0)
    })
  }
})

describe('do', () => {
  for (const { timeout, retry } of wrappers) {
    const own = typeof timeout === 'number'
    it(`${own ? 'checks' : 'ignores'} the timeout ${String(timeout)}, and ignores the retry of others`, async () => {
      const { sleuth } = await pair(mirror)
      const call = sleuth.do('sleuth://foo/', { timeout, retry } as DoInit)
      if (own) await assert.rejects(call, { code: 'SLEUTH_ARGUMENT' })
      else assert.equal((await call).status, 200)
      assert.equal((await sleuth.do('sleuth://foo/', { retry } as DoInit)).status, 200)
    })
  }

  for (const init of [
    { retry: { tries: 0 } },
    { waitFor: 'x' },
    { decompress: 1 },
    { inherit: 1 },
    { timeout: -1 },
  ]) {
    it(`checks its own options: ${JSON.stringify(init)}`, async () => {
      const { sleuth } = await pair(mirror)
      await assert.rejects(sleuth.do('sleuth://foo/', init as never), { code: 'SLEUTH_ARGUMENT' })
    })
  }
})
