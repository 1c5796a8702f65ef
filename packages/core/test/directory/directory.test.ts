import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Peer } from '@sleuth/zre'
import { Directory } from '#src/directory/directory.js'
import { SleuthError } from '#src/shared/errors.js'
import type { DownEvent, UpEvent } from '#src/types.js'

const group = 'SLEUTH-vT'

function peerOf(id: string, headers: Record<string, string | undefined>, name = id): Peer {
  return {
    id,
    name,
    endpoint: 'tcp://127.0.0.1:5000',
    announced: 'tcp://127.0.0.1:5000',
    address: '127.0.0.1',
    verified: true,
    connections: 'both',
    headers: new Map(Object.entries(headers) as [string, string][]),
    groups: new Set([group]),
  }
}

const serviceOf = (id: string, type: string, more = {}) => peerOf(id, { group, node: id, type, ...more })

function open() {
  const events: ({ up: UpEvent } | { down: DownEvent })[] = []
  const directory = new Directory(
    { group, wire: 2 },
    { balance: 'round-robin', now: () => 1, random: () => 0.5 },
    {
      up: (up) => events.push({ up }),
      down: (down) => events.push({ down }),
    },
  )
  return { directory, events }
}

const instance = {
  id: 'A',
  name: 'A',
  version: 'unknown',
  endpoint: 'tcp://127.0.0.1:5000',
  wire: 1,
  ready: true,
  meta: {},
}

describe('Directory', () => {
  it('knows what a peer announces', () => {
    const { directory, events } = open()
    directory.add(serviceOf('A', 'foo', { version: '1.2', 'sleuth-name': 'Anna' }))
    const known = { ...instance, name: 'Anna', version: '1.2' }
    assert.deepEqual(directory.services(), [{ service: 'foo', instances: [known] }])
    assert.deepEqual(events, [{ up: { service: 'foo', instance: known } }])
  })

  it('TestClientAddBadMember: refuses half an announcement with 924', () => {
    const { directory, events } = open()
    for (const headers of [
      { group },
      { group, node: 'A' },
      { group, type: 'foo' },
      { group, node: '', type: 'foo' },
    ]) {
      assert.throws(
        () => directory.add(peerOf('A', headers)),
        (error) => error instanceof SleuthError && error.code === 'SLEUTH_ADD' && error.codes[0] === 924,
      )
    }
    assert.deepEqual(events, [])
  })

  it('passes over a client-only peer, and one of another group', () => {
    const { directory, events } = open()
    directory.add(peerOf('A', {}))
    directory.add(peerOf('B', { group: 'other', node: 'B', type: 'foo' }))
    assert.deepEqual(directory.services(), [])
    assert.deepEqual(events, [])
  })

  it('TestClientRemove: forgets a service with its last instance', () => {
    const { directory, events } = open()
    directory.add(serviceOf('A', 'foo'))
    directory.add(serviceOf('B', 'foo'))
    directory.remove('A', 'expired')
    assert.equal(directory.next('foo')?.instance.id, 'B')
    directory.remove('B', 'left')
    assert.equal(directory.next('foo'), undefined)
    assert.deepEqual(directory.services(), [])
    assert.deepEqual(events.slice(2), [
      { down: { service: 'foo', instance, reason: 'expired' } },
      { down: { service: 'foo', instance: { ...instance, id: 'B', name: 'B' }, reason: 'left' } },
    ])
  })

  it('TestClientRemoveNonexistent: forgets nothing that it does not know', () => {
    const { directory, events } = open()
    directory.remove('A', 'left')
    assert.deepEqual(events, [])
  })

  it('tells of an instance once, though it is announced twice', () => {
    const { directory, events } = open()
    directory.add(serviceOf('A', 'foo'))
    directory.add(serviceOf('A', 'foo'))
    assert.equal(events.length, 1)
    directory.remove('A', 'left')
    directory.remove('A', 'stopped')
    assert.equal(events.length, 2)
  })

  it('keeps two peers of one name apart', () => {
    const { directory } = open()
    directory.add(peerOf('A', { group, node: 'A', type: 'foo' }, 'twin'))
    directory.add(peerOf('B', { group, node: 'B', type: 'foo' }, 'twin'))
    assert.deepEqual([directory.next('foo')?.instance.id, directory.next('foo')?.instance.id], ['A', 'B'])
  })

  it('lets an instance come back', () => {
    const { directory, events } = open()
    directory.add(serviceOf('A', 'foo'))
    directory.remove('A', 'restarted')
    directory.add(serviceOf('A', 'bar'))
    assert.deepEqual(directory.services(), [{ service: 'bar', instances: [instance] }])
    assert.equal(events.length, 3)
  })

  it('goes by the id that a peer has, not by the one that it claims', () => {
    const { directory } = open()
    directory.add(peerOf('A', { group, node: 'B', type: 'foo' }))
    assert.equal(directory.next('foo')?.instance.id, 'A')
  })

  it('tells of every instance that goes when it is cleared', () => {
    const { directory, events } = open()
    directory.add(serviceOf('A', 'foo'))
    directory.add(serviceOf('B', 'bar'))
    directory.clear('closed')
    assert.deepEqual(directory.services(), [])
    assert.equal(events.length, 4)
  })

  it('holds __proto__ for a service like any other', () => {
    const { directory } = open()
    assert.equal(directory.next('__proto__'), undefined)
    directory.add(serviceOf('A', '__proto__'))
    assert.equal(directory.next('__proto__')?.instance.id, 'A')
  })
})
