import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { beforeEach, describe, it } from 'node:test'
import type { ConnectedPeer, NodeEvents } from '@sleuth/zre'
import { Driver } from '#src/driver.js'
import { checkOptions } from '#src/options.js'
import { OpenPolicy } from '#src/security/open-policy.js'
import { encodeBeacon } from '#src/wire/beacon.js'
import { routingIdOf } from '#src/wire/identity.js'
import { encodeMessage } from '#src/wire/message.js'
import { FakeTransport } from './support/fake-transport.js'

const US = 'AA'.repeat(16)
const PEER = 'BB'.repeat(16)

describe('a driver', () => {
  let transport: FakeTransport
  let driver: Driver
  let emitter: EventEmitter<NodeEvents>
  let timers: (() => void)[]
  let time: number

  beforeEach(() => {
    transport = new FakeTransport()
    emitter = new EventEmitter()
    timers = []
    time = 0
    const settings = checkOptions({})
    driver = new Driver(settings, US, emitter, {
      clock: { now: () => time, setTimeout: (run) => timers.push(run), clearTimeout: () => timers.splice(0) },
      transport: () => transport,
      discoveries: () => [],
      network: () => ({ interface: 'fake', loopback: false, discovery: [] }),
      policy: (options) => new OpenPolicy({ ...options, maxPeers: settings.maxPeers }),
    })
    driver.begin()
  })

  /** A peer of another library comes. */
  function meet(): ConnectedPeer {
    transport.receiver.onDatagram(encodeBeacon({ id: PEER, port: 5000 }), '10.0.0.2')
    transport.listener.onConnected(PEER)
    hello()
    return driver.peers.get(PEER)?.view as ConnectedPeer
  }

  function hello(): void {
    const endpoint = 'tcp://10.0.0.2:5000'
    const message = { type: 'hello', endpoint, groups: [], status: 0, name: 'b', headers: new Map() } as const
    transport.receiver.onMessage([routingIdOf(PEER), ...encodeMessage(message, 1)], time)
  }

  it('sends a beacon at once, and later ones by its clock', () => {
    assert.equal(transport.beaconsSent.length, 1)
    time += 60
    timers.shift()?.()
    assert.equal(transport.beaconsSent.length, 2)
  })

  it('tells what has happened though the transport throws', () => {
    const told: string[] = []
    emitter.on('enter', ({ id }) => told.push(id))
    transport.receiver.onDatagram(encodeBeacon({ id: PEER, port: 5000 }), '10.0.0.2')
    hello()
    transport.openMailbox = () => {
      throw new Error('no mailbox')
    }
    // The machine is told of the end of the peer, and wants a new mailbox.
    transport.listener.onConnected(PEER)
    emitter.on('exit', ({ id }) => told.push(`${id} is gone`))
    assert.throws(() => transport.listener.onDisconnected(PEER, false), /no mailbox/)
    assert.deepEqual(told, [PEER, `${PEER} is gone`])
  })

  it('lets go of the mailbox of a peer that has gone, and that its user keeps', () => {
    const peer = meet()
    const state = driver.peers.get(PEER)
    assert.ok(state?.outlet)
    transport.listener.onLost(PEER, new Error('lost'))
    assert.equal(state.outlet, undefined)
    assert.throws(() => peer.send('x'), { code: 'ZRE_UNKNOWN_PEER' })
  })

  it('closes its transport once, after the last beacon', async () => {
    const peer = meet()
    await Promise.all([driver.close(), driver.close()])
    assert.equal(transport.closed, 1)
    assert.equal(transport.beaconsSent.at(-1)?.readUInt16BE(20), 0)
    assert.throws(() => peer.send('x'), { code: 'ZRE_CLOSED' })
  })

  it('takes nothing more when it is closed', async () => {
    const told: string[] = []
    emitter.on('enter', ({ id }) => told.push(id))
    await driver.close()
    transport.receiver.onDatagram(encodeBeacon({ id: PEER, port: 5000 }), '10.0.0.2')
    hello()
    assert.deepEqual([told, driver.peers.size, driver.counters.snapshot(0).messagesReceived], [[], 0, 0])
  })

  it('closes its transport when it can not be opened', async () => {
    transport.open = () => Promise.reject(new Error('taken'))
    await assert.rejects(driver.open(), /taken/)
    assert.equal(transport.closed, 1)
  })
})
