import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Directory } from '#src/directory/directory.js'
import type { Instance } from '#src/types.js'

const group = 'SLEUTH-vT'

function instanceOf(id: string, more: Partial<Instance> = {}): Instance {
  return {
    id,
    name: id,
    version: '1.0.0',
    endpoint: 'tcp://127.0.0.1:5000',
    wire: 2,
    meta: {},
    ready: true,
    ...more,
  }
}

function peerOf({ id, name, version, endpoint }: Instance, type: string) {
  const headers = new Map(
    Object.entries({ group, node: id, type, version, 'sleuth-name': name, 'sleuth-wire': '2' }),
  )
  const rest = {
    address: '127.0.0.1',
    verified: true,
    connections: 'both' as const,
    groups: new Set([group]),
  }
  return { id, name, endpoint, announced: endpoint, headers, ...rest }
}

function open() {
  const events: string[] = []
  const directory = new Directory(
    { group, wire: 2 },
    { balance: 'round-robin', now: () => 1, random: () => 0.5 },
    {
      up: ({ service, instance }) => events.push(`up ${service} ${instance.id}`),
      linked: ({ instance }) => events.push(`linked ${instance.id}`),
      down: ({ instance, reason }) => events.push(`down ${instance.id} ${reason}`),
    },
  )
  return { directory, events }
}

describe('an instance that others have told of', () => {
  it('is up, is linked later without being up twice, and stays what calls know of it', () => {
    const { directory, events } = open()
    directory.show({ service: 'foo', instance: instanceOf('A') })
    assert.equal(directory.isLinked('A'), false)
    const endpoint = directory.next('foo')
    endpoint?.health.failed(1, 0.5)
    directory.add(peerOf(instanceOf('A', { version: '2.0.0' }), 'foo'))
    assert.equal(directory.isLinked('A'), true)
    assert.equal(directory.next('foo'), endpoint)
    assert.deepEqual([endpoint?.health.consecutiveFailures, endpoint?.instance.version], [1, '2.0.0'])
    assert.deepEqual(events, ['up foo A', 'linked A'])
  })

  it('is corrected, and is another when its service is', () => {
    const { directory, events } = open()
    directory.show({ service: 'foo', instance: instanceOf('A') })
    directory.show({ service: 'foo', instance: instanceOf('A', { endpoint: 'tcp://127.0.0.1:6000' }) })
    assert.equal(directory.next('foo')?.instance.endpoint, 'tcp://127.0.0.1:6000')
    directory.show({ service: 'bar', instance: instanceOf('A') })
    assert.deepEqual(directory.names(), ['bar'])
    directory.add(peerOf(instanceOf('A'), 'foo'))
    assert.deepEqual(directory.names(), ['foo'])
    assert.deepEqual(events, ['up foo A', 'down A left', 'up bar A', 'down A left', 'up foo A'])
  })

  it('is not what others say while there is a link to it', () => {
    const { directory, events } = open()
    directory.add(peerOf(instanceOf('A'), 'foo'))
    directory.show({ service: 'bar', instance: instanceOf('A') })
    directory.hide('A', 'lost')
    assert.deepEqual([directory.names(), events], [['foo'], ['up foo A']])
    directory.setLinked('A', false)
    assert.equal(directory.isLinked('A'), false)
    directory.hide('A', 'stopped')
    assert.deepEqual(events, ['up foo A', 'down A stopped'])
    directory.hide('A', 'stopped')
    directory.setLinked('A', true)
    assert.equal(directory.isLinked('A'), undefined)
    assert.equal(events.length, 2)
  })

  it('tells which services were called since it was last asked', () => {
    const { directory } = open()
    directory.show({ service: 'foo', instance: instanceOf('A') })
    directory.show({ service: 'bar', instance: instanceOf('B') })
    assert.deepEqual(directory.takeUsed(), [])
    directory.next('bar')
    assert.deepEqual([directory.takeUsed(), directory.takeUsed()], [['bar'], []])
  })
})
