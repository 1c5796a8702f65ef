import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  type Beacon,
  decodeBeacon,
  decodeKeyBeacon,
  encodeBeacon,
  encodeKeyBeacon,
} from '#src/wire/beacon.js'
import { encodeZ85 } from '#src/wire/z85.js'
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

  it("of version 3 is CURVE's, and not for a node that does not encrypt", () => {
    const curve = Buffer.concat([valid, Buffer.alloc(32, 7)])
    curve[3] = 3
    assert.equal(decodeBeacon(curve), 'encrypted')
    assert.equal(decodeBeacon(Buffer.concat([valid, Buffer.alloc(32, 7)])), 'beacon-size')
  })

  it('of any other version is none', () => {
    for (const version of [0, 2, 4, 255]) {
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

describe('a beacon with a key', () => {
  const raw = Buffer.alloc(32, 7)
  const key = encodeZ85(raw)
  const beacon = { id: '0123456789ABCDEF0123456789ABCDEF', port: 49152, key }

  it('is that of version 1 with another version, and the raw key', () => {
    const bytes = encodeKeyBeacon(beacon)
    assert.equal(bytes.length, 54)
    assert.equal(bytes.toString('hex'), `5a524503${valid.toString('hex').slice(8)}${raw.toString('hex')}`)
    assert.deepEqual(decodeKeyBeacon(bytes), beacon)
  })

  it('of another size is none', () => {
    const bytes = encodeKeyBeacon(beacon)
    for (let length = 0; length < bytes.length; length++) {
      assert.equal(typeof decodeKeyBeacon(bytes.subarray(0, length)), 'string')
    }
    assert.equal(decodeKeyBeacon(Buffer.concat([bytes, Buffer.of(0)])), 'beacon-size')
  })

  it('is not one without, nor one whose key begins with a zero byte, which is none', () => {
    assert.equal(decodeKeyBeacon(valid), 'unencrypted')
    const bytes = encodeKeyBeacon(beacon)
    bytes[22] = 0
    assert.equal(decodeKeyBeacon(bytes), 'unencrypted')
    bytes[3] = 2
    assert.equal(decodeKeyBeacon(bytes), 'beacon-version')
  })

  it('never makes the decoder throw', () => {
    const head = fc.constant(Buffer.from('5a524503', 'hex'))
    const tail = fc.uint8Array({ minLength: 48, maxLength: 52 })
    fc.assert(
      fc.property(
        fc.oneof(fc.tuple(head, tail), fc.tuple(fc.uint8Array({ maxLength: 60 }), tail)),
        (parts) => {
          const bytes = Buffer.concat(parts)
          const decoded = decodeKeyBeacon(bytes)
          if (typeof decoded !== 'string') assert.deepEqual(encodeKeyBeacon(decoded), bytes)
        },
      ),
    )
  })
})
