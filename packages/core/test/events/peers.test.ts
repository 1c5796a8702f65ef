import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { EventKind, encodeEvent, encodeTopics } from '#src/events/format.js'
import { controlPacket } from '#src/transport/streams/control-packet.js'
import { FakeNetwork, type FakeNode } from '../fake-network.js'
import { type Endpoint, join, mockTime, restoreTime, settle, stall, tick } from '../harness.js'

/** What peers send that no node of this library would. */
describe('of a peer', () => {
  let network: FakeNetwork
  let victim: Endpoint
  let peer: FakeNode

  beforeEach(async () => {
    mockTime()
    network = new FakeNetwork()
    victim = await join(network, { limits: { patterns: 3, event: 1024 } })
    peer = network.add({ headers: { 'sleuth-wire': '2' }, groups: ['SLEUTH-v1'] })
  })
  afterEach(restoreTime)

  async function send(kind: number, bytes: Buffer): Promise<void> {
    peer.whisper(victim.node.id, controlPacket([{ kind, bytes }]))
    await settle()
  }

  const event = (topic: string, data: Buffer | string, type = 'application/json') =>
    encodeEvent({ number: 1, time: 1, topic, headers: ['content-type', type], data: Buffer.from(data) })
  const unread = () => victim.sleuth.stats().dropped.SLEUTH_EVENT_MESSAGE ?? 0

  it('subscriptions that can not be read change nothing; they are counted and logged', async () => {
    await send(EventKind.topics, encodeTopics(['a']))
    assert.equal(await victim.sleuth.emit('a'), 1)
    for (const bytes of [Buffer.alloc(0), Buffer.of(255, 255), Buffer.of(0, 1, 1, 0)])
      await send(EventKind.topics, bytes)
    assert.equal(await victim.sleuth.emit('a'), 1)
    assert.equal(unread(), 3)
    assert.equal(victim.problems().filter(({ fields }) => fields.code === 'SLEUTH_EVENT_MESSAGE').length, 3)
  })

  it('subscriptions beyond the limit are passed over', async () => {
    await send(EventKind.topics, encodeTopics(['a', 'b', 'c', 'd']))
    const handed = []
    for (const topic of ['a', 'b', 'c', 'd']) handed.push(await victim.sleuth.emit(topic))
    assert.deepEqual(handed, [1, 1, 1, 0])
    assert.match(victim.problems()[0]?.message ?? '', /1 subscriptions of a peer.*limits\.patterns/)
  })

  it('subscriptions count only in the group', async () => {
    peer.leave('SLEUTH-v1')
    await send(EventKind.topics, encodeTopics(['a']))
    assert.equal(await victim.sleuth.emit('a'), 0)
    assert.equal(unread(), 0)
  })

  it('events that can not be read, are too large, or that nobody wants, come to no listener', async () => {
    const got: unknown[] = []
    victim.sleuth.subscribe('a', ({ data }) => void got.push(data))
    await send(EventKind.event, event('a', '{"__proto__":1}'))
    await send(EventKind.event, event('a', '{'))
    await send(EventKind.event, event('a', `${'['.repeat(1000)}`))
    await send(EventKind.event, Buffer.alloc(5))
    await send(EventKind.event, event('a', Buffer.alloc(20_000), 'image/png'))
    assert.equal(unread(), 4)
    await send(EventKind.event, event('b', '1'))
    assert.equal(victim.sleuth.stats().dropped['event-unsubscribed'], 1)
    assert.equal(JSON.stringify(got), '[{"__proto__":1}]')
    assert.equal(victim.sleuth.stats().eventsReceived, 1)
  })

  it('events that came before it was gone are all heard, in their order, however long that takes', async () => {
    const got: unknown[] = []
    const sources = new Set<string>()
    victim.sleuth.subscribe('a', ({ data, source }) => {
      got.push(data)
      sources.add(source.id)
      stall(100)
    })
    const numbers = Array.from({ length: 200 }, (_, number) => number)
    const frames = numbers.map((number) => ({ kind: EventKind.event, bytes: event('a', String(number)) }))
    peer.whisper(victim.node.id, controlPacket(frames))
    await settle(1)
    assert.ok(got.length > 0 && got.length < 200, `${got.length} were heard at once`)
    peer.vanish('stopped')
    await settle(200)
    assert.deepEqual(got, numbers)
    assert.deepEqual([...sources], [peer.id])
  })

  it('subscriptions that are read when it is gone are forgotten', async () => {
    victim.sleuth.subscribe('a', () => stall(100))
    const frames = Array.from({ length: 200 }, () => ({ kind: EventKind.event, bytes: event('a', '1') }))
    const topics = { kind: EventKind.topics, bytes: encodeTopics(['b']) }
    peer.whisper(victim.node.id, controlPacket([...frames, topics]))
    await settle(1)
    peer.vanish('stopped')
    await settle(200)
    assert.equal(await victim.sleuth.emit('b'), 0)
  })

  it('frames of a later version are passed over', async () => {
    await send(0x22, Buffer.of(1))
    await send(EventKind.event | 0x80, event('b', '1'))
    assert.deepEqual(victim.problems(), [])
    assert.equal(victim.sleuth.stats().dropped['event-unsubscribed'], 1)
  })

  it('that can not be told of subscriptions, is told again', async () => {
    victim.node.failure = new Error('full')
    victim.sleuth.subscribe('a', () => {})
    tick(100)
    assert.equal(victim.node.sent.length, 0)
    victim.node.failure = undefined
    tick(1000)
    const [sent] = victim.node.sent
    assert.equal(
      sent?.content.toString('hex'),
      controlPacket([{ kind: 0x20, bytes: encodeTopics(['a']) }]).toString('hex'),
    )
    tick(5000)
    assert.equal(victim.node.sent.length, 1)
  })
})
