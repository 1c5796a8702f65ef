import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { createNode } from '@sleuth/zre'
import { start } from '../support/child.js'
import { event, freePort, Nodes, present } from '../support/nodes.js'
import { resources, settled } from '../support/resources.js'

describe('other processes', { timeout: 60_000 }, () => {
  it('one that closes its node has said all it had to say, and ends by itself', async () => {
    await using nodes = await Nodes.open()
    const node = await nodes.add({ evasive: 20_000, expired: 30_000 })
    const whisper = event(node, 'whisper')
    const exit = event(node, 'exit')
    const child = start('leave', nodes.port)
    assert.equal(String((await whisper)[1][0]), 'hello')
    assert.equal((await exit)[1], 'stopped')
    assert.deepEqual(await child.ended, { code: 0, output: 'closed\n' })
  })

  it('one that closes its node from within an event of its own timer ends by itself as well', async () => {
    await using nodes = await Nodes.open()
    const child = start('leave', nodes.port, 'listener')
    const node = await nodes.add({ interval: 60_000, evasive: 20_000, expired: 30_000 })
    const [, reason] = await event(node, 'exit')
    // Its stop beacon may overtake its HELLO, and then says nothing: it is missed when nobody is at its endpoint.
    assert.ok(reason === 'stopped' || reason === 'lost', reason)
    assert.deepEqual(await child.ended, { code: 0, output: 'closed\n' })
  })

  it('one whose listeners throw goes on: each event is told', async () => {
    await using nodes = await Nodes.open()
    const child = start('throw', nodes.port)
    const node = await nodes.add({ groups: ['mine'] })
    const [{ id }] = await event(node, 'enter')
    if (node.peer(id)?.groups.has('g') !== true) await event(node, 'join')
    node.whisper(id, 'x')
    node.shout('g', 'x')
    node.leave('mine')
    node.whisper(id, 'y')
    await node.close()
    assert.deepEqual(await child.ended, { code: 0, output: '6\n' })
  })

  it('workers of a cluster and their primary all find each other', async () => {
    const child = start('cluster', await freePort())
    const { code, output } = await child.ended
    assert.deepEqual(output.split('\n').sort(), ['', 'primary saw 2', 'worker saw 2', 'worker saw 2'])
    assert.equal(code, 0)
  })

  for (const [how, output] of [
    ['exit', 'exit code 0\n'],
    ['throw', 'thrown in the thread\nexit code 1\n'],
  ] as const) {
    it(`one whose thread ends with ${how} while other sockets of it have a datagram to read does not abort`, async () => {
      assert.deepEqual(await start('thread', await freePort(), how).ended, { code: 0, output })
    })
  }
})

describe('what a node leaves behind', { timeout: 60_000 }, () => {
  it('nothing, when another program holds the discovery port for itself: an error that names it', async () => {
    const port = await freePort()
    const socket = createSocket('udp4')
    socket.bind({ port, exclusive: true })
    await once(socket, 'listening')
    const refused = () =>
      assert.rejects(createNode({ interface: 'loopback', port }), {
        name: 'ZreError',
        code: 'ZRE_PORT',
        message: new RegExp(`UDP port ${port}.*EADDRINUSE`),
      })
    await refused()
    const before = await resources()
    for (let count = 0; count < 20; count++) await refused()
    await settled(before)
    socket.close()
  })

  it('nothing, when its headers are wrong', async () => {
    const refused = () =>
      assert.rejects(createNode({ interface: 'loopback', headers: () => 5 as never }), { code: 'ZRE_OPTION' })
    await refused()
    const before = await resources()
    for (let count = 0; count < 20; count++) await refused()
    await settled(before)
  })

  it('nothing, 300 times', async () => {
    const port = await freePort()
    const once = async () => (await createNode({ interface: 'loopback', port })).close()
    await once()
    const before = await resources()
    for (let count = 0; count < 300; count++) await once()
    await settled(before)
  })

  it('nothing, though it had peers, 20 times', async () => {
    const port = await freePort()
    const pair = async () => {
      const [one, two] = await Promise.all([
        createNode({ interface: 'loopback', port }),
        createNode({ interface: 'loopback', port }),
      ])
      await Promise.all([present(one, two.id), present(two, one.id)])
      await Promise.all([one.close(), two.close()])
    }
    await pair()
    const before = await resources()
    for (let count = 0; count < 20; count++) await pair()
    await settled(before)
  })
})
