import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientHttp2Stream, connect, constants, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { after, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { serve } from '#src/serve/serve.js'
import type { FetchHandler } from '#src/types.js'

async function client(handler: FetchHandler): Promise<(path: string, body?: Buffer) => ClientHttp2Stream> {
  const server = createServer(serve(handler) as never).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  after(() => {
    session.destroy()
    server.close()
  })
  return (path, body) => session.request({ ':path': path, ':method': body ? 'POST' : 'GET' }).end(body)
}

async function read(stream: ClientHttp2Stream): Promise<string> {
  let text = ''
  for await (const piece of stream) text += piece
  return text
}

describe('serve over HTTP/2', { timeout: 60_000 }, () => {
  it('answers, keeps its cookies, and has no text for a status', async () => {
    const warnings: Error[] = []
    const warn = (warning: Error) => warnings.push(warning)
    process.on('warning', warn)
    const ask = await client((request) => {
      const headers = new Headers()
      for (const cookie of ['a=1', 'b=2']) headers.append('set-cookie', cookie)
      return new Response(request.body, { status: 418, statusText: 'Teapot', headers })
    })
    const stream = ask('/echo', Buffer.from('body'))
    const [headers] = await once(stream, 'response')
    assert.deepEqual([headers[':status'], headers['set-cookie']], [418, ['a=1', 'b=2']])
    assert.equal(await read(stream), 'body')
    process.off('warning', warn)
    assert.deepEqual(warnings, [])
  })

  it('breaks off with a stream that fails', async () => {
    let pulled = 0
    const ask = await client(() => {
      return new Response(
        new ReadableStream({
          async pull(controller) {
            if (pulled++ > 0) throw new Error('on purpose')
            controller.enqueue(Buffer.from('begun'))
            await setTimeout(1)
          },
        }),
      )
    })
    await assert.rejects(read(ask('/')), { code: 'ERR_HTTP2_STREAM_ERROR' })
  })

  it('tells a handler that its caller hung up, and not that it is done', async () => {
    let cancelled: (() => void) | undefined
    const signals: AbortSignal[] = []
    const ask = await client((request) => {
      signals.push(request.signal)
      if (request.url.endsWith('/whole')) return new Response('whole')
      return new Response(new ReadableStream({ cancel: () => cancelled?.() }))
    })
    assert.equal(await read(ask('/whole')), 'whole')
    const ended = new Promise<void>((resolve) => {
      cancelled = resolve
    })
    const stream = ask('/endless')
    await once(stream, 'response')
    stream.close(constants.NGHTTP2_CANCEL)
    await ended
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [false, true],
    )
  })
})
