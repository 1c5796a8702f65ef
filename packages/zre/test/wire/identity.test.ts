import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { canonicalAddress, formatEndpoint, parseEndpoint } from '#src/wire/endpoint.js'
import {
  defaultName,
  idFromBytes,
  idOfRoutingId,
  idToBytes,
  isMarked,
  isNodeId,
  marked,
  newId,
  newMarkedId,
  routingIdOf,
} from '#src/wire/identity.js'
import { nodeId } from '../support/arbitraries.js'

describe('an identity', () => {
  it('is uppercase hex, which is what Go peers compare', () => {
    assert.equal(idFromBytes(Buffer.from('00ab'.repeat(8), 'hex')), '00AB'.repeat(8))
  })

  it('comes back from its bytes and from its routing id', () => {
    fc.assert(
      fc.property(nodeId(), (id) => {
        assert.ok(isNodeId(id))
        assert.equal(idFromBytes(idToBytes(id)), id)
        assert.equal(idOfRoutingId(routingIdOf(id)), id)
      }),
    )
  })

  it('is marked or is not, and is another each time', () => {
    const ids = Array.from({ length: 200 }, newMarkedId)
    assert.equal(new Set(ids).size, ids.length)
    for (const id of ids) {
      assert.ok(isNodeId(id) && isMarked(id))
      // RFC 9562: version 8, and its variant.
      assert.match(id, /^.{12}8...[89AB]/)
    }
    assert.ok(!Array.from({ length: 200 }, newId).some(isMarked))
    assert.equal(marked('00112233445566778899AABBCCDDEEFF'), '00112233445586778899AABBCCDD90E1')
  })

  it('is not marked when any bit of it is another', () => {
    fc.assert(
      fc.property(nodeId(), fc.nat(127), (id, bit) => {
        const bytes = idToBytes(marked(id))
        const at = bit >> 3
        bytes[at] = (bytes[at] as number) ^ (1 << (bit & 7))
        assert.ok(!isMarked(idFromBytes(bytes)))
      }),
    )
  })

  it('in lowercase is none', () => assert.equal(isNodeId('ab'.repeat(16)), false))

  it('is not in a routing id of another size or prefix', () => {
    const routingId = routingIdOf('AB'.repeat(16))
    assert.equal(routingId.length, 17)
    assert.equal(idOfRoutingId(routingId.subarray(0, 16)), undefined)
    assert.equal(idOfRoutingId(Buffer.concat([routingId, Buffer.of(0)])), undefined)
    assert.equal(idOfRoutingId(Buffer.concat([Buffer.of(0), routingId.subarray(1)])), undefined)
    assert.equal(idOfRoutingId(Buffer.alloc(0)), undefined)
  })

  it('gives a name of six digits', () =>
    assert.equal(defaultName('0D1DD12FDC1B44D987F2E3666CB8B241'), '0D1DD1'))
})

describe('an endpoint', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 1, max: 0xffff }), (address, port) => {
        assert.deepEqual(parseEndpoint(formatEndpoint(address, port)), { address, port })
      }),
    )
  })

  it('is an IPv6 address in its one form as well', () => {
    for (const address of ['::1', 'fd00::1', '2001:db8:1:2:3:4:5:6']) {
      assert.deepEqual(parseEndpoint(formatEndpoint(address, 5670)), { address, port: 5670 })
    }
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const address = canonicalAddress(text)
        if (address === undefined) return
        assert.deepEqual(parseEndpoint(formatEndpoint(address, 1)), { address, port: 1 })
      }),
    )
    assert.equal(canonicalAddress('FD00:0:0::1'), 'fd00::1')
    for (const text of ['::ffff:10.0.0.1', '::ffff:a00:1', 'fe80::1%eth0', 'x', '']) {
      assert.equal(canonicalAddress(text), undefined, text)
    }
  })

  it('is an address and a port, and nothing else', () => {
    for (const text of [
      '',
      'tcp://',
      'tcp://10.0.0.1',
      'tcp://10.0.0.1:',
      'tcp://10.0.0.1:0',
      'tcp://10.0.0.1:00000',
      'tcp://10.0.0.1:080',
      'tcp://10.0.0.1:65536',
      'tcp://10.0.0.1:-1',
      'tcp://10.0.0.1:80 ',
      'tcp://10.0.0.1:80\n',
      'tcp://10.0.0.256:80',
      'tcp://10.0.0:80',
      'tcp://010.0.0.1:80',
      'tcp://*:80',
      'tcp://example.org:80',
      'tcp://[::1]',
      'tcp://[FD00::1]:80',
      'tcp://[fd00:0::1]:80',
      'tcp://[::ffff:10.0.0.1]:80',
      'tcp://[fe80::1%eth0]:80',
      'tcp://::1:80',
      'tcp://lo;10.0.0.1:80',
      'TCP://10.0.0.1:80',
      'ipc:///tmp/x',
      'inproc://x',
    ]) {
      assert.equal(parseEndpoint(text), undefined, text)
    }
  })

  it('never makes the parser throw', () => {
    fc.assert(fc.property(fc.string(), (text) => assert.equal(parseEndpoint(text), undefined)))
  })
})
