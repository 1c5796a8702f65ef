import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { decodeBeacon, decodeKeyBeacon, encodeBeacon, encodeKeyBeacon } from '#src/wire/beacon.js'
import { formatEndpoint, parseEndpoint } from '#src/wire/endpoint.js'
import { idOfRoutingId, isNodeId, routingIdOf } from '#src/wire/identity.js'
import { keyFromBytes } from '#src/wire/key.js'
import { decodeMessage, encodeMessage, type Outgoing } from '#src/wire/message.js'
import { decodeZapRequest } from '#src/wire/zap.js'
import { nodeId, outgoing } from '../support/arbitraries.js'

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array))
const key = bytes(32).filter((raw) => raw[0] !== 0)

/** A copy with one byte changed. */
function changed(good: Buffer, at: number, mask: number): Buffer {
  const bad = Buffer.from(good)
  const binding = at % bad.length
  bad[binding] = (bad[binding] as number) ^ mask
  return bad
}

const change = [fc.nat(), fc.integer({ min: 1, max: 255 })] as const

describe('what a decoder takes, encoded again', () => {
  it('is the same beacon', () => {
    fc.assert(
      fc.property(nodeId(), fc.nat(0xffff), ...change, (id, port, at, mask) => {
        const datagram = changed(encodeBeacon({ id, port }), at, mask)
        const beacon = decodeBeacon(datagram)
        if (typeof beacon !== 'string') assert.deepEqual(encodeBeacon(beacon), datagram)
      }),
    )
  })

  it('is the same beacon with a key, and none without', () => {
    fc.assert(
      fc.property(nodeId(), fc.nat(0xffff), key, ...change, (id, port, raw, at, mask) => {
        const beacon = { id, port, key: keyFromBytes(raw) as string }
        const datagram = encodeKeyBeacon(beacon)
        assert.deepEqual(decodeKeyBeacon(datagram), beacon)
        assert.equal(decodeBeacon(datagram), 'encrypted')
        const other = changed(datagram, at, mask)
        const read = decodeKeyBeacon(other)
        if (typeof read !== 'string') assert.deepEqual(encodeKeyBeacon(read), other)
      }),
    )
  })

  it('is the same message, if all of its text is UTF-8', () => {
    const valid = (message: object) => !JSON.stringify([message, mapOf(message)]).includes('\ufffd')
    fc.assert(
      fc.property(outgoing(), fc.nat(0xffff), ...change, (message, sequence, at, mask) => {
        const [first, ...content] = encodeMessage(message, sequence) as [Buffer, ...Buffer[]]
        const read = decodeMessage([changed(first, at, mask), ...content])
        if (typeof read === 'string' || !isOutgoing(read) || !valid(read)) return
        assert.deepEqual(decodeMessage(encodeMessage(read, read.sequence)), read)
      }),
      { numRuns: 2000 },
    )
  })

  it('is the same endpoint, with the port as a number', () => {
    const part = fc.constantFrom(
      'tcp://',
      '10',
      '.',
      '0',
      '00',
      '255',
      '256',
      ':',
      '49152',
      '65536',
      ' ',
      '-1',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const endpoint = parseEndpoint(parts.join(''))
        if (endpoint === undefined) return
        assert.deepEqual(parseEndpoint(formatEndpoint(endpoint.address, endpoint.port)), endpoint)
      }),
      { numRuns: 5000 },
    )
  })

  it('is the same routing id', () => {
    const near = fc.oneof(
      bytes(16),
      bytes(17),
      bytes(16).map((id) => Buffer.from([1, ...id])),
    )
    fc.assert(
      fc.property(near, (routingId) => {
        const id = idOfRoutingId(routingId)
        assert.equal(id !== undefined, routingId.length === 17 && routingId[0] === 1)
        if (id === undefined) return
        assert.ok(isNodeId(id))
        assert.deepEqual(routingIdOf(id), routingId)
      }),
    )
  })

  it('is the same ZAP request, and one frame changed makes none or another', () => {
    const text = fc.string({ maxLength: 20 })
    fc.assert(
      fc.property(bytes(4), text, text, key, (requestId, domain, address, raw) => {
        const frames = ['1.0', requestId, domain, address, '', 'CURVE', raw].map((part) => Buffer.from(part))
        assert.deepEqual(decodeZapRequest(frames), { requestId, domain, address, key: raw })
        assert.equal(decodeZapRequest(frames.slice(1)), undefined)
        assert.equal(decodeZapRequest([...frames, raw]), undefined)
      }),
    )
  })
})

function isOutgoing(message: { type: string }): message is Outgoing {
  return !['goodbye', 'elect', 'leader', 'unknown'].includes(message.type)
}

function mapOf(message: object): unknown {
  return 'headers' in message ? [...(message.headers as Map<string, string>)] : []
}
