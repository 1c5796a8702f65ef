import assert from 'node:assert/strict'
import {
  decodeBeacon,
  decodeKeyBeacon,
  encodeBeacon,
  encodeKeyBeacon,
} from '../../packages/zre/dist/wire/beacon.js'
import { beacons } from '../lib/vectors.js'

const key = Buffer.alloc(32, 7)

/** A datagram, as a node without security and as one with it reads it. */
export default {
  seeds: () => [
    ...beacons,
    ...beacons.map((bytes) => Buffer.concat([bytes.subarray(0, 3), Buffer.of(3), bytes.subarray(4), key])),
  ],

  run(bytes) {
    const plain = decodeBeacon(bytes)
    if (typeof plain !== 'string') assert.deepEqual(encodeBeacon(plain), bytes)
    const keyed = decodeKeyBeacon(bytes)
    if (typeof keyed !== 'string') assert.deepEqual(encodeKeyBeacon(keyed), bytes)
    assert.ok(typeof plain === 'string' || typeof keyed === 'string', 'it is of both versions')
  },
}
