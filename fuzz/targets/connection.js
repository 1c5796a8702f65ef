import assert from 'node:assert/strict'
import { FrameReader } from '../../packages/core/dist/transport/direct/frame-reader.js'
import {
  decodeAnswer,
  decodeGreeting,
  decodeOffer,
  encodeAnswer,
  encodeGreeting,
  encodeOffer,
} from '../../packages/core/dist/transport/direct/handshake.js'
import {
  agreed,
  decodeIdentity,
  decodeSecureConnect,
  decodeSecureOffer,
  encodeIdentity,
  encodeSecureConnect,
  encodeSecureOffer,
} from '../../packages/core/dist/transport/direct/secure-handshake.js'
import { PacketFault } from '../../packages/core/dist/transport/streams/packet-fault.js'
import { handshakes, packets } from '../lib/vectors.js'

/** What comes by a direct connection: its handshake, and frames, which are the same wherever the chunks are cut. */
export default {
  seeds: () => [...handshakes, ...packets.map((packet) => packet.subarray(1))],

  run(bytes) {
    handshake(bytes)
    secureHandshake(bytes)
    const whole = read(bytes, bytes.length)
    const held = whole.calls.reduce((sum, [, ...fields]) => sum + sizeOf(fields), 0)
    assert.ok(held <= bytes.length, 'more came out than was in it')
    for (const size of [1, 2 + (bytes[0] ?? 0)]) assert.deepEqual(read(bytes, size), whole)
  },
}

function handshake(bytes) {
  const offer = decodeOffer(bytes)
  if (offer !== undefined) assert.deepEqual(encodeOffer(offer), Buffer.from(bytes.subarray(0, 35)))
  const greeting = decodeGreeting(bytes)
  if (greeting !== undefined) assert.deepEqual(encodeGreeting(greeting), bytes)
  const proof = decodeAnswer(bytes)
  if (proof !== undefined) assert.deepEqual(encodeAnswer(proof), bytes)
}

const ends = { connects: 'A'.repeat(32), listens: 'B'.repeat(32) }

function secureHandshake(bytes) {
  const half = decodeSecureConnect(bytes)
  // A later version says more.
  if (half !== undefined) assert.deepEqual(encodeSecureConnect(half).subarray(1), bytes.subarray(1, 33))
  const made = decodeSecureOffer(bytes)
  if (made !== undefined) {
    assert.deepEqual(encodeSecureOffer(made), Buffer.from(bytes.subarray(0, 51)))
    assert.equal(agreed(made, made.half, ends).proof.length, 32)
  }
  // An identity is text, as OpenSSL hands it on.
  const text = bytes.toString()
  const greeting = decodeIdentity(text)
  if (greeting !== undefined) assert.equal(encodeIdentity(greeting), text.toUpperCase())
}

const NAMES = [
  'request',
  'response',
  'callerReset',
  'serviceReset',
  'callerCredit',
  'serviceCredit',
  'control',
]

/** Reads chunks of a size. The parts of a body are one, as they are for those who get them. */
function read(bytes, size) {
  const calls = []
  const data = (name) => (stream, body, end) => {
    const last = calls.at(-1)
    if (last !== undefined && last[0] === name && last[1] === stream && !last[3])
      calls[calls.length - 1] = [name, stream, Buffer.concat([last[2], body]), end]
    else calls.push([name, stream, Buffer.from(body), end])
  }
  const handler = {
    ...Object.fromEntries(NAMES.map((name) => [name, (...fields) => calls.push([name, ...fields])])),
    callerData: data('callerData'),
    serviceData: data('serviceData'),
  }
  const reader = new FrameReader()
  try {
    for (let at = 0; at < bytes.length; at += size) {
      reader.push(bytes.subarray(at, at + size))
      assert.ok(reader.read(handler, () => true))
    }
  } catch (error) {
    if (!(error instanceof PacketFault)) throw error
    return { calls, fault: error.message }
  }
  return { calls, fault: undefined }
}

/** The name of a reset is ours, and not of the frame. */
function sizeOf(fields) {
  const [, last] = fields
  if (fields.length === 2 && typeof last === 'string') return 0
  return fields.flat().reduce((sum, value) => sum + (value.length ?? 0), 0)
}
