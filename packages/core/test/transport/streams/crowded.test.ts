import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WINDOW } from '#src/shared/limits.js'
import { join, settle } from '../../harness.js'
import { asked, pattern, requestFrame, until, wired } from './harness.js'

/** More than may be on its way to a peer that nobody knows. */
const MUCH = pattern(2 * WINDOW)

function fail() {
  throw new Error('no room')
}

describe('while much is on its way to a peer', () => {
  it('the body of a request waits, and goes on when that has received', async () => {
    const { sleuth, caller, tape } = await wired(async (req, res) => {
      let bytes = 0
      for await (const chunk of req) bytes += chunk.length
      res.end(String(bytes))
    })
    caller.node.stall()
    const call = sleuth.request('sleuth://foo/', { method: 'POST', body: MUCH })
    await settle()
    assert.ok(tape.mostOpen() < WINDOW)
    caller.node.resume()
    assert.equal((await call).body.toString(), String(MUCH.length))
  })

  it('the body of an answer waits, and goes on when that has received', async () => {
    const { sleuth, service, tape } = await wired((_, res) => res.end(MUCH))
    service.node.stall()
    const call = sleuth.request('sleuth://foo/')
    await until(() => tape.frames.length > 1)
    await settle()
    assert.ok(tape.mostOpen() < WINDOW)
    service.node.resume()
    assert.deepEqual((await call).body, MUCH)
  })

  it('a request that is given up never leaves', async () => {
    const { sleuth, caller, service, tape } = await wired((_, res) => res.end('ok'))
    caller.node.stall()
    const bulk = sleuth.request('sleuth://foo/bulk', { method: 'POST', body: MUCH })
    const controller = new AbortController()
    const { signal } = controller
    const urls = Array.from({ length: 100 }, (_, i) => `sleuth://foo/${i}`)
    const given = urls.map((url) => sleuth.request(url, { method: 'POST', body: MUCH, signal }))
    const small = sleuth.request('sleuth://foo/small', { method: 'POST', body: 'x' })
    await settle()
    controller.abort()
    for (const call of given) await assert.rejects(call, { name: 'AbortError' })
    caller.node.resume()
    assert.equal((await small).status, 200)
    assert.equal((await bulk).status, 200)
    assert.equal(service.sleuth.stats().requests, 2)
    assert.ok(!tape.kinds(caller.node).includes('callerReset'))
  })

  it('an answer whose caller has hung up never leaves', async () => {
    const { service, peer } = await asked((req, res) => res.end(req.url === '/bulk' ? MUCH : 'ok'))
    service.node.stall()
    peer.say(requestFrame(1, { url: '/bulk' }), requestFrame(2), requestFrame(3))
    await until(() => service.sleuth.stats().replies === 2)
    peer.say({ kind: 'callerReset', stream: 2, why: 'cancelled' })
    await settle()
    service.node.resume()
    await until(() => peer.heard.some(({ stream }) => stream === 3))
    assert.ok(!peer.heard.some(({ stream }) => stream === 2))
  })

  it('a small answer does not wait for all of a large one', async () => {
    const ends: string[] = []
    const { sleuth, service } = await wired((req, res) => res.end(req.url === '/small' ? 'ok' : MUCH))
    service.node.stall()
    const calls = ['large', 'large', 'large', 'small'].map(async (name) => {
      await sleuth.request(`sleuth://foo/${name}`)
      ends.push(name)
    })
    await settle()
    service.node.resume()
    await Promise.all(calls)
    assert.equal(ends[0], 'small')
  })

  it('a request whose turn it is when a packet is lost does not leave after its call has failed', async (t) => {
    const { sleuth, caller, service } = await wired((_, res) => res.end())
    caller.node.stall()
    const ask = (init: object) => sleuth.request('sleuth://foo/', { method: 'POST', retry: false, ...init })
    const bulk = ask({ body: MUCH }).catch(() => {})
    await settle()
    // The first of them fills a packet, so that it leaves before the second is written.
    const waits = ['x'.repeat(10_000), ''].map((much) =>
      assert.rejects(ask({ headers: { much } }), { mayHaveRun: false }),
    )
    t.mock.method(caller.node, 'whisper', fail, { times: 1 })
    caller.node.resume()
    await Promise.all([bulk, ...waits])
    await settle()
    assert.equal(service.sleuth.stats().requests, 1)
  })

  for (const wire of [1, 2] as const) {
    it(`a request that has not left when its peer goes has not run, on wire ${wire}`, async () => {
      const { sleuth, caller, service } = await wired((_, res) => res.end(), {
        server: { wire },
        client: { limits: { message: 8 * WINDOW } },
      })
      caller.node.stall()
      const ask = (retry = {}) => sleuth.request('sleuth://foo/', { method: 'POST', body: MUCH, ...retry })
      const bulk = ask().catch(() => {})
      const waits = ask({ retry: false })
      service.node.vanish('lost')
      await assert.rejects(waits, { code: 'SLEUTH_PEER_GONE', mayHaveRun: false, retryable: true })
      await bulk
    })

    it(`a POST that has not left when its peer goes is sent to another, on wire ${wire}`, async () => {
      const { network, sleuth, caller, service } = await wired((_, res) => res.end('first'), {
        server: { wire },
      })
      caller.node.stall()
      const bulk = sleuth
        .request('sleuth://foo/', { method: 'POST', body: MUCH, retry: false })
        .catch(() => {})
      const waits = sleuth.request('sleuth://foo/', { method: 'POST', body: MUCH })
      await join(network, { service: 'foo', handler: (_, res) => res.end('second') })
      service.node.vanish('lost')
      assert.equal((await waits).body.toString(), 'second')
      await bulk
    })
  }
})

it('what waits for a peer has a limit, beyond which calls fail', async () => {
  const { sleuth, caller } = await wired((_, res) => res.end(), { client: { retry: false } })
  caller.node.stall()
  const bulk = sleuth.request('sleuth://foo/', { method: 'POST', body: MUCH })
  const headers = { much: 'x'.repeat(60_000) }
  const calls = Array.from({ length: 1200 }, () => sleuth.request('sleuth://foo/', { headers }))
  const failed = calls.map((call) =>
    call.then(
      () => undefined,
      (error: unknown) => error,
    ),
  )
  await settle()
  caller.node.resume()
  const errors = (await Promise.all(failed)).filter((error) => error !== undefined)
  assert.ok(errors.length > 0 && errors.length < 200, `${errors.length}`)
  for (const error of errors) assert.equal((error as { code: string }).code, 'SLEUTH_REQUEST_WHISPER')
  assert.equal((await bulk).status, 200)
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
