import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createNode, type ExitReason, type NodeEvents, type ZreNode } from '@sleuth/zre'
import { event, gone, Nodes, present, whispers } from '../support/nodes.js'

describe('nodes on one network', { timeout: 60_000 }, () => {
  it('find each other, whichever was first, and tell of themselves', async () => {
    await using nodes = await Nodes.open()
    const one = await nodes.add({ name: 'one', headers: { k: 'v' }, groups: ['g'] })
    const seen = event(one, 'enter')
    const two = await nodes.add({ headers: (id) => ({ node: id }) })
    const [seenByOne] = await seen
    const seenByTwo = await present(two, one.id)

    assert.deepEqual(
      { ...seenByTwo },
      {
        id: one.id,
        name: 'one',
        endpoint: one.endpoint,
        announced: one.endpoint,
        address: '127.0.0.1',
        verified: true,
        connections: 'both',
        headers: new Map([['k', 'v']]),
        groups: new Set(['g']),
      },
    )
    assert.equal(seenByOne.id, two.id)
    assert.equal(seenByOne.name, two.id.slice(0, 6))
    assert.equal(seenByOne.headers.get('node'), two.id)
    assert.deepEqual(one.peers(), [seenByOne])
    assert.equal(one.peer(two.id), seenByOne)
    assert.equal(one.peer('no such peer'), undefined)
    assert.match(one.id, /^[0-9A-F]{32}$/)
    assert.match(one.endpoint, /^tcp:\/\/127\.0\.0\.1:[0-9]+$/)
  })

  it('see each other once each, many in one process', async () => {
    await using nodes = await Nodes.open()
    const entered = new Map<ZreNode, string[]>()
    const all = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const node = await nodes.add()
        entered.set(node, [])
        node.on('enter', ({ id }) => entered.get(node)?.push(id))
        return node
      }),
    )
    await Promise.all(all.flatMap((node) => all.map(({ id }) => id === node.id || present(node, id))))
    for (const [node, ids] of entered) assert.equal(new Set(ids).size, ids.length, node.id)
    for (const node of all) assert.deepEqual(node.stats().dropped, {})
  })

  it('on different discovery ports do not', async () => {
    await using here = await Nodes.open()
    const [one, two] = await here.group(2)
    await using there = await Nodes.open()
    await there.group(2)
    assert.deepEqual([one?.peers().length, two?.peers().length], [1, 1])
  })

  it('join and leave groups, and shout to those in them', async () => {
    await using nodes = await Nodes.open()
    const [one, two, three] = (await nodes.group(3)) as [ZreNode, ZreNode, ZreNode]
    const joined = event(two, 'join')
    one.join('g')
    const [peer, group] = await joined
    assert.deepEqual([peer.id, group, [...peer.groups]], [one.id, 'g', ['g']])

    const shouted = event(one, 'shout')
    await present(three, one.id)
    two.shout('g', ['first', Buffer.from('second')])
    const [from, name, frames] = await shouted
    assert.deepEqual([from.id, name, frames.map(String)], [two.id, 'g', ['first', 'second']])
    three.on('shout', () => assert.fail('three is not in the group'))

    const left = event(two, 'leave')
    one.leave('g')
    assert.equal((await left)[1], 'g')
    assert.deepEqual([...(two.peer(one.id)?.groups ?? [])], [])
    const whispered = event(three, 'whisper')
    two.shout('g', 'to nobody')
    two.whisper(three.id, 'after the shouts')
    await whispered
  })

  it('groups joined twice, or left without being in them, are told to nobody', async () => {
    await using nodes = await Nodes.open()
    const [one, two] = (await nodes.group(2, { groups: ['g'] })) as [ZreNode, ZreNode]
    const changes: string[] = []
    two.on('join', (_peer, group) => changes.push(`join ${group}`))
    two.on('leave', (_peer, group) => changes.push(`leave ${group}`))
    one.join('g')
    one.leave('h')
    one.leave('g')
    one.leave('g')
    one.join('i')
    await event(two, 'join', (_peer, group) => group === 'i')
    assert.deepEqual(changes, ['leave g', 'join i'])
  })
})

describe('a whisper', { timeout: 60_000 }, () => {
  it('takes strings, buffers, typed arrays, and several of them', async () => {
    await using nodes = await Nodes.open()
    const [one, two] = (await nodes.group(2)) as [ZreNode, ZreNode]
    const received = whispers(two)
    one.whisper(two.id, 'é')
    one.whisper(two.id, Buffer.from('buffer'))
    one.whisper(two.id, new Uint8Array(Buffer.from('a view of it')).subarray(2, 6))
    one.whisper(two.id, ['one', Buffer.from('two'), new Uint8Array([0x33])])
    one.whisper(two.id, '')
    one.whisper(two.id, [])
    assert.deepEqual(await received.until(6), ['é', 'buffer', 'view', 'one|two|3', '', ''])
  })

  it('of 1 MiB arrives whole', async () => {
    await using nodes = await Nodes.open()
    const [one, two] = (await nodes.group(2)) as [ZreNode, ZreNode]
    const content = Buffer.alloc(1024 * 1024, 'sleuth')
    const received = event(two, 'whisper')
    one.whisper(two.id, content)
    assert.ok(content.equals((await received)[1][0] as Buffer))
  })

  it('comes after those before it: 2,000 each way at once', async () => {
    await using nodes = await Nodes.open()
    const [one, two] = (await nodes.group(2)) as [ZreNode, ZreNode]
    const [atOne, atTwo] = [whispers(one), whispers(two)]
    const numbers = Array.from({ length: 2000 }, (_, index) => String(index))
    for (const number of numbers) {
      one.whisper(two.id, number)
      two.whisper(one.id, number)
    }
    assert.deepEqual(await atOne.until(2000), numbers)
    assert.deepEqual(await atTwo.until(2000), numbers)
  })

  it('sent from within an event keeps its place, and a listener may send at once to who just entered', async () => {
    await using nodes = await Nodes.open()
    const one = await nodes.add()
    one.on('enter', ({ id }) => {
      one.join('g')
      one.whisper(id, '1')
      one.shout('nobody', 'x')
      one.whisper(id, '2')
    })
    one.on('whisper', ({ id }, frames) => {
      for (const part of String(frames[0])) one.whisper(id, part)
    })
    const two = await nodes.add()
    const received = whispers(two)
    await received.until(2)
    two.whisper(one.id, 'abc')
    two.whisper(one.id, 'def')
    assert.deepEqual(await received.until(8), ['1', '2', 'a', 'b', 'c', 'd', 'e', 'f'])
    assert.deepEqual(two.stats().dropped, {})
  })

  it('sent from within an event does not hurry those that follow: every listener hears them in order', async () => {
    await using nodes = await Nodes.open()
    const one = await nodes.add()
    const heard: string[] = []
    one.on('enter', ({ id }) => one.whisper(id, 'x'))
    for (const type of ['enter', 'join'] as const) one.on(type, () => heard.push(type))
    await nodes.add({ groups: ['g'] })
    await event(one, 'join')
    assert.deepEqual(heard, ['enter', 'join'])
  })

  it('right before close() arrives', async () => {
    await using nodes = await Nodes.open()
    const [one, two] = (await nodes.group(2)) as [ZreNode, ZreNode]
    const received = whispers(two)
    const exit = gone(two, one.id)
    for (let number = 0; number < 200; number++) one.whisper(two.id, Buffer.alloc(10_000, 'x'))
    await one.close()
    assert.equal(await exit, 'stopped')
    assert.equal(received.texts.length, 200)
  })

  it('to whom we do not see is an error with a code', async () => {
    await using nodes = await Nodes.open()
    const one = await nodes.add()
    for (const id of [one.id, 'AB'.repeat(16), '', 'nonsense']) {
      assert.throws(() => one.whisper(id, 'x'), { name: 'ZreError', code: 'ZRE_UNKNOWN_PEER' })
    }
  })

  it('shout, join and leave name their group when it is wrong', async () => {
    await using nodes = await Nodes.open()
    const one = await nodes.add()
    for (const group of ['', 'x'.repeat(256), 5 as never]) {
      assert.throws(() => one.shout(group, 'x'), { code: 'ZRE_OPTION', message: /^group must be/ })
      assert.throws(() => one.join(group), { code: 'ZRE_OPTION' })
      assert.throws(() => one.leave(group), { code: 'ZRE_OPTION' })
    }
  })
})

describe('statistics', { timeout: 60_000 }, () => {
  it('count messages, bytes, beacons and peers', async () => {
    await using nodes = await Nodes.open()
    const [one, two] = (await nodes.group(2)) as [ZreNode, ZreNode]
    const received = event(two, 'whisper')
    const before = [one.stats(), two.stats()] as const
    one.whisper(two.id, Buffer.alloc(100))
    await received
    const after = [one.stats(), two.stats()] as const
    assert.equal(after[0].peers, 1)
    assert.equal(after[0].messagesSent - before[0].messagesSent, 1)
    assert.equal(after[0].bytesSent - before[0].bytesSent, 122, 'head, token, content')
    assert.equal(after[1].messagesReceived - before[1].messagesReceived, 1)
    assert.equal(after[1].bytesReceived - before[1].bytesReceived, 122)
    assert.ok(after[0].beaconsSent > 0 && after[0].beaconsReceived > 0)
    assert.deepEqual(after[0].dropped, {})
  })
})

describe('close()', { timeout: 60_000 }, () => {
  it('is seen at once by the others, and is one however often it is called', async () => {
    await using nodes = await Nodes.open()
    const [one, two] = (await nodes.group(2, { evasive: 3_000_000, expired: 3_600_000 })) as [
      ZreNode,
      ZreNode,
    ]
    const exit = gone(two, one.id)
    const closing = one.close()
    assert.equal(one.close(), closing)
    assert.equal(await exit, 'stopped')
    await closing
    assert.equal(one.close(), closing)
    assert.deepEqual(one.peers(), [])
  })

  it('from within any event leaves as well', async () => {
    const events: [keyof NodeEvents, (two: ZreNode, one: ZreNode) => void][] = [
      ['enter', () => {}],
      ['join', (two) => two.join('g')],
      ['whisper', (two, one) => two.whisper(one.id, 'x')],
      ['exit', () => {}],
    ]
    for (const [type, provoke] of events) {
      await using nodes = await Nodes.open()
      const two = await nodes.add({ evasive: 3_000_000, expired: 3_600_000 })
      const one = await nodes.add()
      const closed = new Promise<void>((resolve) => one.on(type, () => resolve(one.close())))
      const exit = event(two, 'exit')
      await present(two, one.id)
      if (type === 'exit') {
        const three = await nodes.add()
        await Promise.all([present(one, three.id), present(two, three.id)])
        await three.close()
        await closed
        continue
      }
      if (type !== 'enter') await present(one, two.id)
      provoke(two, one)
      assert.equal((await exit)[1], 'stopped' satisfies ExitReason, type)
      await closed
    }
  })

  it('makes every later call an error with a code', async () => {
    await using nodes = await Nodes.open()
    const [one, two] = (await nodes.group(2)) as [ZreNode, ZreNode]
    const closing = one.close()
    for (const call of [
      () => one.whisper(two.id, 'x'),
      () => one.shout('g', 'x'),
      () => one.join('g'),
      () => one.leave('g'),
    ]) {
      assert.throws(call, { name: 'ZreError', code: 'ZRE_CLOSED' })
    }
    await closing
  })

  it('a node that joins right afterwards is another one', async () => {
    await using nodes = await Nodes.open()
    const one = await nodes.add()
    for (let round = 0; round < 5; round++) {
      const two = await nodes.add()
      await Promise.all([present(one, two.id), present(two, one.id)])
      const exit = gone(one, two.id)
      await two.close()
      assert.equal(await exit, 'stopped')
    }
    assert.deepEqual(one.peers(), [])
  })
})

describe('createNode', () => {
  it('refuses an interface that is not there, and says which are', async () => {
    await assert.rejects(createNode({ interface: 'nonsense7' }), {
      code: 'ZRE_INTERFACE',
      message: /127\.0\.0\.1/,
    })
  })
})
