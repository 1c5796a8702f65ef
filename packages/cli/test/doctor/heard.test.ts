import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createNode } from '@sleuth/zre'
import { encodeBeacon } from '@sleuth/zre/diagnostics'
import { decodeGreeting, greetingHead } from '#src/doctor/greeting.js'
import { HeardNodes } from '#src/doctor/heard.js'
import { join } from '#src/doctor/join.js'
import { listen } from '#src/doctor/listener.js'
import { connectedOf } from '#src/doctor/mesh.js'
import { loopback, settings } from './given.js'

const never = new AbortController().signal
const id = (number: number) => number.toString(16).toUpperCase().padStart(32, '0')

describe('datagrams that were heard', () => {
  test('each node counts once, one that leaves does not, and others are strangers', () => {
    const heard = new HeardNodes()
    for (const port of [40_000, 40_000]) heard.add(encodeBeacon({ id: id(1), port }), '10.0.0.8', 5670)
    heard.add(encodeBeacon({ id: id(2), port: 0 }), '10.0.0.8', 5670)
    for (let times = 0; times < 2; times++) heard.add(Buffer.from('hello'), '10.0.0.9', 5670)
    assert.deepEqual(heard.nodes, [
      { id: id(1), address: '10.0.0.8', inbox: 40_000, port: 5670, key: undefined },
    ])
    assert.deepEqual(heard.strangers, [{ address: '10.0.0.9', port: 5670 }])
  })

  test('take no more memory than they may', () => {
    const heard = new HeardNodes()
    for (let number = 1; number < 3000; number++) {
      heard.add(encodeBeacon({ id: id(number), port: 1 }), '10.0.0.8', 5670)
      heard.add(Buffer.from('x'), `10.0.${number >> 8}.${number & 0xff}`, 5670)
    }
    assert.deepEqual([heard.nodes.length, heard.strangers.length], [1024, 64])
  })
})

describe('the greeting of ZMTP', () => {
  const signature = [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f]
  const whole = Buffer.concat([
    Buffer.of(...signature, 3, 1),
    Buffer.from('CURVE'.padEnd(20, '\0')),
    Buffer.alloc(32),
  ])

  test('is read piece by piece', () => {
    for (let size = 0; size < 32; size++) assert.equal(decodeGreeting(whole.subarray(0, size)), 'more')
    assert.deepEqual(decodeGreeting(whole), { mechanism: 'CURVE' })
    assert.equal(decodeGreeting(greetingHead), 'more')
  })

  test('is no greeting when it begins otherwise, or is of an old version', () => {
    for (const text of ['HTTP/1.1', '\x16\x03\x01', '\xff12345678\x00']) {
      assert.equal(decodeGreeting(Buffer.from(text, 'latin1')), 'none')
    }
    assert.equal(decodeGreeting(Buffer.of(...signature, 1)), 'none')
  })
})

describe('what the doctor hears and joins', () => {
  const port = 23_123

  test('a node: its beacon, what it announces, and how fast it answers', async () => {
    const node = await createNode({
      interface: 'loopback',
      port,
      discovery: ['beacon'],
      groups: ['SLEUTH-v1'],
      headers: {
        type: 'a-service',
        group: 'SLEUTH-v1',
        node: 'x',
        version: '1.2',
        'sleuth-wire': '2',
        'sleuth-name': 'Ann',
      },
    })
    try {
      const options = { interface: 'loopback', port, discovery: ['beacon'] } as const
      const [heard, mesh] = await Promise.all([
        listen({ settings: settings({ port }), network: loopback }, 1500, never),
        join(async () => options, 1000, never),
      ])
      assert.ok(heard.nodes.some((each) => each.id === node.id && each.port === port))
      const [peer, ...more] = connectedOf(mesh)
      assert.equal(more.length, 0)
      assert.deepEqual(peer?.announced, {
        service: 'a-service',
        version: '1.2',
        groups: ['SLEUTH-v1'],
        wire: 2,
        isGo: false,
        connections: 'both',
      })
      assert.deepEqual([peer.id, peer.name, peer.endpoint], [node.id, 'Ann', node.endpoint])
      assert.equal(peer.roundTrips.length, 10)
      assert.ok(!mesh.own.has(peer.id) && heard.nodes.some((each) => mesh.own.has(each.id)))
      assert.deepEqual([...(await mesh.answeringAfter(64 * 1024, [node.id, id(1)]))], [node.id])
      await mesh.close()
    } finally {
      await node.close()
    }
  })

  test('ends when its signal aborts', async () => {
    const abort = new AbortController()
    const joining = join(async () => ({ interface: 'loopback', port, discovery: [] }), 60_000, abort.signal)
    const listening = listen({ settings: settings({ port }), network: loopback }, 60_000, abort.signal)
    abort.abort()
    await assert.rejects(joining, { name: 'AbortError' })
    await assert.rejects(listening, { name: 'AbortError' })
  })
})
