import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LARGE, releaseMemory, takeMemory } from '#src/transport/streams/packet-memory.js'
import { PacketWriter } from '#src/transport/streams/writer.js'
import { readFrames } from './frames.js'
import { dataFrame, pattern } from './harness.js'

const body = pattern(64 * 1024)
const small = pattern(100)

describe('the memory of large packets', () => {
  it('is used again after the packet has left, and not before', () => {
    const writer = new PacketWriter(true)
    const write = () => {
      writer.data('caller', 1, body, false)
      return writer.take()
    }
    const first = write()
    const second = write()
    assert.notEqual(first.buffer, second.buffer)
    releaseMemory(first)
    const third = write()
    assert.equal(third.buffer, first.buffer)
    for (const packet of [second, third])
      assert.deepEqual(readFrames(packet), [dataFrame('callerData', 1, body)])
    releaseMemory(second)
    releaseMemory(third)
  })

  it('begins with what was written to the packet before it was large; small packets go on in theirs', () => {
    const writer = new PacketWriter(true)
    writer.data('caller', 1, small, true)
    const before = writer.take()
    writer.data('caller', 2, small, false)
    writer.append('caller', 2, body, true)
    const large = writer.take()
    writer.data('caller', 3, small, true)
    const after = writer.take()
    assert.deepEqual(readFrames(large), [dataFrame('callerData', 2, Buffer.concat([small, body]), true)])
    assert.equal(after.buffer, before.buffer)
    assert.notEqual(large.buffer, before.buffer)
    assert.deepEqual(readFrames(before), [dataFrame('callerData', 1, small, true)])
    assert.deepEqual(readFrames(after), [dataFrame('callerData', 3, small, true)])
    releaseMemory(large)
  })

  it('is not kept for a packet that is larger than a part of a body', () => {
    const writer = new PacketWriter(true)
    const huge = pattern(10 * LARGE)
    writer.data('caller', 1, body, false)
    writer.append('caller', 1, huge, false)
    const packet = writer.take()
    assert.deepEqual(readFrames(packet), [dataFrame('callerData', 1, Buffer.concat([body, huge]))])
    releaseMemory(packet)
    assert.notEqual(takeMemory(LARGE).buffer, packet.buffer)
  })

  it('is kept for as many packets as are on their way at a time, and no more', () => {
    const packets = Array.from({ length: 100 }, () => takeMemory(LARGE))
    for (const packet of packets) releaseMemory(packet)
    const again = new Set(Array.from({ length: 100 }, () => takeMemory(LARGE).buffer))
    const kept = packets.filter(({ buffer }) => again.has(buffer)).length
    assert.ok(kept > 0 && kept < 100, `${kept} are kept`)
  })
})
