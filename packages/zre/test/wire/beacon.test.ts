import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Beacon, decodeBeacon, encodeBeacon } from '#src/wire/beacon.js'
import { nodeId } from '../support/arbitraries.js'
import { recordedBeacons } from '../support/vectors.js'

const valid = encodeBeacon({ id: '0123456789ABCDEF0123456789ABCDEF', port: 49152 })

describe('recorded beacons', () => {
  it('there are some of gyre and of zyre', () => assert.ok(recordedBeacons.length > 20))

  it('decode to what was recorded, with the identity in uppercase', () => {
    for (const { hex, uuid, port } of recordedBeacons) {
      assert.deepEqual(decodeBeacon(Buffer.from(hex, 'hex')), { id: uuid, port })
    }
  })

  it('are encoded to the same bytes', () => {
    for (const { hex, uuid, port } of recordedBeacons) {
      assert.equal(encodeBeacon({ id: uuid, port }).toString('hex'), hex)
    }
  })
})

describe('a beacon', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(nodeId(), fc.nat(0xffff), (id, port) => {
        assert.deepEqual(decodeBeacon(encodeBeacon({ id, port })), { id, port })
      }),
    )
  })

  it('with port 0 is one: its sender leaves', () => {
    assert.equal((decodeBeacon(encodeBeacon({ id: 'AB'.repeat(16), port: 0 })) as Beacon).port, 0)
  })

  it('of 21 or 23 bytes is none', () => {
    assert.equal(decodeBeacon(valid.subarray(0, 21)), 'beacon-size')
    assert.equal(decodeBeacon(Buffer.concat([valid, Buffer.of(0)])), 'beacon-size')
  })

  it("of version 3 and 54 bytes is CURVE's, and not for us", () => {
    const curve = Buffer.concat([valid, Buffer.alloc(32, 7)])
    curve[3] = 3
    assert.equal(decodeBeacon(curve), 'beacon-version')
    assert.equal(decodeBeacon(Buffer.concat([valid, Buffer.alloc(32, 7)])), 'beacon-size')
  })

  it('of any other version is none', () => {
    for (const version of [0, 2, 3, 255]) {
      const bytes = Buffer.from(valid)
      bytes[3] = version
      assert.equal(decodeBeacon(bytes), 'beacon-version')
    }
  })

  it('with another signature is none', () => {
    for (let index = 0; index < 3; index++) {
      const bytes = Buffer.from(valid)
      bytes[index] = 0x7a
      assert.equal(decodeBeacon(bytes), 'beacon-signature')
    }
  })

  it('cut off anywhere is none', () => {
    for (const { hex } of recordedBeacons) {
      const bytes = Buffer.from(hex, 'hex')
      for (let length = 0; length < bytes.length; length++) {
        assert.equal(typeof decodeBeacon(bytes.subarray(0, length)), 'string')
      }
    }
  })

  it('never makes the decoder throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const decoded = decodeBeacon(Buffer.from(bytes))
        if (typeof decoded !== 'string') assert.deepEqual(encodeBeacon(decoded), Buffer.from(bytes))
      }),
    )
  })
})
