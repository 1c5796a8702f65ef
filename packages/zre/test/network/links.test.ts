import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { it } from 'node:test'
import type { Introduced } from '#src/types.js'
import { event, freePort, Nodes, present } from '../support/nodes.js'

const nobody: Introduced = { count: () => 0, knows: () => false, greets: () => false }

it('a node that is needed now is present when the promise is kept', async () => {
  await using nodes = await Nodes.open()
  const one = await nodes.add({ introduced: nobody, discovery: [] })
  const two = await nodes.add({ introduced: nobody, discovery: [], port: await freePort() })
  const links = [1, 2, 3].map(() => one.link({ id: two.id, endpoint: two.endpoint }))
  assert.deepEqual(await Promise.all(links), [true, true, true])
  assert.equal(one.peers().length, 1)
  assert.equal(await one.link({ id: two.id, endpoint: two.endpoint }), true)
  assert.deepEqual(
    [two.endpoint, 'tcp://203.0.113.7:5670', 'x'].map((to) => one.mayConnect(to)),
    [true, false, false],
  )
  assert.deepEqual([one.isIntroduced(two.id), one.isIntroduced('F'.repeat(32))], [true, false])
})

it('a node that nobody is at is given up when the machine forgets it, and that of another network at once', async () => {
  await using nodes = await Nodes.open()
  const one = await nodes.add({ discovery: [], lost: 600_000 })
  const id = 'B'.repeat(32)
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  assert.equal(await one.link({ id, endpoint: `tcp://127.0.0.1:${port}` }), false)
  assert.equal(await one.link({ id, endpoint: 'tcp://203.0.113.7:5670' }), false)
  const waiting = one.link({ id: 'C'.repeat(32), endpoint: one.endpoint.replace(/\d+$/, '1') })
  await one.close()
  assert.equal(await waiting, false)
  assert.equal(await one.link({ id, endpoint: `tcp://127.0.0.1:${port}` }), false)
  one.part(id)
})

it('one that answers nothing is given up after a while', async () => {
  await using nodes = await Nodes.open()
  const one = await nodes.add({ discovery: [], lost: 300 })
  const server = createServer(() => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  assert.equal(await one.link({ id: 'B'.repeat(32), endpoint: `tcp://127.0.0.1:${port}` }), false)
  server.close()
})

it('two nodes part without a word, and meet again', async () => {
  await using nodes = await Nodes.open()
  const [one, two] = await Promise.all([
    nodes.add({ introduced: nobody, interval: 20 }),
    nodes.add({ introduced: nobody, interval: 20, discovery: ['beacon'] }),
  ])
  one.found({ id: two.id, endpoint: two.endpoint })
  await Promise.all([present(one, two.id), present(two, one.id)])
  for (let round = 0; round < 3; round++) {
    const last = event(two, 'whisper')
    const exits = [event(one, 'exit'), event(two, 'exit')]
    one.whisper(two.id, `last ${round}`)
    one.part(two.id)
    const [, [text]] = await last
    assert.equal(text?.toString(), `last ${round}`)
    two.part(one.id)
    for (const [, reason] of await Promise.all(exits)) assert.equal(reason, 'parted')
    // Neither greets the other for its beacons.
    const { beaconsReceived } = one.stats()
    while (one.stats().beaconsReceived < beaconsReceived + 3)
      await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual([one.peers(), two.peers()], [[], []])
    const [from, to] = round % 2 === 0 ? [two, one] : [one, two]
    assert.equal(await from.link({ id: to.id, endpoint: to.endpoint }), true)
    await present(to, from.id)
  }
  assert.deepEqual(one.stats().dropped, {})
})
