import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { ZreError } from '@sleuth/zre'
import type { SleuthError } from '#src/shared/errors.js'
import { openEnvelope } from '#src/transport/go/envelope.js'
import { mockTime, restoreTime, settle, tick } from '../harness.js'
import { until } from '../transport/streams/harness.js'
import { mesh, puppets, resetsOf } from './harness.js'

const idempotent = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']

afterEach(restoreTime)

describe('an instance that goes before it has answered', () => {
  for (const method of [...idempotent, 'POST', 'PATCH', 'PURGE']) {
    const repeated = idempotent.includes(method)
    it(`${method} is ${repeated ? '' : 'not '}sent to another`, async () => {
      const { sleuth, peers } = await puppets(2)
      const call = sleuth.request('sleuth://foo/', { method })
      await until(() => peers[0].asked().length === 1)
      peers[0].node.vanish('expired')
      if (repeated) {
        await until(() => peers[1].asked().length === 1)
        peers[1].answer('other')
        assert.equal((await call).body.toString(), 'other')
      } else {
        await assert.rejects(call, { code: 'SLEUTH_PEER_GONE', mayHaveRun: true, retryable: false })
        assert.deepEqual(peers[1].asked(), [])
      }
      assert.equal(sleuth.stats().retries, repeated ? 1 : 0)
    })
  }

  it('is gone round with a POST too, if the caller says so, for the call or for all', async () => {
    for (const [options, init] of [
      [{}, { retry: { nonIdempotent: true } }],
      [{ retry: { nonIdempotent: true } }, {}],
    ]) {
      const { sleuth, peers } = await puppets(2, options)
      const call = sleuth.request('sleuth://foo/', { method: 'POST', body: 'x', ...init })
      await until(() => peers[0].asked().length === 1)
      peers[0].node.vanish('expired')
      await until(() => peers[1].asked().length === 1)
      peers[1].answer()
      await call
    }
  })

  it('is gone round with a POST if the request had not left', async () => {
    const { sleuth, peers } = await puppets(2)
    const call = sleuth.request('sleuth://foo/', { method: 'POST', body: 'x' })
    // What a call says leaves with the end of the turn.
    peers[0].node.vanish('expired')
    await until(() => peers[1].asked().length === 1)
    peers[1].answer()
    assert.equal((await call).status, 200)
    assert.deepEqual(peers[0].asked(), [])
  })

  it('ends its calls at once when it was the only one', async () => {
    mockTime()
    const { sleuth, peers } = await puppets(1)
    const call = sleuth.request('sleuth://foo/')
    await until(() => peers[0].asked().length === 1)
    peers[0].node.vanish('expired')
    await assert.rejects(call, { code: 'SLEUTH_PEER_GONE', mayHaveRun: true, retryable: true })
    await assert.rejects(sleuth.request('sleuth://foo/'), { code: 'SLEUTH_UNKNOWN_SERVICE' })
  })

  it('is not gone round once its answer has begun: its body fails', async () => {
    const { sleuth, peers } = await puppets(2)
    const call = sleuth.do('sleuth://foo/')
    await until(() => peers[0].asked().length === 1)
    const [stream = 0] = peers[0].asked()
    const head = { status: 200, message: 'OK', headers: [] }
    peers[0].say({ kind: 'response', stream, ...head, body: Buffer.from('half'), end: false })
    const reading = (await call).text()
    peers[0].node.vanish('expired')
    await assert.rejects(reading, { code: 'SLEUTH_PEER_GONE', mayHaveRun: true })
    assert.deepEqual(peers[1].asked(), [])
  })
})

describe('what a handler does by itself', () => {
  for (const why of ['destroyed', 'failed'] as const) {
    it(`is not repeated: ${why}`, async () => {
      const { sleuth, peers } = await puppets(2)
      const call = sleuth.request('sleuth://foo/')
      await until(() => peers[0].asked().length === 1)
      peers[0].refuse(why)
      await assert.rejects(call, { code: 'SLEUTH_CUT', mayHaveRun: true, retryable: true })
      assert.deepEqual(peers[1].asked(), [])
    })
  }

  it('is not repeated: a status of any kind', async () => {
    const { sleuth, servers } = await mesh([
      (_, res) => res.writeHead(503, { 'x-sleuth-error': 'overloaded' }).end(),
      (_, res) => res.end(),
    ])
    assert.equal((await sleuth.request('sleuth://foo/')).status, 503)
    assert.equal(servers[1]?.sleuth.stats().requests, 0)
  })
})

describe('a body', () => {
  it('that is bytes is sent again, whole', async () => {
    const { sleuth, peers } = await puppets(2)
    const call = sleuth.request('sleuth://foo/', { method: 'POST', body: 'the same' })
    await until(() => peers[0].asked().length === 1)
    peers[0].refuse()
    await until(() => peers[1].asked().length === 1)
    const [request] = peers[1].heard
    assert.ok(request && 'body' in request)
    assert.equal(request.body.toString(), 'the same')
    peers[1].answer()
    await call
  })

  it('that can be opened anew is sent again: a Blob', async () => {
    const { sleuth, peers } = await puppets(2)
    const call = sleuth.request('sleuth://foo/', { method: 'POST', body: new Blob(['a blob']) })
    await until(() => peers[0].asked().length === 1)
    peers[0].refuse()
    await until(() => peers[1].heard.some((frame) => 'end' in frame && frame.end))
    const parts = peers[1].heard.map((frame) => ('body' in frame ? frame.body.toString() : ''))
    assert.equal(parts.join(''), 'a blob')
    peers[1].answer()
    await call
  })

  it('that is a stream is not, once it was begun with: the error says that it has not run', async () => {
    const { sleuth, peers } = await puppets(2)
    const body = new Blob(['x']).stream() as never
    const call = sleuth.request('sleuth://foo/', { method: 'PUT', body })
    await until(() => peers[0].asked().length === 1)
    peers[0].refuse()
    await assert.rejects(call, { code: 'SLEUTH_DRAINING', mayHaveRun: false, retryable: true })
    assert.deepEqual(peers[1].asked(), [])
  })

  it('that was gathered for wire 1 is sent again', async () => {
    const { sleuth, servers, caller } = await mesh([() => {}, (req, res) => req.pipe(res)], {
      server: { wire: 1 },
    })
    const [first] = servers
    assert.ok(first)
    const { whisper } = caller.node
    let refused = 0
    caller.node.whisper = (id, content) => {
      if (id === first.node.id && refused++ === 0) throw new ZreError('ZRE_QUEUE_FULL', 'full')
      whisper.call(caller.node, id, content)
    }
    const body = new Blob(['gathered']).stream() as never
    const call = await sleuth.request('sleuth://foo/', { method: 'POST', body })
    assert.deepEqual([call.body.toString(), refused], ['gathered', 1])
  })
})

describe('a request that can not be sent', () => {
  for (const wire of [1, 2] as const) {
    it(`goes to another instance, on wire ${wire}: ZRE_QUEUE_FULL`, async () => {
      const { sleuth, servers, caller } = await mesh([() => {}, (_, res) => res.end('other')], {
        server: { wire },
      })
      const { whisper } = caller.node
      caller.node.whisper = (id, content) => {
        if (id === servers[0]?.node.id) throw new ZreError('ZRE_QUEUE_FULL', 'full')
        whisper.call(caller.node, id, content)
      }
      const { body } = await sleuth.request('sleuth://foo/', { method: 'POST', body: 'x' })
      assert.equal(body.toString(), 'other')
    })
  }
})

describe('tries', () => {
  for (const [tries, retry] of [
    [3, undefined],
    [1, false],
    [1, { tries: 1 }],
    [2, { tries: 2 }],
    [4, { tries: 4 }],
  ] as const) {
    it(`are ${tries} with ${JSON.stringify(retry)}`, async () => {
      const { sleuth, peers } = await puppets(5)
      const call = sleuth.request('sleuth://foo/', { method: 'POST', retry })
      const rejected = assert.rejects(call, { code: 'SLEUTH_OVERLOADED', mayHaveRun: false })
      for (const peer of (peers as (typeof peers)[number][]).slice(0, tries)) {
        await until(() => peer.asked().length === 1)
        peer.refuse('overloaded')
      }
      await rejected
      const asked = (peers as (typeof peers)[number][]).map((peer) => peer.asked().length)
      assert.deepEqual(
        asked,
        [0, 1, 2, 3, 4].map((at) => (at < tries ? 1 : 0)),
      )
      assert.equal(sleuth.stats().retries, tries - 1)
    })
  }

  it('go on where the option says never, if the call says otherwise', async () => {
    const { sleuth, peers } = await puppets(2, { retry: false })
    const call = sleuth.request('sleuth://foo/', { retry: { tries: 2 } })
    await until(() => peers[0].asked().length === 1)
    peers[0].refuse()
    await until(() => peers[1].asked().length === 1)
    peers[1].answer()
    await call
  })

  for (const retry of [true, 3, null, { tries: 0 }, { budget: 1 }, { hedgeAfter: -1 }]) {
    it(`are refused as ${JSON.stringify(retry)}`, async () => {
      const { sleuth } = await puppets(1)
      await assert.rejects(sleuth.request('sleuth://foo/', { retry: retry as never }), {
        code: 'SLEUTH_ARGUMENT',
        message: /^retry must be false, or an object/,
      })
    })
  }

  it('pause when every instance has had one, then begin anew', async () => {
    const { sleuth, peers } = await puppets(2)
    mockTime()
    const call = sleuth.request('sleuth://foo/', { method: 'POST' })
    for (const peer of peers) {
      await until(() => peer.asked().length === 1)
      peer.refuse()
    }
    await settle()
    tick(4)
    await settle()
    assert.equal(peers[0].asked().length + peers[1].asked().length, 2)
    tick(11)
    await until(() => peers[0].asked().length === 2)
    peers[0].answer('at last')
    assert.equal((await call).body.toString(), 'at last')
  })

  it('all come out of one time limit, pauses too', async () => {
    mockTime()
    const { sleuth, peers } = await puppets(1)
    const call = sleuth.request('sleuth://foo/', { method: 'POST', timeout: 4 })
    const rejected = assert.rejects(call, { code: 'SLEUTH_TIMEOUT', mayHaveRun: false, retryable: true })
    await until(() => peers[0].asked().length === 1)
    peers[0].refuse()
    await settle()
    tick(4)
    await rejected
    tick(1000)
    await settle()
    assert.equal(peers[0].asked().length, 1)
    assert.equal(sleuth.stats().pending, 0)
  })

  it('all end with an abort: in a pause, and under way', async () => {
    const { sleuth, peers } = await puppets(2)
    mockTime()
    const reason = new Error('enough')
    const paused = new AbortController()
    const call = sleuth.request('sleuth://foo/', { signal: paused.signal, retry: { hedgeAfter: false } })
    for (const peer of peers) {
      await until(() => peer.asked().length === 1)
      peer.refuse()
    }
    await settle()
    paused.abort(reason)
    await assert.rejects(call, reason)
    tick(1000)
    await settle()
    assert.equal(peers[0].asked().length + peers[1].asked().length, 2)
  })

  it('that fail in several ways give the error that tells most: whether it may have run', async () => {
    const { sleuth, peers } = await puppets(3)
    const call = sleuth.request('sleuth://foo/')
    const rejected = assert.rejects(call, { code: 'SLEUTH_PEER_GONE', mayHaveRun: true, retryable: true })
    await until(() => peers[0].asked().length === 1)
    peers[0].refuse()
    await until(() => peers[1].asked().length === 1)
    peers[1].node.vanish('expired')
    await until(() => peers[2].asked().length === 1)
    peers[2].refuse('overloaded')
    await rejected
  })

  it('that fail and then take too long may have run', async () => {
    mockTime()
    const { sleuth, peers } = await puppets(2)
    const call = sleuth.request('sleuth://foo/', { timeout: 50, retry: { hedgeAfter: false } })
    const rejected = assert.rejects(call, { code: 'SLEUTH_TIMEOUT', mayHaveRun: true, retryable: true })
    await until(() => peers[0].asked().length === 1)
    peers[0].node.vanish('expired')
    await until(() => peers[1].asked().length === 1)
    peers[1].refuse()
    await settle()
    tick(50)
    await rejected
  })
})

describe('the budget', () => {
  it('of nothing forbids further tries', async () => {
    const { sleuth, peers } = await puppets(2, { retry: { budget: 0 } })
    const call = sleuth.request('sleuth://foo/')
    await until(() => peers[0].asked().length === 1)
    peers[0].refuse()
    await assert.rejects(call, { code: 'SLEUTH_DRAINING' })
    assert.deepEqual(peers[1].asked(), [])
  })

  it('is a floor for few calls: a hundred at once, and then the errors of the first tries', async () => {
    const full = { server: { maxInflight: 1 }, client: { timeout: Infinity } }
    const { sleuth } = await mesh([() => {}, () => {}], full)
    const taken = [sleuth.request('sleuth://foo/'), sleuth.request('sleuth://foo/')]
    await settle()
    const calls = Array.from({ length: 150 }, () =>
      sleuth.request('sleuth://foo/', { method: 'POST', retry: { tries: 2 } }),
    )
    const outcomes = await Promise.allSettled(calls)
    for (const outcome of outcomes) {
      assert.equal(outcome.status === 'rejected' && (outcome.reason as SleuthError).code, 'SLEUTH_OVERLOADED')
    }
    // A few more on a machine so slow that it has forgotten some of them.
    const { retries } = sleuth.stats()
    assert.ok(retries >= 100 && retries < 150, String(retries))
    const closed = taken.map((call) => assert.rejects(call, { code: 'SLEUTH_CLOSED' }))
    await sleuth.close()
    await Promise.all(closed)
  })
})

describe('an instance that keeps refusing', () => {
  it('is passed over after three in a row', async () => {
    const { sleuth, peers } = await puppets(2)
    for (let i = 0; i < 6; i++) {
      const before = peers[0].asked().length
      const call = sleuth.request('sleuth://foo/', { method: 'POST' })
      await until(() => peers[0].asked().length > before || peers[1].asked().length > i)
      if (peers[0].asked().length > before) peers[0].refuse('overloaded')
      await until(() => peers[1].asked().length > i)
      peers[1].answer()
      await call
    }
    assert.equal(peers[0].asked().length, 3)
    assert.equal(peers[1].asked().length, 6)
  })

  it('is not passed over for what its app answers', async () => {
    const { sleuth, servers } = await mesh([(_, res) => res.writeHead(500).end(), (_, res) => res.end()])
    for (let i = 0; i < 12; i++) await sleuth.request('sleuth://foo/')
    assert.equal(servers[0]?.sleuth.stats().requests, 6)
  })
})

describe('a cancelled try', () => {
  it('on wire 1 waits for no reply', async () => {
    const { sleuth, servers, caller } = await mesh([() => {}], { server: { wire: 1 } })
    const aborter = new AbortController()
    const call = sleuth.request('sleuth://foo/', { signal: aborter.signal })
    await settle()
    aborter.abort(new Error('enough'))
    await assert.rejects(call, /enough/)
    const [first] = caller.node.sent
    assert.ok(first && openEnvelope('SLEUTH-v1', first.content).action === 'REPL')
    servers[0]?.node.vanish('expired')
    assert.deepEqual(sleuth.stats().errors, { aborted: 1 })
  })

  it('on wire 2 is told to stop', async () => {
    const { sleuth, peers } = await puppets(1)
    const aborter = new AbortController()
    const call = sleuth.request('sleuth://foo/', { signal: aborter.signal })
    await until(() => peers[0].asked().length === 1)
    aborter.abort(new Error('enough'))
    await assert.rejects(call, /enough/)
    await until(() => resetsOf(peers[0]).length === 1)
  })
})
