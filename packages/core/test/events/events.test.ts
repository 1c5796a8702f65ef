import assert from 'node:assert/strict'
import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { adopt } from '#src/adapter/handle.js'
import { BASE_EJECTION_TIME, MAX_CONSECUTIVE_FAILURES } from '#src/directory/endpoint.js'
import { PATIENCE_MS } from '#src/events/outgoing.js'
import type { EmitMessage } from '#src/index.js'
import type { Client } from '#src/sleuth/client.js'
import type { EmittedEvent, Instance, Sleuth, SleuthOptions } from '#src/types.js'
import { FakeNetwork } from '../fake-network.js'
import { join, mirror, mockTime, restoreTime, settle, tick } from '../harness.js'

/** Milliseconds until new subscriptions are told, also to a peer that could not be told at once. */
const TOLD_MS = 1000

describe('events', () => {
  let network: FakeNetwork

  beforeEach(() => {
    mockTime()
    network = new FakeNetwork()
  })
  afterEach(restoreTime)

  const service = (name: string, options: SleuthOptions = {}) =>
    join(network, { service: name, handler: mirror, ...options })

  async function told(): Promise<void> {
    await settle()
    tick(TOLD_MS)
    await settle()
  }

  /** Keeps the topics that a listener gets. */
  function collect(sleuth: Sleuth, pattern: string): string[] {
    const got: string[] = []
    sleuth.subscribe(pattern, ({ topic }) => void got.push(topic))
    return got
  }

  it('come to those who subscribe to their topic, with who emitted them, and when', async () => {
    const emitter = await service('orders', { name: 'till' })
    const { sleuth } = await join(network)
    const events: EmittedEvent[] = []
    sleuth.subscribe('order.*', (event) => void events.push(event))
    await told()
    const before = Date.now()
    assert.equal(await emitter.sleuth.emit('order.created', { id: 7 }), 1)
    assert.equal(await emitter.sleuth.emit('order.created.twice', {}), 0)
    await settle()
    const [event = assert.fail()] = events
    assert.equal(events.length, 1)
    assert.deepEqual([event.topic, event.data], ['order.created', { id: 7 }])
    assert.deepEqual(
      [event.source.id, event.source.name, event.source.service],
      [emitter.node.id, 'till', 'orders'],
    )
    assert.equal(event.id, `${emitter.node.id}-1`)
    assert.ok(event.time >= before && event.time <= Date.now())
    assert.deepEqual({ ...event.headers }, { 'content-type': 'application/json' })
    const { emits, eventsSent } = emitter.sleuth.stats()
    assert.deepEqual([emits, eventsSent, sleuth.stats().eventsReceived], [2, 1, 1])
    assert.match(sleuth.metrics(), /^sleuth_events_received_total 1$/m)
  })

  it('go to one instance of each service in turn, and to every node without one', async () => {
    const emitter = await service('orders')
    const mails = [await service('mail'), await service('mail')].map(({ sleuth }) => collect(sleuth, 'a'))
    const stock = collect((await service('stock')).sleuth, '>')
    const watcher = collect((await join(network)).sleuth, '>')
    await told()
    for (let sent = 0; sent < 4; sent++) assert.equal(await emitter.sleuth.emit('a'), 3)
    await settle()
    assert.deepEqual(mails, [
      ['a', 'a'],
      ['a', 'a'],
    ])
    assert.deepEqual([stock.length, watcher.length], [4, 4])
    assert.equal(await emitter.sleuth.emit('a', 1, { to: 'all' }), 4)
    assert.equal(await emitter.sleuth.emit('a', 1, { to: 'mail' }), 1)
    assert.equal(await emitter.sleuth.emit('a', 1, { to: ['mail', 'stock', 'nobody'] }), 2)
    assert.equal(await emitter.sleuth.emit('a', 1, { to: ['all'] }), 0)
  })

  it('go to the emitting node as to any other, and never as the same object', async () => {
    const { sleuth, node } = await service('orders')
    const data = { list: [1] }
    const got: EmittedEvent<{ list: number[] }>[] = []
    sleuth.subscribe<{ list: number[] }>('order', (event) => void got.push(event))
    const bytes: unknown[] = []
    sleuth.subscribe('bytes', (event) => void bytes.push(event.data))
    assert.equal(await sleuth.emit('order', data), 1)
    assert.equal(got.length, 0, 'not before emit has returned')
    await sleuth.emit('bytes', Buffer.from('abc'))
    await settle()
    assert.deepEqual(got[0]?.data, data)
    assert.notEqual(got[0]?.data, data)
    assert.equal(got[0]?.source.id, node.id)
    assert.deepEqual(bytes, [Buffer.from('abc')])
  })

  it('carry JSON, text, bytes or nothing, and headers', async () => {
    const { sleuth } = await join(network)
    const got: EmittedEvent[] = []
    sleuth.subscribe('t', (event) => void got.push(event))
    for (const data of [null, [1, 'ä'], 'text ä', new Uint8Array([0, 255]), new ArrayBuffer(2), undefined])
      await sleuth.emit('t', data)
    await sleuth.emit('t', '{"a":1}', { headers: { 'Content-Type': 'application/cloudevents+json' } })
    await sleuth.emit('t', 1, {
      headers: [
        ['X-A', '1'],
        ['x-a', '2'],
        ['__proto__', 'p'],
      ],
    })
    await settle()
    assert.deepEqual(
      got.map(({ data }) => data),
      [null, [1, 'ä'], 'text ä', Buffer.of(0, 255), Buffer.of(0, 0), undefined, { a: 1 }, 1],
    )
    assert.equal(got[2]?.headers['content-type'], 'text/plain; charset=utf-8')
    assert.equal(got[5]?.headers['content-type'], undefined)
    const { headers } = got[7] ?? assert.fail()
    assert.deepEqual(Object.entries(headers), [
      ['x-a', '1, 2'],
      ['__proto__', 'p'],
      ['content-type', 'application/json'],
    ])
  })

  it('are refused if they can not be sent', async () => {
    const { sleuth } = await join(network)
    sleuth.subscribe('t', () => {})
    const loop: { self?: unknown } = {}
    loop.self = loop
    const wrong: [Parameters<Sleuth['emit']>, RegExp][] = [
      [['order.*'], /topic must be a topic/],
      [[''], /topic/],
      [['a..b'], /topic/],
      [['a b'], /topic/],
      [['x'.repeat(256)], /topic/],
      [[7 as never], /topic/],
      [['t', loop], /data can not be written as JSON/],
      [['t', () => {}], /data can not be written as JSON/],
      [['t', 1, { to: '' }], /to must be/],
      [['t', 1, { to: [] }], /to must be/],
      [['t', 1, { to: [7 as never] }], /to must be/],
      [['t', 1, { at: 7 } as never], /options must be/],
      [['t', 1, { waitFor: -1 }], /waitFor must be/],
      [['t', 1, 7 as never], /options must be/],
      [['t', 1, { signal: {} as never }], /signal must be/],
      [['t', 1, { headers: { 'a b': '' } }], /headers/],
      [['t', 1, { headers: { a: 'x'.repeat(20_000) } }], /headers must be/],
      [
        ['t', 1, { headers: Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`h${at}`, ''])) }],
        /headers must be/,
      ],
    ]
    for (const [args, message] of wrong)
      await assert.rejects(sleuth.emit(...args), { code: 'SLEUTH_ARGUMENT', message }, String(message))
    await assert.rejects(sleuth.emit('t', Buffer.alloc(256 * 1024 + 1)), { code: 'SLEUTH_TOO_LARGE' })
    assert.equal(await sleuth.emit('t', Buffer.alloc(256 * 1024)), 1)
    const reason = new Error('no more')
    await assert.rejects(sleuth.emit('t', 1, { signal: AbortSignal.abort(reason) }), reason)
    assert.equal(sleuth.stats().errors.SLEUTH_ARGUMENT, wrong.length)
  })

  it('need a pattern and a listener to be subscribed to', async () => {
    const { sleuth } = await join(network, { limits: { patterns: 2 } })
    const listener = () => {}
    for (const pattern of ['', 'a.>.b', 'a*', '>a', 'a..b', ' ', 7 as never])
      assert.throws(() => sleuth.subscribe(pattern, listener), {
        code: 'SLEUTH_ARGUMENT',
        message: /^pattern/,
      })
    assert.throws(() => sleuth.subscribe('a', 7 as never), { code: 'SLEUTH_ARGUMENT', message: /^listener/ })
    for (const concurrency of [0, 1.5, '1' as never])
      assert.throws(() => sleuth.subscribe('a', listener, { concurrency }), { message: /^concurrency/ })
    assert.throws(() => sleuth.subscribe('a', listener, { at: 1 } as never), { message: /^options/ })
    sleuth.subscribe('a', listener)
    sleuth.subscribe('a', listener)
    const second = sleuth.subscribe('b', listener)
    assert.throws(() => sleuth.subscribe('c', listener), { code: 'SLEUTH_PATTERNS' })
    second.close()
    sleuth.subscribe('c', listener)
    await sleuth.close()
    assert.throws(() => sleuth.subscribe('a', listener), { code: 'SLEUTH_CLOSED' })
    await assert.rejects(sleuth.emit('a'), { code: 'SLEUTH_CLOSED', codes: [935, 1080] })
  })

  it('come no more once the subscription is closed', async () => {
    const emitter = await service('orders')
    const { sleuth } = await join(network)
    const got: string[] = []
    const first = sleuth.subscribe('a', () => {
      got.push('first')
      second.close()
    })
    const second = sleuth.subscribe('a', () => void got.push('second'))
    await told()
    await emitter.sleuth.emit('a')
    await settle()
    assert.deepEqual(got, ['first'])
    await emitter.sleuth.emit('a')
    first[Symbol.dispose]()
    first.close()
    await settle()
    assert.deepEqual(got, ['first'])
    assert.equal(sleuth.stats().dropped['event-unsubscribed'], 1)
    await told()
    assert.equal(await emitter.sleuth.emit('a'), 0)
  })

  it('are told of by a node that was met later, and again by one that comes back', async () => {
    const first = await join(network)
    collect(first.sleuth, 'a')
    await told()
    const emitter = await service('orders')
    await told()
    assert.equal(await emitter.sleuth.emit('a'), 1)
    first.node.vanish('lost')
    await settle()
    assert.equal(await emitter.sleuth.emit('a'), 0)
  })

  it('wait for a subscriber if they are told to', async () => {
    const emitter = await service('orders')
    const { sleuth } = await join(network)
    const waiting = emitter.sleuth.emit('a', 1, { waitFor: 5000 })
    const inVain = emitter.sleuth.emit('b', 1, { waitFor: 5000 })
    const controller = new AbortController()
    const aborted = emitter.sleuth.emit('c', 1, { waitFor: 5000, signal: controller.signal })
    const got = collect(sleuth, 'a')
    await told()
    assert.equal(await waiting, 1)
    await settle()
    assert.deepEqual(got, ['a'])
    const reason = new Error('enough')
    controller.abort(reason)
    await assert.rejects(aborted, reason)
    tick(5000)
    assert.equal(await inVain, 0)
    const own = emitter.sleuth.emit('d', 1, { waitFor: 5000 })
    const last = emitter.sleuth.emit('e', 1, { waitFor: Infinity })
    collect(emitter.sleuth, 'd')
    assert.equal(await own, 1)
    const closing = emitter.sleuth.close()
    await settle()
    tick(5000)
    await closing
    assert.equal(await last, 0)
  })

  it('go to nobody if the subscriber that they waited for is gone at once', async () => {
    const emitter = await service('orders')
    const waiting = emitter.sleuth.emit('a', 1, { waitFor: 5000 })
    const subscription = emitter.sleuth.subscribe('a', () => {})
    subscription.close()
    assert.equal(await waiting, 0)
    assert.equal(emitter.sleuth.stats().eventsSent, 0)
  })

  it('go to an instance that wants no calls only if no other subscribes', async () => {
    const emitter = await join(network)
    let ready = true
    const one = await service('mail', { ready: () => ready })
    const other = await service('mail')
    const got = [collect(one.sleuth, 'a'), collect(other.sleuth, 'a')]
    await told()
    ready = false
    await told()
    for (let sent = 0; sent < 4; sent++) await emitter.sleuth.emit('a')
    await settle()
    assert.deepEqual(
      got.map(({ length }) => length),
      [0, 4],
    )
    const leaving = other.sleuth.leave()
    await settle()
    assert.equal(await emitter.sleuth.emit('a'), 1)
    await settle()
    assert.equal(got[0]?.length, 1)
    tick(5000)
    await leaving
  })

  it('go to an instance that is ejected or silent only if no other subscribes', async () => {
    const emitter = await join(network)
    const one = await service('mail', { maxInflight: 1, handler: () => {} })
    const other = await service('mail')
    const got = [collect(one.sleuth, 'a'), collect(other.sleuth, 'a')]
    await told()
    const emitted = async () => {
      for (const list of got) list.length = 0
      for (let sent = 0; sent < 4; sent++) assert.equal(await emitter.sleuth.emit('a'), 1)
      await settle()
      return got.map(({ length }) => length)
    }
    const controller = new AbortController()
    const init = { where: ({ id }: Instance) => id === one.node.id, retry: false } as const
    const call = () => emitter.sleuth.request('sleuth://mail/', { ...init, signal: controller.signal })
    const hanging = call()
    await settle()
    for (let refused = 0; refused < MAX_CONSECUTIVE_FAILURES; refused++)
      await assert.rejects(call(), { code: 'SLEUTH_OVERLOADED' })
    assert.deepEqual(await emitted(), [0, 4])
    tick(2 * BASE_EJECTION_TIME)
    assert.deepEqual(await emitted(), [2, 2])
    emitter.node.silent.add(one.node.id)
    assert.deepEqual(await emitted(), [0, 4])
    other.node.vanish('lost')
    await settle()
    assert.deepEqual(await emitted(), [4, 0])
    controller.abort()
    await assert.rejects(hanging)
  })

  it('go to the emitting node no more once it leaves, if another instance of its service is there', async () => {
    const { sleuth } = await service('mail')
    const other = await service('mail')
    const got = [collect(sleuth, 'a'), collect(other.sleuth, 'a')]
    await told()
    const leaving = sleuth.leave()
    for (let sent = 0; sent < 4; sent++) assert.equal(await sleuth.emit('a'), 1)
    await settle()
    assert.deepEqual(
      got.map(({ length }) => length),
      [0, 4],
    )
    tick(5000)
    await leaving
  })

  it('are not sent to a node that leaves, and can still be emitted by it', async () => {
    const emitter = await service('orders')
    const { sleuth } = await service('mail')
    collect(sleuth, 'a')
    const got = collect(emitter.sleuth, 'b')
    await told()
    const leaving = sleuth.leave()
    await settle()
    assert.equal(await emitter.sleuth.emit('a'), 0)
    assert.equal(await sleuth.emit('b'), 1)
    await settle()
    assert.deepEqual(got, ['b'])
    sleuth.subscribe('c', () => {})
    await told()
    assert.equal(await emitter.sleuth.emit('c'), 0)
    tick(5000)
    await leaving
  })

  it('are sent before the node closes', async () => {
    const { sleuth } = await join(network)
    const got = collect(sleuth, 'a')
    const emitter = await join(network)
    await told()
    restoreTime()
    for (let sent = 0; sent < 100; sent++) void emitter.sleuth.emit('a', 'x'.repeat(10_000))
    await emitter.sleuth.close()
    await settle()
    assert.equal(got.length, 100)
  })

  it('do not stop at a listener that fails, which is logged and counted', async () => {
    const { sleuth, lines } = await join(network)
    const failing = new Error('broken')
    sleuth.on('event', () => {
      throw failing
    })
    sleuth.on('event', async () => {
      throw failing
    })
    sleuth.subscribe('a', () => {
      throw failing
    })
    sleuth.subscribe('a', () => Promise.reject(failing))
    const got = collect(sleuth, 'a')
    await sleuth.emit('a')
    await settle()
    assert.deepEqual(got, ['a'])
    assert.equal(sleuth.stats().listenerErrors, 4)
    const said = lines.filter(({ fields }) => fields.code === 'SLEUTH_EVENT_LISTENER')
    assert.match(said[0]?.message ?? '', /a listener of the events ".+" failed at "a": broken/)
    assert.equal(said.length, 4)
  })

  it('are shown once to listeners of all that come', async () => {
    const { sleuth } = await join(network)
    collect(sleuth, 'a.*')
    collect(sleuth, 'a.>')
    const all: string[] = []
    let once = 0
    const listener = ({ topic }: EmittedEvent) => void all.push(topic)
    sleuth.on('event', listener)
    sleuth.once('event', () => void once++)
    await sleuth.emit('a.b')
    await sleuth.emit('a.c')
    assert.equal(await sleuth.emit('b'), 0)
    await settle()
    sleuth.off('event', listener)
    await sleuth.emit('a.d')
    await settle()
    assert.deepEqual([all, once], [['a.b', 'a.c'], 1])
  })

  it('wait for a listener that takes one at a time, up to a limit', async () => {
    const { sleuth, lines } = await join(network, { limits: { eventQueue: 1024 } })
    const ends: (() => void)[] = []
    const begun: unknown[] = []
    const listener = ({ data }: EmittedEvent) => {
      begun.push(data)
      return new Promise<void>((resolve) => ends.push(resolve))
    }
    const subscription = sleuth.subscribe('a', listener, { concurrency: 1 })
    for (let sent = 1; sent <= 3; sent++) {
      await sleuth.emit('a', sent)
      await settle()
    }
    assert.deepEqual(begun, [1])
    ends[0]?.()
    await settle()
    assert.deepEqual(begun, [1, 2])
    await sleuth.emit('a', 'x'.repeat(1500))
    await settle()
    assert.equal(sleuth.stats().dropped['event-backlog'], 1)
    assert.ok(lines.some(({ fields }) => fields.code === 'SLEUTH_EVENT_QUEUE'))
    subscription.close()
    ends[1]?.()
    await settle()
    assert.deepEqual(begun, [1, 2])
  })

  it('let emit wait for a subscriber that does not take them, for a second; then they are dropped', async () => {
    const { sleuth, node } = await join(network, { limits: { eventQueue: 64 * 1024 } })
    const receiver = await join(network)
    const got = collect(receiver.sleuth, 'a')
    await told()
    node.stall()
    let emitted = 0
    let done = 0
    const emit = () => {
      emitted++
      void sleuth.emit('a', 'x'.repeat(1000)).then((handed) => {
        done += handed
      })
    }
    // More than may be on its way, and a quarter of the queue.
    for (let sent = 0; sent < 160; sent++) emit()
    await settle()
    const atOnce = done
    assert.ok(atOnce > 60 && atOnce < 160, `${atOnce} were taken at once`)
    tick(PATIENCE_MS)
    await settle()
    assert.equal(done, 160, 'they wait no longer')
    for (let sent = 0; sent < 100; sent++) emit()
    await settle()
    const dropped = sleuth.stats().dropped['event-queue'] ?? 0
    assert.ok(dropped > 20, `${dropped} were dropped`)
    assert.equal(done + dropped, emitted)
    node.resume()
    await settle(100)
    assert.equal(got.length, done)
  })

  it('wait no longer once the signal aborts, or the subscriber is gone', async () => {
    const { sleuth, node } = await join(network, { limits: { eventQueue: 64 * 1024 } })
    const receiver = await join(network)
    collect(receiver.sleuth, 'a')
    await told()
    node.stall()
    const controller = new AbortController()
    const fill = () =>
      Promise.all(
        Array.from({ length: 160 }, () =>
          sleuth.emit('a', 'x'.repeat(1000), { signal: controller.signal }).catch((error) => error),
        ),
      )
    const results = fill()
    await settle()
    const reason = new Error('enough')
    controller.abort(reason)
    assert.ok((await results).includes(reason))
    const last = sleuth.emit('a', 'x'.repeat(1000))
    await settle()
    receiver.node.vanish('lost')
    assert.equal(await last, 1)
    assert.ok((sleuth.stats().dropped['event-unsent'] ?? 0) > 0)
  })

  it('may be subscribed to before the node has joined, and come from then on', async () => {
    const handle = adopt({ interface: 'loopback' }, { hint: 'wait' })
    const got = collect(handle.sleuth, 'a')
    await assert.rejects(handle.sleuth.emit('a'), { code: 'SLEUTH_NOT_JOINED', codes: [1004, 1080] })
    await (handle.sleuth as Client).join(network.createNode)
    assert.equal(await handle.sleuth.emit('a'), 1)
    const emitter = await join(network)
    await told()
    assert.equal(await emitter.sleuth.emit('a'), 1)
    await settle()
    assert.equal(got.length, 2)
  })

  it('have no effect where sleuth is disabled', async () => {
    const { sleuth } = await join(network, { enabled: false })
    const got = collect(sleuth, 'a')
    assert.equal(await sleuth.emit('a'), 0)
    await assert.rejects(sleuth.emit('*'), { code: 'SLEUTH_ARGUMENT' })
    await settle()
    assert.deepEqual(got, [])
    await sleuth.close()
    await assert.rejects(sleuth.emit('a'), { code: 'SLEUTH_CLOSED' })
  })

  it('stay within the node if it speaks wire 1 alone, and are told to no such node', async () => {
    const old = await join(network, { wire: 1 })
    const { sleuth, node } = await join(network)
    const own = collect(old.sleuth, 'a')
    collect(sleuth, 'a')
    await told()
    assert.equal(await old.sleuth.emit('a'), 1)
    assert.equal(await sleuth.emit('a'), 1)
    await settle()
    assert.equal(own.length, 1)
    assert.deepEqual([old.node.sent, node.sent], [[], []])
  })

  it('are seen by tools, which may set headers', async (t) => {
    const emitter = await join(network)
    const { sleuth } = await join(network)
    const seen: unknown[] = []
    const listener = async ({ headers }: EmittedEvent) => {
      seen.push(headers.traceparent)
      throw new Error('broken')
    }
    sleuth.subscribe('a', listener)
    await told()
    const onEmit = (message: unknown) => {
      const { topic, headers } = message as EmitMessage
      assert.deepEqual([topic, headers.has('X'), headers.get('TRACEPARENT')], ['a', false, undefined])
      assert.throws(() => headers.set('a b', ''), { code: 'SLEUTH_ARGUMENT' })
      assert.throws(() => headers.set('a', '\n'), { code: 'SLEUTH_ARGUMENT' })
      headers.set('Traceparent', 'old')
      headers.set('Traceparent', '00-1-2-01')
    }
    subscribe('sleuth.emit', onEmit)
    t.after(() => unsubscribe('sleuth.emit', onEmit))
    const events = tracingChannel<unknown, { event: EmittedEvent; error?: Error }>('sleuth.event')
    const subscriber = {
      start: ({ event }: { event: EmittedEvent }) => void seen.push(`start ${event.topic}`),
      asyncEnd: ({ error }: { error?: Error }) => void seen.push(`end ${error?.message}`),
    }
    events.subscribe(subscriber as never)
    t.after(() => events.unsubscribe(subscriber as never))
    await emitter.sleuth.emit('a')
    await settle()
    assert.deepEqual(seen, ['start a', '00-1-2-01', 'end broken'])
    assert.equal(sleuth.stats().listenerErrors, 1)
  })
})
