import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import type { ZreNode } from '@sleuth/zre'
import { encodeMessage } from '#src/wire/message.js'
import { DropLog, event, gone, Nodes, present, whispers } from '../support/nodes.js'
import { RawPeer, sendDatagram } from '../support/raw-peer.js'

// One node, and a peer by hand that does what no good peer does.

/** A peer by hand may answer nothing for long, and on a busy machine its probes are late. */
const SLOW = { evasive: 3_000_000, expired: 3_600_000, lost: 60_000 }

describe('a node greets', { timeout: 60_000 }, () => {
  it('whoever beacons, with HELLO 1, and lets it in when it has answered', async () => {
    await using nodes = await Nodes.open()
    const node = await nodes.add({ name: 'bob', groups: ['g'], headers: { k: 'v' } })
    await using raw = await RawPeer.open(node.endpoint)
    await raw.beacon(nodes.port)
    const { from, ...hello } = await raw.receive()
    assert.equal(from, node.id)
    assert.ok(hello.type === 'hello')
    const { headers, ...rest } = hello
    assert.deepEqual(rest, {
      type: 'hello',
      sequence: 1,
      endpoint: node.endpoint,
      groups: ['g'],
      status: 1,
      name: 'bob',
    })
    assert.deepEqual([...headers.keys()], ['k', 'X-SLEUTH-TOKEN'])
    assert.deepEqual(node.peers(), [])
    await raw.hello()
    assert.equal((await present(node, raw.id)).endpoint, raw.endpoint)
  })

  it('whoever says HELLO, at the endpoint that it names', async () => {
    await using nodes = await Nodes.open()
    const node = await nodes.add()
    await using raw = await RawPeer.open(node.endpoint)
    await raw.hello({ name: 'raw', groups: ['g'] })
    assert.deepEqual([(await raw.receive()).type, (await present(node, raw.id)).name], ['hello', 'raw'])
  })

  it('a peer anew that says HELLO again, and goes on', async () => {
    await using nodes = await Nodes.open()
    const node = await nodes.add(SLOW)
    await using raw = await RawPeer.open(node.endpoint)
    const received = whispers(node)
    for (let round = 0; round < 2; round++) {
      const exit = gone(node, raw.id)
      await raw.hello()
      assert.equal(await exit, round === 0 ? undefined : 'restarted')
      await raw.receiveOnly('hello')
      await raw.whisper(`round ${round}`)
      await received.until(round + 1)
      node.whisper(raw.id, 'back')
      assert.equal((await raw.receiveOnly('whisper')).sequence, 2)
    }
  })

  it('a peer that comes back elsewhere under its identity, when its old connection stands no more', async () => {
    await using nodes = await Nodes.open()
    const node = await nodes.add(SLOW)
    const before = await RawPeer.open(node.endpoint)
    await before.hello()
    await before.receiveOnly('hello')
    await present(node, before.id)
    const exit = gone(node, before.id)
    await using after = await RawPeer.open(node.endpoint, { id: before.id })
    await after.hello()
    assert.equal(await exit, 'restarted')
    // It may be another, who has taken that identity: the one that is there is told.
    assert.equal((await before.receiveOnly('hello')).sequence, 1)
    await before[Symbol.asyncDispose]()
    assert.equal((await after.receiveOnly('hello')).sequence, 1)
  })

  it('a peer anew of which it missed something', async () => {
    await using nodes = await Nodes.open()
    const log = new DropLog()
    const node = await nodes.add({ ...SLOW, logger: log })
    await using raw = await RawPeer.open(node.endpoint)
    await raw.hello()
    await raw.receiveOnly('hello')
    await present(node, raw.id)
    const exit = gone(node, raw.id)
    raw.sequence++
    await raw.whisper('after a gap')
    assert.equal(await exit, 'broken')
    await raw.receiveOnly('hello')
    assert.throws(() => node.whisper(raw.id, 'x'), { code: 'ZRE_UNKNOWN_PEER' })
    await raw.hello()
    await present(node, raw.id)
    assert.deepEqual(log.reasons, ['gap'])
  })
})

describe('a node takes for gone', { timeout: 60_000, concurrency: true }, () => {
  it('who is silent, after it was evasive and pinged; who answers stays', async () => {
    await using nodes = await Nodes.open()
    // Twelve times as long, since its connection lives.
    const node = await nodes.add({ evasive: 20, expired: 150 })
    await using raw = await RawPeer.open(node.endpoint)
    await raw.hello()
    await present(node, raw.id)
    for (let round = 0; round < 3; round++) {
      const evasive = event(node, 'evasive')
      await raw.receiveOnly('ping')
      assert.equal((await evasive)[0].id, raw.id)
      await raw.send({ type: 'ping-ok' })
    }
    assert.equal(await gone(node, raw.id), 'expired')
  })

  it('who beacons port 0, or says GOODBYE', async () => {
    await using nodes = await Nodes.open()
    const node = await nodes.add(SLOW)
    await using raw = await RawPeer.open(node.endpoint)
    for (const leave of [
      () => raw.beacon(nodes.port, 0),
      () => raw.sendFrames(Buffer.of(0xaa, 0xa1, 10, 2, 0, 2)),
    ]) {
      await raw.hello()
      await present(node, raw.id)
      const exit = gone(node, raw.id)
      await leave()
      assert.equal(await exit, 'stopped')
    }
  })

  it('that does not answer, and whose endpoint another node claims', async () => {
    await using nodes = await Nodes.open()
    const node = await nodes.add(SLOW)
    await using old = await RawPeer.open(node.endpoint)
    await old.hello()
    await present(node, old.id)
    const exit = gone(node, old.id)
    await using young = await RawPeer.open(node.endpoint)
    await young.hello({ endpoint: old.endpoint })
    assert.equal(await exit, 'replaced')
    await young.hello({ endpoint: old.endpoint })
    await present(node, young.id)
  })
})

describe('PING', { timeout: 60_000 }, () => {
  it('is answered by PING-OK', async () => {
    await using nodes = await Nodes.open()
    const node = await nodes.add()
    await using raw = await RawPeer.open(node.endpoint)
    await raw.hello()
    await raw.send({ type: 'ping' })
    assert.equal((await raw.receiveOnly('ping-ok')).sequence, 2)
  })
})

describe('garbage does nothing but count', { timeout: 60_000 }, () => {
  it('on the discovery port', async () => {
    await using nodes = await Nodes.open()
    const log = new DropLog()
    const node = await nodes.add({ logger: log })
    const curve = Buffer.concat([Buffer.from('ZRE\x03'), Buffer.alloc(50, 1)])
    const cases: [string, Buffer][] = [
      ['beacon-signature', Buffer.alloc(0)],
      ['beacon-signature', Buffer.from('GET / HTTP/1.1')],
      ['beacon-signature', Buffer.alloc(9000, 0xff)],
      ['beacon-size', Buffer.from('ZRE\x01')],
      ['beacon-size', Buffer.concat([Buffer.from('ZRE\x01'), Buffer.alloc(19)])],
      ['encrypted', curve],
    ]
    for (const [reason, bytes] of cases) {
      const before = node.stats().dropped[reason] ?? 0
      await sendDatagram(nodes.port, bytes)
      await log.until(reason, before + 1)
    }
    assert.deepEqual(node.stats().dropped, { 'beacon-signature': 3, 'beacon-size': 2, encrypted: 1 })
    assert.deepEqual(node.peers(), [])
  })

  it('on the inbox, by whoever speaks no ZeroMQ', async () => {
    await using nodes = await Nodes.open()
    const node = await nodes.add()
    const [, host = '', port] = /tcp:\/\/(.*):(.*)/.exec(node.endpoint) ?? []
    for (const bytes of [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.alloc(100_000, 0xff),
      Buffer.alloc(64),
    ]) {
      const socket = connect(Number(port), host)
      socket.on('error', () => {})
      socket.end(bytes)
      socket.resume()
      await new Promise((resolve) => socket.once('close', resolve))
    }
    await using raw = await RawPeer.open(node.endpoint)
    await raw.hello()
    await present(node, raw.id)
    assert.equal(node.stats().messagesReceived, 1)
  })

  it('in messages', async () => {
    await using nodes = await Nodes.open()
    const log = new DropLog()
    const node = await nodes.add({ ...SLOW, logger: log, maxMessageSize: 10_000 })
    await using raw = await RawPeer.open(node.endpoint)
    const { endpoint } = raw
    const hello = {
      type: 'hello',
      endpoint,
      groups: ['g'],
      status: 1,
      name: 'raw',
      headers: new Map(),
    } as const
    const bytes = encodeMessage(hello, 1)[0] as Buffer
    const cases: [string, Buffer[]][] = [
      ['message-truncated', [Buffer.alloc(0)]],
      ['message-truncated', [Buffer.of(0xaa, 0xa1)]],
      ['message-signature', [Buffer.from('not a message')]],
      ['message-version', [Buffer.of(0xaa, 0xa1, 1, 3, 0, 1)]],
      ['message-truncated', [bytes.subarray(0, 20)]],
      ['message-truncated', [Buffer.concat([bytes.subarray(0, 7 + endpoint.length), Buffer.alloc(4, 0xff)])]],
      ['message-size', [bytes, Buffer.alloc(9000), Buffer.alloc(9000)]],
      ['hello-sequence', encodeMessage(hello, 7)],
      ['hello-endpoint', encodeMessage({ ...hello, endpoint: 'tcp://192.0.2.1:9' }, 1)],
      ['hello-endpoint', encodeMessage({ ...hello, endpoint: 'tcp://127.0.0.1:0' }, 1)],
      ['hello-endpoint', encodeMessage({ ...hello, endpoint: node.endpoint }, 1)],
      ['unknown-peer', encodeMessage({ type: 'ping' }, 1)],
      ['unknown-peer', [Buffer.of(0xaa, 0xa1, 200, 2, 0, 1)]],
    ]
    const expected: Record<string, number> = {}
    for (const [reason, frames] of cases) {
      expected[reason] = (expected[reason] ?? 0) + 1
      await raw.sendFrames(...frames)
      await log.until(reason, expected[reason])
    }
    assert.deepEqual(node.stats().dropped, expected)
    assert.deepEqual(node.peers(), [])
    await raw.hello()
    await present(node, raw.id)
    await raw.sendFrames(Buffer.of(0xaa, 0xa1, 200, 2, 0, 2))
    await log.until('unknown-message')
    const received = event(node, 'whisper')
    await raw.send({ type: 'whisper', content: [] }, 3)
    assert.deepEqual((await received)[1], [Buffer.alloc(0)])
  })

  it('under routing ids that name no node, or us', async () => {
    await using nodes = await Nodes.open()
    const log = new DropLog()
    const node = await nodes.add({ logger: log })
    for (const [reason, options] of [
      ['routing-id', { routingId: Buffer.from('short') }],
      ['routing-id', { routingId: Buffer.alloc(17, 2) }],
      ['routing-id', { routingId: Buffer.alloc(200, 1) }],
      ['own-identity', { id: node.id }],
    ] as const) {
      const before = log.reasons.filter((each) => each === reason).length
      await using raw = await RawPeer.open(node.endpoint, options)
      await raw.hello()
      await log.until(reason, before + 1)
    }
    assert.deepEqual(node.peers(), [])
  })
})

describe('limits', { timeout: 60_000, concurrency: true }, () => {
  it('of peers: those above it are not let in, until one goes', async () => {
    await using nodes = await Nodes.open()
    const log = new DropLog()
    const node = await nodes.add({ ...SLOW, maxPeers: 2, logger: log })
    await using one = await RawPeer.open(node.endpoint)
    await using two = await RawPeer.open(node.endpoint)
    await using three = await RawPeer.open(node.endpoint)
    for (const peer of [one, two]) {
      await peer.hello()
      await present(node, peer.id)
    }
    await three.hello()
    await log.until('peer-limit', 1)
    await three.beacon(nodes.port)
    await log.until('peer-limit', 2)
    assert.equal(node.peers().length, 2)
    await one.beacon(nodes.port, 0)
    await gone(node, one.id)
    await three.hello()
    await present(node, three.id)
  })

  it('of a message: at it and below it is taken, above it counted, and a single frame above it is not read', async () => {
    await using nodes = await Nodes.open()
    const log = new DropLog()
    const maxMessageSize = 10_000
    const node = await nodes.add({ ...SLOW, maxMessageSize, logger: log })
    await using raw = await RawPeer.open(node.endpoint)
    await raw.hello()
    await present(node, raw.id)
    const head = 6
    const sizes: number[] = []
    node.on('whisper', (_, content) => sizes.push(content.reduce((sum, { length }) => sum + length, head)))
    const whisper = (size: number) =>
      raw.send({ type: 'whisper', content: [Buffer.alloc(5000), Buffer.alloc(size - 5000 - head)] })
    await whisper(maxMessageSize - 1)
    await whisper(maxMessageSize)
    await whisper(maxMessageSize + 1)
    await log.until('message-size')
    assert.deepEqual(sizes, [maxMessageSize - 1, maxMessageSize])
    const cut = new Promise((resolve) => raw.dealer.events.on('disconnect', resolve))
    await raw.sendFrames(Buffer.alloc(maxMessageSize + 1))
    await cut
    assert.equal(node.stats().dropped['message-size'], 1)
  })

  it('of the queue: a peer that stops reading is an error for whoever whispers to it, and loses nothing', async () => {
    await using nodes = await Nodes.open()
    const node = await nodes.add({ ...SLOW, maxQueueSize: 1024 * 1024 })
    await using raw = await RawPeer.open(node.endpoint, { receiveHighWaterMark: 1 })
    await raw.hello({ groups: ['g'] })
    await present(node, raw.id)
    const sent = await fill(node, () => node.whisper(raw.id, Buffer.alloc(64 * 1024)))
    assert.throws(() => node.shout('g', Buffer.alloc(64 * 1024)), { code: 'ZRE_QUEUE_FULL' })
    let sequence = 0
    for (let whispers = 0; whispers < sent; ) {
      const message = await raw.receive()
      // Not only whispers have numbers: a link in use is watched, by PINGs as well.
      assert.equal(message.sequence, ++sequence & 0xffff)
      if (message.type === 'whisper') whispers++
    }
    node.whisper(raw.id, 'goes on')
    assert.equal(String((await raw.receiveOnly('whisper')).content[0]), 'goes on')
  })

  it('of the queue: a message that is larger goes alone', async () => {
    await using nodes = await Nodes.open()
    const [one, two] = (await nodes.group(2, { maxQueueSize: 1024 })) as [ZreNode, ZreNode]
    const received = event(two, 'whisper')
    one.whisper(two.id, Buffer.alloc(100_000))
    assert.equal((await received)[1][0]?.length, 100_000)
  })

  it('of patience: a peer that asks for answers and reads none is let go', async () => {
    await using nodes = await Nodes.open()
    const node = await nodes.add({ ...SLOW, maxQueueSize: 1024 })
    await using raw = await RawPeer.open(node.endpoint, { receiveHighWaterMark: 1 })
    await raw.hello()
    await present(node, raw.id)
    // What no number of small messages fills in reasonable time: the kernel's buffers, and libzmq's.
    await fill(node, () => node.whisper(raw.id, Buffer.alloc(64 * 1024)))
    const exit = gone(node, raw.id)
    let asking = true
    void exit.then(() => (asking = false))
    while (asking) for (let count = 0; count < 100; count++) await raw.send({ type: 'ping' })
    assert.equal(await exit, 'broken')
  })
})

/** Sends until the queue is full, with a turn of the event loop between; says how many were taken. */
async function fill(node: ZreNode, send: () => void): Promise<number> {
  for (let count = 0; ; count++) {
    try {
      send()
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'ZRE_QUEUE_FULL')
      return count
    }
    assert.ok(node.peers().length > 0)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
