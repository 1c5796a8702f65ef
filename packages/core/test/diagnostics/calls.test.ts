import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { tracingChannel } from 'node:diagnostics_channel'
import { afterEach, describe, it } from 'node:test'
import type { CallContext } from '#src/shared/diagnostics.js'
import { SleuthError } from '#src/shared/errors.js'
import { scoped } from '#src/sleuth/scoped-client.js'
import { mirror, pair } from '../harness.js'

const events = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const
type Event = (typeof events)[number]
type Subscribers = Partial<Record<Event, (context: CallContext) => void>>

describe('sleuth.call', () => {
  const undo: (() => void)[] = []
  afterEach(() => {
    for (const one of undo.splice(0)) one()
  })

  function subscribe(name: string, subscribers: Subscribers): void {
    const channel = tracingChannel<unknown, object>(name)
    channel.subscribe(subscribers as never)
    undo.push(() => channel.unsubscribe(subscribers as never))
  }

  /** Writes down each event, and its context. */
  function record(name: string): { seen: Event[]; contexts: CallContext[] } {
    const seen: Event[] = []
    const contexts: CallContext[] = []
    const note = (event: Event) => (context: CallContext) => {
      seen.push(event)
      contexts.push(context)
    }
    subscribe(name, Object.fromEntries(events.map((event) => [event, note(event)])))
    return { seen, contexts }
  }

  it('has the events of Node’s tracePromise, with one object for all of them', async () => {
    const node = record('test.promise')
    const channel = tracingChannel<unknown, object>('test.promise')
    await channel.tracePromise(async () => {}, {})
    await assert.rejects(channel.tracePromise(() => Promise.reject(new Error('failed')), {}))

    const ours = record('sleuth.call')
    const { sleuth } = await pair(mirror)
    await sleuth.request('sleuth://foo/a')
    await assert.rejects(sleuth.do('sleuth://bar/b'))
    assert.deepEqual(ours.seen, node.seen)
    assert.equal(new Set(ours.contexts).size, 2)
  })

  it('says what was called, who responded, and how', async () => {
    const { contexts } = record('sleuth.call')
    const { sleuth, server } = await pair((_, res) => {
      res.statusCode = 404
      res.end()
    })
    await sleuth.request('sleuth://foo/a?b=c', { method: 'PUT', headers: { 'x-a': '1' } })
    const context = contexts.at(-1) as CallContext
    const { service, method, url, attempts, instance, status, error, headers } = context
    assert.deepEqual(
      [service, method, url, attempts, status, error],
      ['foo', 'PUT', '/a?b=c', 1, 404, undefined],
    )
    assert.equal(instance?.id, server.node.id)
    assert.deepEqual([headers.get('X-A'), headers.has('x-b')], ['1', false])
  })

  it('says why a call failed, also one that never left', async () => {
    const { contexts } = record('sleuth.call')
    const { sleuth } = await pair(mirror)
    await assert.rejects(sleuth.do('sleuth://bar/b'), { code: 'SLEUTH_UNKNOWN_SERVICE' })
    const { error, status, attempts, instance } = contexts.at(-1) as CallContext
    assert.ok(error instanceof SleuthError && error.code === 'SLEUTH_UNKNOWN_SERVICE')
    assert.deepEqual([status, attempts, instance], [undefined, 0, undefined])
  })

  it('is silent about what is no call', async () => {
    const { seen } = record('sleuth.call')
    const { sleuth } = await pair(mirror)
    await assert.rejects(sleuth.do('no://url'))
    assert.deepEqual(seen, [])
  })

  it('sends the headers that a subscriber of start sets, in place of those of the call', async () => {
    subscribe('sleuth.call', {
      start: ({ headers }) => {
        headers.set('traceparent', 'theirs')
        headers.set('X-A', '2')
        headers.set('accept', 'text/plain')
      },
    })
    const { sleuth } = await pair((req, res) => res.end(JSON.stringify(req.headersDistinct)))
    const shared = { 'x-a': ['0', '1'], 'x-b': 'b' }
    for (const call of [
      async () => String((await sleuth.request('sleuth://foo/', { headers: shared })).body),
      async () => (await sleuth.do('sleuth://foo/', { headers: { 'x-a': '0', 'x-b': 'b' } })).text(),
    ]) {
      const headers = JSON.parse(await call())
      assert.deepEqual(headers.traceparent, ['theirs'])
      assert.deepEqual([headers['x-a'], headers['x-b'], headers.accept], [['2'], ['b'], ['text/plain']])
    }
  })

  it('sends a header of its subscriber rather than the one that the call inherits', async () => {
    const { sleuth } = await pair((req, res) => res.end(String(req.headers.traceparent)))
    const asked = { headers: { traceparent: 'inherited' }, httpVersionMajor: 1, socket: {} }
    const own = scoped(sleuth, asked as never, { once() {} } as never)
    assert.equal(String((await own.request('sleuth://foo/')).body), 'inherited')
    subscribe('sleuth.call', { start: ({ headers }) => headers.set('traceparent', 'its own') })
    assert.equal(String((await own.request('sleuth://foo/')).body), 'its own')
  })

  it('adds nothing to the calls that follow', async () => {
    const { sleuth } = await pair((req, res) => res.end(String(req.headers['x-once'])))
    subscribe('sleuth.call', { start: ({ headers }) => headers.set('x-once', 'set') })
    assert.equal(String((await sleuth.request('sleuth://foo/')).body), 'set')
    undo.pop()?.()
    assert.equal(String((await sleuth.request('sleuth://foo/')).body), 'undefined')
  })

  it('runs the call in the stores that are bound to start, and leaves the caller in its own', async () => {
    const storage = new AsyncLocalStorage<unknown>()
    const { start } = tracingChannel<unknown, object>('sleuth.call')
    start.bindStore(storage, (context) => (context as CallContext).service)
    undo.push(() => start.unbindStore(storage))
    const seen: unknown[] = []
    const { sleuth } = await pair(mirror)
    async function* body() {
      seen.push(storage.getStore())
      yield 'x'
    }
    await storage.run('the caller', async () => {
      await sleuth.request('sleuth://foo/', { method: 'POST', body: body() })
      seen.push(storage.getStore())
    })
    assert.deepEqual(seen, ['foo', 'the caller'])
  })

  it('has one context for each redirect that is followed', async () => {
    const { contexts } = record('sleuth.call')
    const { sleuth } = await pair((req, res) => {
      if (req.url === '/to') res.end()
      else res.writeHead(302, { location: '/to' }).end()
    })
    await sleuth.fetch('sleuth://foo/from')
    const ended = new Set(contexts)
    assert.deepEqual(
      Array.from(ended, ({ url, status }) => [url, status]),
      [
        ['/from', 302],
        ['/to', 200],
      ],
    )
  })

  it('ends a call of request when the whole response has come', async () => {
    const { seen } = record('sleuth.call')
    const { sleuth } = await pair((_, res) => {
      res.write('half')
      setImmediate(() => res.destroy())
    })
    await assert.rejects(sleuth.request('sleuth://foo/'), { code: 'SLEUTH_CUT' })
    assert.deepEqual(seen, ['start', 'end', 'error', 'asyncStart', 'asyncEnd'])
  })
})
