import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { packets } from '../../vectors.js'
import { type Frame, tryFrames, writePacket } from './frames.js'

const bytesOf = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')

function frameOf(fields: Record<string, unknown>): Frame {
  const { body } = fields
  return (body === undefined ? fields : { ...fields, body: bytesOf(body as string) }) as unknown as Frame
}

describe('the vectors of the second wire', () => {
  for (const { case: name, packet, frames, malformed = false, readOnly = malformed } of packets) {
    it(`${name}: reads`, () => {
      const read = tryFrames(bytesOf(packet))
      assert.deepEqual(read.frames, frames.map(frameOf))
      assert.equal(read.fault !== undefined, malformed)
    })

    if (readOnly || frames.length === 0) continue
    it(`${name}: writes`, () => {
      assert.equal(writePacket(...frames.map(frameOf)).toString('hex'), bytesOf(packet).toString('hex'))
    })
  }
})
