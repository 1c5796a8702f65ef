import assert from 'node:assert/strict'
import { it } from 'node:test'
import { event, freePort, Nodes, present } from '../support/nodes.js'

it('a node that is told of another greets it, where no beacon goes', async () => {
  await using nodes = await Nodes.open()
  const one = await nodes.add({ discovery: ['beacon'] })
  const two = await nodes.add({ discovery: ['beacon'], port: await freePort() })
  one.found({ id: two.id, endpoint: two.endpoint })
  await Promise.all([present(one, two.id), present(two, one.id)])
  assert.deepEqual([one.hears(two.id), two.hears(one.id)], [false, false])
})

it('a node forgets one that it was told of and has not met, and keeps one that it has', async () => {
  await using nodes = await Nodes.open()
  const one = await nodes.add({ discovery: [] })
  const two = await nodes.add({ discovery: [], port: await freePort() })
  const nobody = { id: 'B'.repeat(32), endpoint: one.endpoint.replace(/\d+$/, '1') }
  for (const node of [nobody, two]) one.found({ id: node.id, endpoint: node.endpoint })
  await present(one, two.id)
  assert.equal(one.sightings().length, 2)
  one.gone({ ...nobody, endpoint: two.endpoint })
  assert.equal(one.sightings().length, 2)
  for (const node of [nobody, two]) one.gone({ id: node.id, endpoint: node.endpoint })
  assert.deepEqual(
    one.sightings().map(({ id }) => id),
    [two.id],
  )
  assert.equal(one.stats().beaconsSent, 0)
  await one.close()
  assert.equal(one.stats().beaconsSent, 0)
  one.gone(nobody)
})

it('a node knows whose beacons come in', async () => {
  await using nodes = await Nodes.open()
  const [one, two] = await Promise.all([nodes.add({ interval: 20 }), nodes.add({ interval: 20 })])
  await Promise.all([present(one, two.id), present(two, one.id)])
  while (!one.hears(two.id) || !two.hears(one.id)) await new Promise((resolve) => setImmediate(resolve))
})

it('a node does not greet a node of no network of its own, nor anyone when it is closed', async () => {
  await using nodes = await Nodes.open()
  const [one, two] = [await nodes.add(), await nodes.add({ port: await freePort() })]
  one.found({ id: two.id, endpoint: 'tcp://203.0.113.7:5670' })
  assert.equal(one.stats().dropped['found-off-network'], 1)
  const left = event(two, 'exit')
  one.found({ id: two.id, endpoint: two.endpoint })
  await present(two, one.id)
  await one.close()
  await left
  one.found({ id: two.id, endpoint: two.endpoint })
  assert.deepEqual(one.peers(), [])
})
