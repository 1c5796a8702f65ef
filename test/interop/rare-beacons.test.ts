import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createNode, type ZreNode } from '@sleuth/zre'
import { describeUnless } from '../hosts/missing.js'
import { buildGo, type GoPrograms } from './build-go.js'
import { freshPort, Network } from './network.js'

/** Go asks who has been silent for 5 s, and forgets after 30 s whoever does not answer. */
const WATCHED_MS = 42_000

const built = await buildGo()

describeUnless('missing' in built ? built.missing : undefined, 'beacons that are rare', {}, () => {
  let network: Network
  const nodes: ZreNode[] = []
  before(() => {
    network = Network.loopback(built as GoPrograms)
  })
  after(async () => {
    for (const node of nodes) await node.close()
    await network?.close()
  })

  test('Go and a node that never sends one keep each other for 42 s', { timeout: 60_000 }, async () => {
    const port = freshPort()
    const common = { interface: 'loopback', port: Number(port) }
    const observer = await createNode({ ...common, discovery: ['beacon'] })
    nodes.push(observer)
    const seen = once(observer, 'enter')
    await network.goService(port, 'rare')
    const [{ id, endpoint }] = await seen

    const quiet = await createNode({ ...common, discovery: [] })
    nodes.push(quiet)
    const events: string[] = []
    quiet.on('exit', (_peer, reason) => events.push(reason))
    const entered = once(quiet, 'enter')
    quiet.found({ id, endpoint })
    const [peer] = await entered
    assert.equal(peer.id, id)

    await sleep(WATCHED_MS)
    assert.deepEqual(events, [])
    // Go answers PINGs of those alone whom it knows.
    assert.equal(await quiet.acknowledged(id), true)
  })
})
