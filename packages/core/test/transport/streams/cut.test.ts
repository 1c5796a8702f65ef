import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { describe, it } from 'node:test'
import { SleuthError } from '#src/shared/errors.js'
import { WINDOW } from '#src/shared/limits.js'
import { MAX_HEAD } from '#src/transport/streams/format.js'
import { settle } from '../../harness.js'
import { pattern, until, wired } from './harness.js'

const later = (action: () => void) => () => setImmediate(action)

/** What ends a response before its end, and what its caller is told of it. */
const cuts: Record<string, { why: RegExp; act: (...of: Parameters<RequestListener>) => void }> = {
  'destroys the response': { why: /its handler destroyed/, act: (_, res) => res.destroy() },
  'destroys the response with an error': {
    why: /its handler destroyed/,
    act: (_, res) => {
      res.on('error', () => {})
      res.destroy(new Error('broken'))
    },
  },
  'destroys the request': { why: /its handler destroyed/, act: (req) => req.destroy() },
  'destroys the socket': { why: /its handler destroyed/, act: (req) => req.socket.destroy() },
}

function isCut(error: unknown, why: RegExp, retryable: boolean): true {
  assert.ok(error instanceof SleuthError)
  assert.deepEqual([error.code, error.codes], ['SLEUTH_CUT', [1013]])
  assert.deepEqual([error.mayHaveRun, error.retryable], [true, retryable])
  assert.match(error.message, why)
  return true
}

describe('a handler that', () => {
  for (const [name, { why, act }] of Object.entries(cuts)) {
    it(`${name} before its head rejects the call`, async () => {
      const { sleuth, service } = await wired((req, res) => act(req, res))
      await assert.rejects(sleuth.do('sleuth://foo/'), (error) => isCut(error, why, true))
      const post = sleuth.request('sleuth://foo/', { method: 'POST', body: 'x' })
      await assert.rejects(post, (error) => isCut(error, why, false))
      assert.deepEqual(sleuth.stats().errors, { SLEUTH_CUT: 2 })
      assert.deepEqual(
        service.problems().map(({ fields }) => fields.code),
        ['SLEUTH_REPL', 'SLEUTH_REPL'],
      )
    })

    it(`${name} after its head fails the body, once what came before was read`, async () => {
      const { sleuth } = await wired((req, res) => {
        res.write('before')
        res.write(
          '!',
          later(() => act(req, res)),
        )
      })
      const response = await sleuth.do('sleuth://foo/')
      assert.equal(response.status, 200)
      const read: string[] = []
      const reading = (async () => {
        for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
          read.push(Buffer.from(part).toString())
        }
      })()
      await assert.rejects(reading, (error) => isCut(error, why, true))
      assert.equal(read.join(''), 'before!')
      await assert.rejects(sleuth.request('sleuth://foo/'), (error) => isCut(error, why, true))
    })
  }

  it('throws before its head answers with 500', async () => {
    const thrown = new Error('mine')
    const { sleuth, service } = await wired(() => {
      throw thrown
    })
    const { status, headers } = await sleuth.request('sleuth://foo/')
    assert.deepEqual([status, headers['x-sleuth-error']], [500, 'failed'])
    assert.deepEqual(
      service.problems().map(({ fields }) => fields.err),
      [thrown],
    )
  })

  it('throws before its head, with more of its request to come, answers with 500', async () => {
    const { sleuth } = await wired(async () => {
      await undefined
      throw new Error('mine')
    })
    let cancelled = false
    const body = new ReadableStream({
      cancel: () => {
        cancelled = true
      },
    })
    const { status } = await sleuth.request('sleuth://foo/', { method: 'POST', body })
    assert.equal(status, 500)
    await until(() => cancelled)
  })

  it('throws after its head fails the body', async () => {
    const { sleuth } = await wired(async (_, res) => {
      res.write('part')
      await settle(2)
      throw new Error('mine')
    })
    const response = await sleuth.do('sleuth://foo/')
    await assert.rejects(response.text(), (error) => isCut(error, /its handler failed/, true))
  })

  it('throws where it is given a part of its request answers with 500', async () => {
    const { sleuth, service } = await wired((req, res) => {
      req.on('data', (chunk) => {
        // What comes first is given out by a tick of its own, where an error ends the process, as over HTTP.
        if (String(chunk) === 'b') throw new Error('mine')
      })
      req.on('end', () => res.end())
    })
    const body = (async function* () {
      yield 'a'
      await settle(5)
      yield 'b'
    })()
    const [{ status }, other] = await Promise.all([
      sleuth.request('sleuth://foo/', { method: 'POST', body }),
      sleuth.request('sleuth://foo/'),
    ])
    assert.deepEqual([status, other.status], [500, 200])
    assert.equal(service.problems().length, 1)
    assert.equal(service.sleuth.stats().dropped.SLEUTH_DISPATCH, undefined)
  })

  it('throws where it may write on fails the body', async () => {
    const { sleuth } = await wired((_, res) => {
      res.on('drain', () => {
        throw new Error('mine')
      })
      res.write(pattern(2 * WINDOW))
    })
    const response = await sleuth.do('sleuth://foo/')
    await assert.rejects(response.arrayBuffer(), (error) => isCut(error, /its handler failed/, true))
  })

  it('announces a head that is too large answers with 502', async () => {
    const { sleuth, service } = await wired((req, res) => {
      res.setHeader('x-large', 'x'.repeat(MAX_HEAD))
      if (req.url === '/streamed') res.flushHeaders()
      res.end('body')
    })
    for (const path of ['', 'streamed']) {
      const { status, headers } = await sleuth.request(`sleuth://foo/${path}`)
      assert.deepEqual([status, headers['x-sleuth-error']], [502, 'too-large'])
    }
    assert.deepEqual(
      service.problems().map(({ message }) => /too-large/.test(message)),
      [true, true],
    )
  })
})

describe('a request whose head is too large', () => {
  it('is refused, and nothing is sent', async () => {
    const { sleuth, caller } = await wired((_, res) => res.end())
    const headers = { 'x-large': 'x'.repeat(MAX_HEAD) }
    await assert.rejects(sleuth.request('sleuth://foo/', { headers }), {
      code: 'SLEUTH_ARGUMENT',
      mayHaveRun: false,
    })
    await assert.rejects(sleuth.request(`sleuth://foo/${'x'.repeat(MAX_HEAD)}`), { code: 'SLEUTH_ARGUMENT' })
    await settle()
    assert.equal(caller.node.sent.length, 0)
    assert.equal(sleuth.stats().pending, 0)
  })
})
