import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { describe, it } from 'node:test'
import { generateKeys, type NodeOptions } from '@sleuth/zre'
import { encodeBeacon, encodeKeyBeacon } from '#src/wire/beacon.js'
import { Nodes, present } from '../support/nodes.js'
import { broadcast } from '../support/raw-peer.js'

const [alice, bob, carol] = [generateKeys(), generateKeys(), generateKeys()]
const allow = [alice, bob, carol].map(({ publicKey }) => publicKey)

describe('two nodes about whom beacons are forged', { timeout: 60_000 }, () => {
  const networks = {
    'with their ids and keys, and wrong ports, on a closed network': {
      options: [{ security: { ...alice, allow } }, { security: { ...bob, allow } }],
      forge: (id: string, own: string, port: number) => encodeKeyBeacon({ id, port, key: own }),
    },
    'with the key of a third, on a closed network': {
      options: [{ security: { ...alice, allow } }, { security: { ...bob, allow } }],
      forge: (id: string, _own: string, port: number) => encodeKeyBeacon({ id, port, key: carol.publicKey }),
    },
    'with their ids and wrong ports, on an open network': {
      options: [{}, {}],
      forge: (id: string, _own: string, port: number) => encodeBeacon({ id, port }),
    },
  } satisfies Record<
    string,
    { options: [NodeOptions, NodeOptions]; forge: (id: string, own: string, port: number) => Buffer }
  >

  for (const [name, { options, forge }] of Object.entries(networks)) {
    it(`${name}: they meet`, async () => {
      await using nodes = await Nodes.open()
      // It accepts connections, and shakes no hands.
      const mute = createServer().listen(0, '127.0.0.1')
      const silent = () => (mute.address() as { port: number }).port
      const one = await nodes.add({ ...options[0], interval: 60_000 })
      let port = 9
      const forgeries = setInterval(() => {
        for (const at of [port++, silent()]) {
          void broadcast(nodes.port, forge(one.id, alice.publicKey, at))
        }
      }, 20)
      const two = await nodes.add(options[1])
      await Promise.all([present(one, two.id), present(two, one.id)])
      clearInterval(forgeries)
      mute.close()
      assert.equal(two.peer(one.id)?.endpoint, one.endpoint)
    })
  }
})
