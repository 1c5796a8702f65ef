import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FrameReader } from '#src/transport/direct/frame-reader.js'
import {
  decodeAnswer,
  decodeGreeting,
  decodeOffer,
  encodeAnswer,
  encodeConnect,
  encodeGreeting,
  encodeOffer,
  isConnect,
} from '#src/transport/direct/handshake.js'
import { readPacket } from '#src/transport/streams/reader.js'
import { PacketWriter } from '#src/transport/streams/writer.js'
import { direct } from '../../vectors.js'
import { collector } from '../streams/frames.js'

const unhex = (hex = '') => Buffer.from(hex.replaceAll(' ', ''), 'hex')

describe('the vectors of direct connections', () => {
  for (const { case: name, packet, taken } of direct.connect) {
    it(`connect, ${name}`, () => {
      const heard: [number, number, boolean][] = []
      const { frames, handler } = collector()
      const control = (kind: number, number: number, payload: Buffer) =>
        heard.push([kind, number, isConnect(payload)])
      readPacket(unhex(packet), { ...handler, control })
      assert.deepEqual([heard, frames], [[[9, 0, taken]], []])
    })
  }

  it('connect, as it is written', () => {
    const writer = new PacketWriter()
    writer.control(9, 0, encodeConnect())
    assert.deepEqual(writer.take(), unhex(direct.connect[0]?.packet))
  })

  it('connect, read by one who knows nothing of it: no frame, and no fault', () => {
    const { frames, handler } = collector()
    for (const { packet } of direct.connect) readPacket(unhex(packet), handler)
    assert.deepEqual(frames, [])
  })

  for (const { case: name, payload, malformed, readOnly, ...fields } of direct.offer) {
    it(`offer, ${name}`, () => {
      const { port = 0, token, proof } = fields
      const offer = { port, token: unhex(token), proof: unhex(proof) }
      assert.deepEqual(decodeOffer(unhex(payload)), malformed ? undefined : offer)
      if (!malformed && !readOnly) assert.deepEqual(encodeOffer(offer), unhex(payload))
    })
  }

  for (const { case: name, bytes, malformed, id = '', token } of direct.greeting) {
    it(`greeting, ${name}`, () => {
      const greeting = { id, token: unhex(token) }
      assert.deepEqual(decodeGreeting(unhex(bytes)), malformed ? undefined : greeting)
      if (!malformed) assert.deepEqual(encodeGreeting(greeting), unhex(bytes))
    })
  }

  for (const { case: name, bytes, malformed, proof } of direct.answer) {
    it(`answer, ${name}`, () => {
      assert.deepEqual(decodeAnswer(unhex(bytes)), malformed ? undefined : unhex(proof))
      if (!malformed) assert.deepEqual(encodeAnswer(unhex(proof)), unhex(bytes))
    })
  }

  for (const { case: name, bytes, kind, number } of direct.control) {
    it(`frames of a connection, ${name}`, () => {
      const heard: number[][] = []
      const reader = new FrameReader()
      reader.push(unhex(bytes))
      reader.read(
        { ...collector().handler, control: (...frame) => heard.push(frame.slice(0, 2) as number[]) },
        () => true,
      )
      assert.deepEqual(heard, [[kind, number]])
    })
  }
})
