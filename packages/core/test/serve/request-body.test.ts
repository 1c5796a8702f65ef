import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, it, mock } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { Hangup } from '#src/serve/hangup.js'
import { RequestBody } from '#src/serve/request-body.js'
import { serve } from '#src/serve/serve.js'
import type { FetchHandler } from '#src/types.js'
import { watched } from './both.js'

/** A body in pieces, of a message that is under the test's control. */
function message() {
  const req = Object.assign(new PassThrough(), { method: 'POST', url: '/' })
  const { stream } = new RequestBody(
    req as unknown as IncomingMessage,
    new Hangup(new PassThrough() as never),
  )
  return { req, reader: (stream as NonNullable<typeof stream>).real.getReader() }
}

const textOf = ({ value }: { value?: Uint8Array | undefined }) => Buffer.from(value ?? '').toString()

describe('the stream of a body', { timeout: 60_000 }, () => {
  it('gives each piece as it came, however many wait', async () => {
    const { req, reader } = message()
    for (const piece of ['one', 'two', 'three']) req.write(piece)
    req.end()
    for (const piece of ['one', 'two', 'three']) assert.equal(textOf(await reader.read()), piece)
    assert.equal((await reader.read()).done, true)
  })

  it('that is cancelled lets the rest go by, before it was read, between two reads and during one', async () => {
    for (const when of ['before', 'between', 'during'] as const) {
      const { req, reader } = message()
      if (when !== 'before') {
        req.write('first')
        await reader.read()
      }
      const read = when === 'during' ? reader.read() : undefined
      await reader.cancel()
      if (read) assert.equal((await read).done, true)
      for (let piece = 0; piece < 10; piece++) req.write(Buffer.alloc(64 * 1024))
      req.end()
      await once(req, 'end')
    }
  })
})

it('the bytes of a body are joined once, and not copied again', async () => {
  const size = 1024 * 1024
  const joined = mock.method(Buffer, 'concat')
  const same: boolean[] = []
  const { http, sleuth } = await watched(async (request) => {
    const bytes = await request.arrayBuffer()
    const own = joined.mock.calls.some(({ result }) => result?.buffer === bytes)
    same.push(own && bytes.byteLength === size)
    return new Response()
  })
  for (const ask of [http, sleuth]) {
    const pieces = new ReadableStream({
      start(controller) {
        for (let piece = 0; piece < 2; piece++) controller.enqueue(new Uint8Array(size / 2))
        controller.close()
      },
    })
    await ask('/', { method: 'POST', body: pieces, duplex: 'half' } as never)
  }
  joined.mock.restore()
  assert.deepEqual(same, [true, true])
})

/** A body that goes on until somebody aborts the request. */
const upload = (signal: AbortSignal) => ({
  method: 'POST',
  signal,
  duplex: 'half',
  body: new ReadableStream({
    start: (controller) => controller.enqueue(Buffer.from('begun')),
  }),
})

const reads: Record<string, (request: Request) => Promise<unknown>> = {
  text: (request) => request.text(),
  bytes: (request) => request.arrayBuffer(),
  json: (request) => request.json(),
  clone: (request) => request.clone().text(),
  reader: async (request) => {
    const reader = (request.body as ReadableStream).getReader()
    while (!(await reader.read()).done);
  },
  iterator: async (request) => {
    for await (const _ of request.body as never as AsyncIterable<unknown>);
  },
}

describe('a caller that hangs up in the middle of its body', { timeout: 60_000 }, () => {
  for (const [how, read] of Object.entries(reads)) {
    it(`rejects the reader with a code, and says nothing else: ${how}`, async () => {
      let failed: ((error: unknown) => void) | undefined
      let begun: (() => void) | undefined
      const handler: FetchHandler = async (request) => {
        const reading = read(request)
        reading.catch((error) => failed?.(error))
        begun?.()
        await reading
        return new Response('read')
      }
      const { http, sleuth, problems } = await watched(handler)
      const warnings: Error[] = []
      const warn = (warning: Error) => warnings.push(warning)
      process.on('warning', warn)
      for (const ask of [http, sleuth]) {
        const controller = new AbortController()
        const error = new Promise<unknown>((resolve) => {
          failed = resolve
        })
        const reached = new Promise<void>((resolve) => {
          begun = resolve
        })
        const asked = ask('/', upload(controller.signal) as never)
        asked.catch(() => {})
        await reached
        controller.abort()
        await assert.rejects(asked, { name: 'AbortError' })
        const { code, message, cause } = (await error) as Error & { code: string; cause: { code: string } }
        assert.equal(code, 'SLEUTH_REQUEST_BODY')
        assert.match(message, /POST \//)
        assert.equal(cause.code, 'ECONNRESET')
        await setImmediate()
      }
      process.off('warning', warn)
      assert.deepEqual([warnings, problems()], [[], []])
    })
  }

  it('is no fault of a handler that gives up by its signal, and any other error is', async () => {
    const errors: (() => Error | undefined)[] = [() => undefined, () => new Error('on purpose')]
    for (const other of errors) {
      let begun: (() => void) | undefined
      let over: (() => void) | undefined
      const handler: FetchHandler = async ({ signal }) => {
        begun?.()
        await once(signal, 'abort')
        setTimeout(() => over?.(), 20)
        throw other() ?? signal.reason
      }
      const { http, sleuth, problems } = await watched(handler)
      const warnings: Error[] = []
      const warn = (warning: Error) => warnings.push(warning)
      process.on('warning', warn)
      for (const ask of [http, sleuth]) {
        const reached = new Promise<void>((resolve) => {
          begun = resolve
        })
        const ended = new Promise<void>((resolve) => {
          over = resolve
        })
        const controller = new AbortController()
        const asked = ask('/', { signal: controller.signal })
        asked.catch(() => {})
        await reached
        controller.abort()
        await ended
      }
      process.off('warning', warn)
      const told = other() === undefined ? 0 : 1
      assert.deepEqual([warnings.length, problems().length], [told, told])
    }
  })
})

describe('a body of which a handler has read a part', { timeout: 60_000 }, () => {
  const size = 1024 * 1024
  const parts: Record<string, (request: Request) => unknown> = {
    'a piece': (request) => request.body?.getReader().read(),
    'nothing, by a Request made of it': (request) => new Request(request).body,
    'a piece of a clone': (request) => request.clone().body?.getReader().read(),
  }
  for (const [what, read] of Object.entries(parts)) {
    it(`does not hold up the next request of its connection: ${what}`, async () => {
      const server = createServer(
        serve(async (request) => {
          if (request.method === 'POST') await read(request)
          return new Response(request.method)
        }) as never,
      ).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      const ask = async (method: string) => {
        const sent = request({ host: '127.0.0.1', port, method, agent })
        sent.end(method === 'POST' ? Buffer.alloc(size) : undefined)
        const [response] = await once(sent, 'response')
        return text(response)
      }
      assert.equal(await ask('POST'), 'POST')
      assert.equal(await ask('GET'), 'GET')
      agent.destroy()
      server.close()
    })
  }

  it('is read on by a handler that has answered, and is gone for one that stops', async () => {
    let later: Promise<unknown> | undefined
    let total = 0
    let goesOn = true
    const { http, sleuth } = await watched((request, { outgoing }) => {
      const reader = (request.body as ReadableStream<Uint8Array>).getReader()
      later = (async () => {
        const over = once(outgoing, 'close')
        total = (await reader.read()).value?.length ?? 0
        await over
        if (!goesOn) await new Promise((resolve) => setTimeout(resolve, 1500))
        for (let { value, done } = await reader.read(); !done; { value, done } = await reader.read())
          total += value?.length ?? 0
      })()
      later.catch(() => {})
      return new Response('answered')
    })
    for (const ask of [http, sleuth]) {
      goesOn = true
      assert.equal(await (await ask('/', { method: 'POST', body: new Uint8Array(size) })).text(), 'answered')
      await later
      assert.equal(total, size)
    }
    goesOn = false
    assert.equal(await (await http('/', { method: 'POST', body: new Uint8Array(size) })).text(), 'answered')
    await assert.rejects(later as Promise<unknown>, { code: 'SLEUTH_REQUEST_BODY' })
  })
})

it('a body that was read to its end leaves no timer behind', { timeout: 60_000 }, async () => {
  const { http, sleuth } = await watched((request) => new Response(request.body))
  const timers = mock.method(globalThis, 'setTimeout')
  for (const ask of [http, sleuth]) {
    assert.equal(await (await ask('/', { method: 'POST', body: 'body' })).text(), 'body')
    await setImmediate()
  }
  const own = timers.mock.calls.filter(({ arguments: [, time] }) => time === 500)
  timers.mock.restore()
  assert.deepEqual(own, [])
})
