import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { describe, it } from 'node:test'
import { WINDOW } from '#src/shared/limits.js'
import { pass } from '../../harness.js'
import { asked, dataFrame, requestFrame, until } from './harness.js'

/** The statuses of responses, and why streams were reset. */
function outcomes(heard: Awaited<ReturnType<typeof asked>>['peer']['heard']): unknown[] {
  return heard.flatMap((frame) => {
    if (frame.kind === 'response') return frame.status
    return frame.kind === 'serviceReset' ? frame.why : []
  })
}

/** What was said has received. */
async function turns(): Promise<void> {
  for (let count = 0; count < 5; count++) await new Promise((resolve) => setImmediate(resolve))
}

const ok = (_: unknown, res: { end(): void }) => res.end()

describe('limits of a head', { timeout: 60_000 }, () => {
  const cases = {
    url: { limit: 20, of: (size: number) => ({ url: `/${'u'.repeat(size - 1)}` }), status: 414 },
    headers: {
      limit: 10,
      of: (count: number) => ({ headers: Array.from({ length: count * 2 }, () => 'x') }),
      status: 431,
    },
    headerBytes: {
      limit: 300,
      of: (size: number) => ({ headers: ['x', 'v'.repeat(size - 1)] }),
      status: 431,
    },
  }
  for (const [name, { limit, of, status }] of Object.entries(cases)) {
    it(`${name}: below and at it the handler answers, above it ${status}, and it is counted`, async () => {
      const { service, peer } = await asked(ok, { limits: { [name]: limit } })
      peer.say(requestFrame(1, of(limit - 1)), requestFrame(2, of(limit)), requestFrame(3, of(limit + 1)))
      await until(() => peer.heard.length === 3)
      assert.deepEqual(outcomes(peer.heard).toSorted(), [200, 200, status])
      assert.equal(service.sleuth.stats().dropped.SLEUTH_REQUEST_HTTP, 1)
    })
  }
})

describe('the limit of streams of a peer', { timeout: 60_000 }, () => {
  it('below and at it requests are taken, above it refused, until one is answered', async () => {
    const waiting: (() => void)[] = []
    const { service, peer } = await asked((_, res) => void waiting.push(() => res.end()), {
      limits: { streams: 2 },
    })
    peer.say(requestFrame(1), requestFrame(2), requestFrame(3))
    await until(() => peer.heard.length === 1)
    assert.deepEqual(outcomes(peer.heard), ['overloaded'])
    assert.deepEqual([waiting.length, service.sleuth.stats().dropped['peer-streams']], [2, 1])
    waiting[0]?.()
    await until(() => peer.heard.length === 2)
    peer.say(requestFrame(4))
    await until(() => waiting.length === 3)
  })
})

describe('the limit of bytes that nobody has read', { timeout: 60_000 }, () => {
  it('of whole requests: what is above it is refused, until those before are answered', async () => {
    const waiting: (() => void)[] = []
    const { service, peer } = await asked((_, res) => void waiting.push(() => res.end()), {
      limits: { buffered: 2 * WINDOW + 40 },
    })
    const body = Buffer.alloc(WINDOW)
    peer.say(requestFrame(1, { body }))
    peer.say(requestFrame(2, { body }))
    peer.say(requestFrame(3, { body: 'x' }))
    await until(() => peer.heard.length === 1)
    assert.deepEqual(outcomes(peer.heard), ['overloaded'])
    assert.deepEqual([waiting.length, service.sleuth.stats().dropped['peer-buffered']], [2, 1])
    for (const answer of waiting.splice(0)) answer()
    await until(() => peer.heard.length === 3)
    peer.say(requestFrame(4, { body }))
    await until(() => waiting.length === 1)
  })

  it('of requests that come in parts: the stream that goes above it is reset, and its handler is told', async () => {
    const requests: IncomingMessage[] = []
    const errors: unknown[] = []
    const { service, peer } = await asked(
      (req) => {
        requests.push(req)
        req.on('error', (error) => errors.push(error))
      },
      { limits: { buffered: WINDOW + 1024 } },
    )
    const body = Buffer.alloc(WINDOW)
    peer.say(requestFrame(1, { end: false }))
    peer.say(dataFrame('callerData', 1, body))
    await turns()
    assert.deepEqual([requests.length, peer.heard.length], [1, 0], 'at it')
    peer.say(requestFrame(2, { end: false }))
    peer.say(dataFrame('callerData', 2, body))
    await until(() => peer.heard.length === 1 && errors.length === 1)
    assert.deepEqual(outcomes(peer.heard), ['lost'])
    assert.equal(service.sleuth.stats().dropped['peer-buffered'], 1)
    assert.equal(requests[0]?.destroyed, false)
  })

  it('stays what it is, however many were answered before they were read', async () => {
    const held: unknown[] = []
    const { service, peer } = await asked((req, res) => (req.url === '/' ? res.end() : held.push(req)), {
      limits: { buffered: WINDOW },
    })
    const body = Buffer.alloc(WINDOW)
    for (let stream = 1; stream <= 3; stream++) {
      peer.say(requestFrame(stream, { body, end: false }))
      await until(() => peer.heard.length === 2 * stream)
      await turns()
    }
    assert.deepEqual(outcomes(peer.heard.splice(0)), [200, 'cancelled', 200, 'cancelled', 200, 'cancelled'])
    peer.say(requestFrame(4, { url: '/held', body }), requestFrame(5, { url: '/held', body: 'x' }))
    await until(() => peer.heard.length === 1)
    assert.deepEqual(outcomes(peer.heard), ['overloaded'])
    assert.deepEqual([held.length, service.sleuth.stats().dropped['peer-buffered']], [1, 1])
  })
})

describe('a peer that reads nothing, and asks on', { timeout: 60_000 }, () => {
  it('is owed no more than so many resets, and not served until it has read them', async () => {
    const most = 10_000
    const { service, peer } = await asked((_, res) => res.end())
    service.node.failure = new Error('the queue is full')
    for (let turn = 0; turn < 12; turn++) {
      peer.say(...Array.from({ length: 1000 }, (_, index) => requestFrame(turn * 1000 + index)))
      await until(() => {
        const { requests, dropped } = service.sleuth.stats()
        return requests + (dropped['peer-unread'] ?? 0) === (turn + 1) * 1000
      })
      await turns()
    }
    service.node.failure = undefined
    await until(() => peer.heard.length >= most)
    await turns()
    assert.deepEqual(new Set(outcomes(peer.heard)), new Set(['lost']))
    assert.equal(peer.heard.length, most)
    peer.say(requestFrame(20_000))
    await until(() => peer.heard.length > most)
    assert.deepEqual(outcomes(peer.heard.slice(most)), [200])
    assert.equal(service.sleuth.stats().dropped['peer-unread'], 2000)
  })
})

describe('the time that a request has', { timeout: 60_000 }, () => {
  it('a slow sender is answered with 408, and the handler sees it hang up', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const errors: unknown[] = []
    const { service, peer } = await asked((req) => void req.on('error', (error) => errors.push(error)), {
      limits: { requestTime: 8000 },
    })
    peer.say(requestFrame(1, { end: false }))
    for (let second = 0; second < 8; second++) {
      peer.say(dataFrame('callerData', 1, 'x'))
      await turns()
      pass(t.mock.timers, 1000)
    }
    await turns()
    assert.deepEqual(peer.heard, [], 'within its time')
    pass(t.mock.timers, 100)
    await until(() => peer.heard.length === 2 && errors.length === 1)
    assert.deepEqual(outcomes(peer.heard), [408, 'cancelled'])
    assert.equal(service.sleuth.stats().dropped['slow-request'], 1)
  })

  it('one whose answer has begun is reset', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { peer } = await asked(
      (req, res) => {
        req.on('error', () => {})
        res.flushHeaders()
      },
      { limits: { requestTime: 8000 } },
    )
    peer.say(requestFrame(1, { end: false }))
    await turns()
    pass(t.mock.timers, 8100)
    await until(() => peer.heard.length === 2)
    assert.deepEqual(outcomes(peer.heard), [200, 'timeout'])
  })

  it('a handler that still reads after its answer sees it hang up', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const errors: unknown[] = []
    const { service, peer } = await asked(
      (req, res) => {
        req.on('error', (error) => errors.push(error))
        req.resume()
        res.end('done')
      },
      { limits: { requestTime: 8000 } },
    )
    peer.say(requestFrame(1, { end: false }))
    await turns()
    assert.deepEqual(outcomes(peer.heard), [200])
    pass(t.mock.timers, 8100)
    await until(() => peer.heard.length === 2)
    assert.deepEqual(outcomes(peer.heard), [200, 'cancelled'])
    assert.equal(errors.length, 1)
    assert.equal(service.sleuth.stats().dropped['slow-request'], 1)
  })

  it('one that has come to its end in time is left alone, however long its answer takes', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { service, peer } = await asked((req) => void req.resume(), { limits: { requestTime: 8000 } })
    peer.say(requestFrame(1, { end: false }))
    peer.say(dataFrame('callerData', 1, 'x', true))
    await turns()
    pass(t.mock.timers, 20_000)
    await turns()
    assert.deepEqual(peer.heard, [])
    assert.equal(service.sleuth.stats().dropped['slow-request'], undefined)
  })
})
