import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ConnectedPeer, ZreNode } from '@sleuth/zre'
import { event, gone, Nodes, present, whispers } from '../support/nodes.js'
import { RawPeer } from '../support/raw-peer.js'

describe('a peer as a handle', { timeout: 60_000 }, () => {
  it('sends, and answers from within a whisper', async () => {
    await using nodes = await Nodes.open()
    const [one, two] = (await nodes.group(2)) as [ZreNode, ZreNode]
    two.on('whisper', (peer, [frame]) => peer.send(['answer', frame as Buffer]))
    const heard = whispers(one)
    one.peer(two.id)?.send('question')
    assert.deepEqual(await heard.until(1), ['answer|question'])
  })

  it('keeps the order of whispers by id and by handle', async () => {
    await using nodes = await Nodes.open()
    const [one, two] = (await nodes.group(2)) as [ZreNode, ZreNode]
    const heard = whispers(two)
    const peer = one.peer(two.id) as ConnectedPeer
    for (let number = 0; number < 3000; number += 2) {
      peer.send(String(number))
      one.whisper(two.id, String(number + 1))
    }
    assert.deepEqual(
      await heard.until(3000),
      Array.from({ length: 3000 }, (_, number) => String(number)),
    )
  })

  it('is of no use when the peer has gone, nor when it has come back: then there is another', async () => {
    await using nodes = await Nodes.open()
    const node = await nodes.add()
    await using raw = await RawPeer.open(node.endpoint)
    await raw.hello()
    await present(node, raw.id)
    const before = node.peer(raw.id) as ConnectedPeer
    const [left, entered] = [gone(node, raw.id), event(node, 'enter')]
    await raw.hello()
    assert.equal(await left, 'restarted')
    await entered
    assert.throws(() => before.send('x'), { code: 'ZRE_UNKNOWN_PEER' })
    node.peer(raw.id)?.send('y')
    assert.equal(String((await raw.receiveOnly('whisper')).content), 'y')
  })

  it('of a closed node says that the node is closed', async () => {
    await using nodes = await Nodes.open()
    const [one, two] = (await nodes.group(2)) as [ZreNode, ZreNode]
    const peer = one.peer(two.id) as ConnectedPeer
    await one.close()
    assert.throws(() => peer.send('x'), { code: 'ZRE_CLOSED' })
  })
})
