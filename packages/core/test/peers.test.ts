import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FakeNetwork } from './fake-network.js'
import { join, mirror } from './harness.js'

describe('peers()', () => {
  it('shows every node that was heard of: services, clients, and those of another group without a service', async () => {
    const network = new FakeNetwork()
    const { sleuth } = await join(network)
    assert.deepEqual(sleuth.peers(), [])
    const service = await join(network, { service: 'foo', name: 'Anna', handler: mirror })
    const client = await join(network)
    const other = await join(network, { service: 'bar', handler: mirror, group: 'another' })
    const shown = new Map(sleuth.peers().map((peer) => [peer.id, peer]))
    assert.equal(shown.size, 3)
    const { name, endpoint, state } = shown.get(service.node.id) ?? {}
    assert.deepEqual([name, endpoint, state], ['Anna', service.node.endpoint, 'connected'])
    const services = [service, client, other].map(({ node }) => shown.get(node.id)?.service)
    assert.deepEqual(services, ['foo', undefined, undefined])
    assert.ok([...shown.values()].every(Object.isFrozen))
    await service.sleuth.close()
    assert.equal(sleuth.peers().length, 2)
  })

  it('are none of a sleuth that is not enabled', async () => {
    const { sleuth } = await join(new FakeNetwork(), { enabled: false })
    assert.deepEqual(sleuth.peers(), [])
  })
})
