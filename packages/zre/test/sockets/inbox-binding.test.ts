import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InboxBinding } from '#src/sockets/inbox-binding.js'
import type { Network } from '#src/sockets/network.js'
import type { Listen } from '#src/types.js'

function network(address: string): Network {
  return { name: 'eth0', address, netmask: '255.255.255.0', broadcast: '10.0.0.255', loopback: false }
}

/** What was bound, and a socket that takes each place once. */
function bench(listen: Listen) {
  const bound: string[] = []
  let free = 50_000
  const binding = new InboxBinding(listen, (host, port) => {
    const place = `${host} ${port}`
    if (port !== undefined && bound.includes(place)) throw new Error('Address already in use')
    bound.push(place)
    return port ?? free++
  })
  return { bound, at: (address: string) => binding.at(network(address)).endpoint }
}

describe('an inbox', () => {
  it('is at a free port of the interface, and at another when that has another address', () => {
    const { at, bound } = bench({})
    assert.equal(at('10.0.0.1'), 'tcp://10.0.0.1:50000')
    assert.equal(at('10.0.0.1'), 'tcp://10.0.0.1:50000')
    assert.equal(at('10.0.0.2'), 'tcp://10.0.0.2:50001')
    assert.equal(at('10.0.0.1'), 'tcp://10.0.0.1:50002')
    assert.equal(bound.length, 3)
  })

  it('of a given port is bound once to each address, though the interface comes back to one', () => {
    const { at, bound } = bench({ port: 5670 })
    for (const address of ['10.0.0.1', '10.0.0.2', '10.0.0.1'])
      assert.equal(at(address), `tcp://${address}:5670`)
    assert.deepEqual(bound, ['10.0.0.1 5670', '10.0.0.2 5670'])
  })

  it('at all addresses is reached at that of the interface', () => {
    for (const host of ['0.0.0.0', '::']) {
      const { at, bound } = bench({ host, port: 5670 })
      assert.deepEqual([at('10.0.0.1'), at('10.0.0.2')], ['tcp://10.0.0.1:5670', 'tcp://10.0.0.2:5670'])
      assert.deepEqual(bound, [`${host} 5670`])
    }
  })

  it('at an address of its own stays there', () => {
    const { at } = bench({ host: 'fd00::1', port: 5670 })
    assert.deepEqual([at('10.0.0.1'), at('10.0.0.2')], ['tcp://[fd00::1]:5670', 'tcp://[fd00::1]:5670'])
  })

  it('that can not be bound where it was asked for says where', () => {
    const fails = (listen: Listen) => () =>
      new InboxBinding(listen, () => {
        throw new Error('Address already in use')
      }).at(network('10.0.0.1'))
    const message = "can't listen at tcp://10.0.0.1:5670: Address already in use"
    assert.throws(fails({ port: 5670 }), { code: 'ZRE_LISTEN', message })
    assert.throws(fails({ host: 'fd00::1' }), { code: 'ZRE_LISTEN', message: /at fd00::1:/ })
    assert.throws(fails({}), { message: 'Address already in use' })
  })
})
