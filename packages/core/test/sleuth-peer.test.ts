import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server } from 'node:http'
import { describe, it } from 'node:test'
import type { Peer } from '@sleuth/zre'
import { Socket } from '#src/server/node-http/socket.js'
import { callerOf } from '#src/server/remote-caller.js'
import type { SocketHandler } from '#src/server/types.js'
import { CallerList } from '#src/shared/caller-counts.js'
import type { SleuthPeer, SleuthRequest } from '#src/types.js'
import { FakeNetwork } from './fake-network.js'
import { join } from './harness.js'

const group = 'SLEUTH-v1'

function peerWith(headers: Record<string, string>, more: Partial<Peer> = {}): Peer {
  return {
    id: '9D2E7F0C6B1A4C38A5E1B0F3D4C2A691',
    name: '9D2E7F',
    endpoint: 'tcp://10.0.0.7:49160',
    announced: 'tcp://10.0.0.7:49160',
    address: '10.0.0.7',
    verified: true,
    connections: 'both',
    headers: new Map(Object.entries(headers)),
    groups: new Set([group]),
    ...more,
  }
}

const billing = { group, node: '9D2E7F0C6B1A4C38A5E1B0F3D4C2A691', type: 'billing', version: '1' }

describe('what a handler is told of a peer', () => {
  it('is what HELLO said: that of sleuth in Go as well', () => {
    const { peer, port } = callerOf(peerWith(billing), group, new CallerList())
    assert.deepEqual(peer, {
      id: '9D2E7F0C6B1A4C38A5E1B0F3D4C2A691',
      name: '9D2E7F',
      service: 'billing',
      address: '10.0.0.7',
      verified: true,
      publicKey: undefined,
    })
    assert.equal(port, 49160)
    assert.ok(Object.isFrozen(peer))
  })

  it('has the name that it gave itself for people', () => {
    assert.equal(
      callerOf(peerWith({ ...billing, 'sleuth-name': 'till' }), group, new CallerList()).peer.name,
      'till',
    )
  })

  it('has the key that the peer has proved to hold', () => {
    const publicKey = 'Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID'
    assert.equal(
      callerOf(peerWith(billing, { publicKey }), group, new CallerList()).peer.publicKey,
      publicKey,
    )
  })

  it('has no service where none is offered in our group', () => {
    const { type, node, ...half } = billing
    const without = [{}, { ...billing, group: 'other' }, half, { ...half, node }, { ...half, type }]
    for (const headers of [...without, { ...billing, type: '' }])
      assert.equal(callerOf(peerWith(headers), group, new CallerList()).peer.service, undefined)
  })
})

describe('the socket of a request', () => {
  const local = { address: '127.0.0.1', port: 2 }
  const socketOf = (verified: boolean) =>
    new Socket(
      {} as SocketHandler,
      callerOf(peerWith(billing, { verified }), group, new CallerList()),
      local,
      {} as Server,
    )

  it('has the address of a peer that was checked', () => {
    const { remoteAddress, remotePort, remoteFamily } = socketOf(true)
    assert.deepEqual([remoteAddress, remotePort, remoteFamily], ['10.0.0.7', 49160, 'IPv4'])
  })

  it('has none, as a Unix socket has none, of one that only says where it is', () => {
    const { remoteAddress, remotePort, remoteFamily } = socketOf(false)
    assert.deepEqual([remoteAddress, remotePort, remoteFamily], [undefined, undefined, undefined])
  })

  it('is open until it is destroyed, and then takes no timeout', async () => {
    const channel = {
      data: (_: Buffer[], done: () => void) => done(),
      destroyed() {},
      closed() {},
      resumed() {},
    }
    const socket = new Socket(
      channel as unknown as SocketHandler,
      callerOf(peerWith(billing), group, new CallerList()),
      { address: '::1', port: 2 },
      {} as Server,
    )
    assert.deepEqual([socket.readyState, socket.bufferSize, socket.localFamily], ['open', 0, 'IPv6'])
    assert.equal(socket.unref().ref().setNoDelay().setKeepAlive().pause(), socket)
    socket.end()
    assert.equal(socket.readyState, 'readOnly')
    const closed = once(socket, 'close')
    assert.equal(socket.resetAndDestroy(), socket)
    assert.equal(socket.readyState, 'closed')
    socket.destroySoon()
    socket.setTimeout(10, () => assert.fail('rang'))
    assert.equal(socket.timeout, undefined)
    await closed
  })
})

describe('req.sleuthPeer', () => {
  async function asked(wire: 1 | 2, service?: string) {
    const network = new FakeNetwork()
    const seen: (SleuthPeer | undefined)[] = []
    const filtered: (SleuthPeer | undefined)[] = []
    await join(network, {
      service: 'foo',
      handler: (req: SleuthRequest, res) => {
        seen.push(req.sleuthPeer)
        res.end(req.socket.remoteAddress)
      },
      filter: (req) => filtered.push(req.sleuthPeer) > 0,
    })
    const handler = service === undefined ? undefined : () => {}
    const { sleuth, node } = await join(network, { wire, service, handler, name: 'for people' })
    const { body } = await sleuth.request('sleuth://foo/')
    await sleuth.request('sleuth://foo/', { method: 'POST', body: 'text', headers: { sleuthPeer: 'x' } })
    return { seen, filtered, node, address: String(body) }
  }

  for (const wire of [1, 2] as const) {
    it(`is one and the same for all requests of a peer, on wire ${wire}`, async () => {
      const { seen, filtered, node, address } = await asked(wire, 'billing')
      assert.deepEqual(seen[0], {
        id: node.id,
        name: 'for people',
        service: 'billing',
        address: '127.0.0.1',
        verified: true,
        publicKey: undefined,
      })
      assert.equal(seen.length, 2)
      assert.equal(seen[0], seen[1])
      assert.deepEqual(filtered, seen)
      assert.equal(address, seen[0]?.address)
    })

    it(`has no service for one that only calls, on wire ${wire}`, async () => {
      const { seen, node } = await asked(wire)
      assert.equal(seen[0]?.id, node.id)
      assert.equal(seen[0]?.service, undefined)
    })
  }
})
