import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { WINDOW } from '#src/wire2/format.js'
import { settle } from '../harness.js'
import { pattern, until, wired } from './harness.js'

const FULL = 8 * 1024 * 1024

describe('while much waits to leave for a peer', () => {
  it('the body of a request waits, and goes on when there is room', async () => {
    const { sleuth, caller, tape } = await wired(async (req, res) => {
      let bytes = 0
      for await (const chunk of req) bytes += chunk.length
      res.end(String(bytes))
    })
    caller.node.waiting = FULL
    const call = sleuth.request('sleuth://foo/', { method: 'POST', body: pattern(2 * WINDOW) })
    await settle()
    await sleep(20)
    assert.equal(tape.mostOpen(), 0)
    caller.node.waiting = FULL - 1
    assert.equal((await call).body.toString(), String(2 * WINDOW))
  })

  it('the body of an answer waits, and goes on when there is room', async () => {
    const { sleuth, service, tape } = await wired((_, res) => res.end(pattern(2 * WINDOW)))
    service.node.waiting = FULL
    const call = sleuth.request('sleuth://foo/')
    await until(() => tape.frames.length > 1)
    await sleep(20)
    assert.equal(tape.mostOpen(), 0)
    service.node.waiting = 0
    assert.equal((await call).body.length, 2 * WINDOW)
  })

  it('a small request leaves all the same', async () => {
    const { sleuth, caller } = await wired((_, res) => res.end('ok'))
    caller.node.waiting = FULL
    assert.equal((await sleuth.request('sleuth://foo/', { method: 'POST', body: 'x' })).body.toString(), 'ok')
  })
})

it('a reader is told by itself when a body could not be sent', async () => {
  const { sleuth, service } = await wired((req, res) => {
    res.write('part')
    req.on('end', () => {
      service.node.failure = new Error('full')
      res.write(pattern(WINDOW))
      setImmediate(() => {
        service.node.failure = undefined
      })
    })
    req.resume()
  })
  const { body } = await sleuth.do('sleuth://foo/')
  const read = async () => {
    for await (const _ of body as unknown as AsyncIterable<Uint8Array>);
  }
  const alive = setInterval(() => {}, 1000)
  await assert.rejects(read(), { code: 'SLEUTH_CUT' })
  clearInterval(alive)
})

it('a listener that throws at the end of a request harms no other', async () => {
  const { sleuth, caller, service } = await wired((req, res) => {
    if (req.url !== '/bad') {
      res.end('ok')
      return
    }
    req.on('readable', () => {
      while (req.read() !== null);
      if (req.complete) throw new Error('at the end')
    })
  })
  const body = async function* () {
    yield 'part'
    await settle()
  }
  const bad = sleuth.request('sleuth://foo/bad', { method: 'POST', body: body(), retry: false })
  const good = await Promise.all([1, 2, 3].map(() => sleuth.request('sleuth://foo/')))
  assert.deepEqual(
    good.map(({ status }) => status),
    [200, 200, 200],
  )
  assert.equal((await bad).status, 500)
  assert.deepEqual(service.sleuth.stats().dropped, {})
  await caller.sleuth.close()
})

it('an iterator that throws when it is cancelled does not keep its call from ending', async () => {
  const { sleuth } = await wired((_, res) => res.end('early'))
  const body = function* () {
    try {
      while (true) yield pattern(WINDOW)
    } finally {
      // biome-ignore lint/correctness/noUnsafeFinally: what is tested
      throw new Error('in finally')
    }
  }
  assert.equal(
    (await sleuth.request('sleuth://foo/', { method: 'POST', body: body() })).body.toString(),
    'early',
  )
})
