import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FetchHandler } from '#src/types.js'
import { both } from './both.js'

const makes: Record<string, (request: Request) => Request> = {
  'the request': (request) => request,
  'a clone': (request) => request.clone(),
  'a clone of a clone': (request) => request.clone().clone(),
  'a Request of it': (request) => new Request(request),
  'a Request of it with a body of its own': (request) =>
    new Request(request, { method: 'PUT', body: 'other', headers: { 'x-new': '1' } }),
  'a Request of another URL': (request) =>
    new Request(new URL('/other', request.url), { signal: request.signal }),
  'a Request of a clone': (request) => new Request(request.clone()),
}

/** Answers with a stream that does not end, so that its caller can hang up. */
const endless = () => new Response(new ReadableStream())

describe('the signal of a request aborts when the caller hangs up', { timeout: 60_000 }, () => {
  for (const [name, make] of Object.entries(makes)) {
    for (const method of ['GET', 'POST']) {
      it(`${name}, ${method}`, async () => {
        let signal: AbortSignal | undefined
        let reason: unknown
        const handler: FetchHandler = (request) => {
          signal = make(request).signal
          reason = request.signal
          return endless()
        }
        for (const ask of Object.values(await both(handler))) {
          const controller = new AbortController()
          await ask('/', { method, signal: controller.signal })
          const seen = signal as AbortSignal
          assert.equal(seen.aborted, false)
          const aborted = new Promise((resolve) => seen.addEventListener('abort', resolve, { once: true }))
          controller.abort()
          await aborted
          assert.equal(seen.aborted, true)
          assert.equal(seen.reason.name, 'AbortError')
          assert.equal(seen.reason, (reason as AbortSignal).reason)
        }
      })
    }

    it(`${name}, made afterwards`, async () => {
      let signal: Promise<AbortSignal> | undefined
      const handler: FetchHandler = (request) => {
        signal = new Promise((resolve) => {
          request.signal.addEventListener('abort', () => resolve(make(request).signal))
        })
        return endless()
      }
      for (const ask of Object.values(await both(handler))) {
        const controller = new AbortController()
        await ask('/', { signal: controller.signal })
        controller.abort()
        assert.equal((await signal)?.aborted, true)
      }
    })
  }

  it('and not when the response is complete', async () => {
    let signals: AbortSignal[] = []
    const handler: FetchHandler = (request, { outgoing }) => {
      signals = Object.values(makes).map((make) => make(request).signal)
      outgoing.once('close', () => setImmediate(() => closed?.()))
      return new Response('whole')
    }
    let closed: (() => void) | undefined
    for (const ask of Object.values(await both(handler))) {
      const over = new Promise<void>((resolve) => {
        closed = resolve
      })
      assert.equal(await (await ask('/')).text(), 'whole')
      await over
      assert.deepEqual([...new Set(signals.map(({ aborted }) => aborted))], [false])
    }
  })
})
