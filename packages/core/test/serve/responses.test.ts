import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { serve } from '#src/serve/serve.js'
import type { FetchHandler } from '#src/types.js'
import { FakeNetwork } from '../fake-network.js'
import { join, type Line } from '../harness.js'
import { type Ask, watched } from './both.js'

/** What a handler gives that is no `Response`, or none that can be sent, and what the error says of it. */
const unusable: Record<string, [give: () => unknown, says: RegExp]> = {
  nothing: [() => undefined, /gave undefined$/],
  null: [() => null, /gave null$/],
  text: [() => 'text', /gave a string$/],
  'an object': [() => ({ status: 200 }), /gave another object$/],
  'Response.error()': [() => Response.error(), /status is 0$/],
  'a status that is none': [() => ({ status: 1000, headers: new Headers() }), /status is 1000$/],
  'a Response that was read': [
    async () => {
      const response = new Response('x')
      await response.text()
      return response
    },
    /was read before.*clone\(\)$/,
  ],
  'a Response that somebody reads': [
    () => {
      const response = new Response(new ReadableStream())
      response.body?.getReader()
      return response
    },
    /somebody else reads its body$/,
  ],
  // As that of node-fetch.
  'a Response with a stream of Node': [
    () => ({ status: 200, headers: new Headers(), bodyUsed: false, body: Readable.from(['x']) }),
    /no ReadableStream/,
  ],
}

const failing = (pull: (controller: { enqueue(piece: Uint8Array): void }) => void) =>
  new ReadableStream({ pull })

/** Streams that have failed when the head is about to be sent. */
const failed: Record<string, () => ReadableStream> = {
  'before its first piece': () =>
    failing(() => {
      throw new Error('on purpose')
    }),
  'after its first piece': () => {
    let pulled = 0
    return failing((controller) => {
      if (pulled++ > 0) throw new Error('on purpose')
      controller.enqueue(Buffer.from('first'))
    })
  },
}

describe('what a fetch handler gives', { timeout: 60_000 }, () => {
  for (const [name, [give, says]] of Object.entries(unusable)) {
    it(`is an error with a code if it is ${name}`, async () => {
      const { http, sleuth, problems } = await watched(give as FetchHandler)
      const warned = new Promise<Error & { code?: string }>((resolve) => process.once('warning', resolve))
      assert.equal((await http('/over-http')).status, 500)
      const warning = await warned
      assert.equal(warning.code, 'SLEUTH_FETCH_HANDLER')
      assert.match(warning.message, /GET \/over-http: /)
      assert.match(warning.message, says)
      assert.equal((await sleuth('/over-sleuth')).status, 500)
      const [line] = problems()
      const { code, message } = (line as Line).fields.err as Error & { code: string }
      assert.equal(code, 'SLEUTH_FETCH_HANDLER')
      assert.match(message, says)
    })
  }

  for (const [when, stream] of Object.entries(failed)) {
    it(`is a 500 if it is a stream that has failed ${when}`, async () => {
      const { http, sleuth } = await watched(() => new Response(stream()))
      for (const ask of [http, sleuth]) assert.equal((await ask('/')).status, 500)
    })
  }

  it('ends a stream whose piece can not be sent', async () => {
    for (const rest of ['ends', 'goes on']) {
      let cancelled: ((reason: unknown) => void) | undefined
      const { http, sleuth } = await watched(() => {
        return new Response(
          new ReadableStream({
            start(controller) {
              controller.enqueue(7 as never)
              if (rest === 'ends') controller.enqueue(8 as never)
            },
            cancel: (reason) => cancelled?.(reason),
          }),
        )
      })
      for (const ask of [http, sleuth]) {
        const reason = new Promise((resolve) => {
          cancelled = resolve
        })
        const read = async () => {
          const response = await ask('/')
          await response.text()
          return response.ok
        }
        assert.equal(await read().catch(() => false), false)
        assert.ok(await reason)
      }
    }
  })

  describe('and nobody reads', () => {
    const unread: Record<string, [init: RequestInit, handler: (stream: ReadableStream) => FetchHandler]> = {
      HEAD: [{ method: 'HEAD' }, (stream) => () => new Response(stream)],
      'a status without a body': [
        {},
        (body) => () => ({ status: 204, headers: new Headers(), body, bodyUsed: false }) as Response,
      ],
      'a handler that answers by outgoing': [
        {},
        (stream) =>
          (_, { outgoing }) => {
            outgoing.end()
            return new Response(stream)
          },
      ],
    }
    for (const [name, [init, handler]] of Object.entries(unread)) {
      const ends = async (ask: Ask, stream: ReadableStream, use: (handler: FetchHandler) => void) => {
        use(handler(stream))
        assert.ok((await ask('/', init)).ok)
      }
      it(`is ended: ${name}`, async () => {
        let current: FetchHandler | undefined
        const { http, sleuth } = await watched((...args) => (current as FetchHandler)(...args))
        for (const ask of [http, sleuth]) {
          await new Promise<void>((resolve, reject) => {
            const stream = new ReadableStream({ cancel: () => resolve() })
            ends(ask, stream, (next) => {
              current = next
            }).catch(reject)
          })
        }
      })

      it(`is answered all the same if it can not end: ${name}`, async () => {
        let current: FetchHandler | undefined
        const { http, sleuth, problems } = await watched((...args) => (current as FetchHandler)(...args))
        const warnings: Error[] = []
        const warn = (warning: Error) => warnings.push(warning)
        process.on('warning', warn)
        for (const ask of [http, sleuth]) {
          const fails = new ReadableStream({
            cancel() {
              throw new Error('on purpose')
            },
          })
          await ends(ask, fails, (next) => {
            current = next
          })
        }
        await new Promise((resolve) => setImmediate(resolve))
        process.off('warning', warn)
        assert.deepEqual([warnings, problems()], [[], []])
      })
    }
  })

  it('keeps all its cookies beside a header that the handler has set on outgoing', async () => {
    const { http, sleuth } = await watched((_, { outgoing }) => {
      outgoing.setHeader('x-own', '1')
      const headers = new Headers()
      for (const cookie of ['a=1', 'b=2']) headers.append('set-cookie', cookie)
      return new Response('x', { headers })
    })
    for (const ask of [http, sleuth]) {
      const { headers } = await ask('/')
      assert.deepEqual([headers.getSetCookie(), headers.get('x-own')], [['a=1', 'b=2'], '1'])
    }
  })
})

it('a handler that throws is a 500 if nobody looks at the promise of the listener', {
  timeout: 60_000,
}, async () => {
  const network = new FakeNetwork()
  const listener = serve(async () => {
    throw new Error('on purpose')
  })
  const service = await join(network, {
    service: 'foo',
    handler: (req, res) => {
      listener(req, res)
    },
  })
  const { sleuth } = await join(network)
  const { status, headers } = await sleuth.request('sleuth://foo/')
  assert.deepEqual([status, headers['x-sleuth-error']], [500, 'failed'])
  assert.deepEqual(
    service.problems().map(({ fields }) => (fields.err as Error).message),
    ['on purpose'],
  )
  await sleuth.close()
  await service.sleuth.close()
})
