import assert from 'node:assert/strict'
import { it, mock } from 'node:test'
import { MAX_FRAMES } from '#src/transport/streams/format.js'
import { PendingResets } from '#src/transport/streams/pending-resets.js'
import { PacketWriter } from '#src/transport/streams/writer.js'
import { readFrames } from './frames.js'

const most = 200_000

it('more resets wait than a packet holds, or a function takes arguments: they leave in several, in their order', () => {
  const resets = new PendingResets(() => {})
  for (let stream = 0; stream < most; stream++) resets.add('caller', stream, 'lost')
  const sent: number[] = []
  // Each is lost once, and then not.
  for (let lost = true; sent.length < most; lost = !lost) {
    const packet = new PacketWriter()
    resets.write(packet)
    const frames = readFrames(packet.take())
    assert.ok(frames.length <= MAX_FRAMES)
    if (lost) resets.lost()
    else {
      sent.push(...frames.map(({ stream }) => stream))
      resets.sent()
    }
  }
  assert.deepEqual(
    sent,
    Array.from({ length: most }, (_, stream) => stream),
  )
})

it('each is encoded once, however often its packet is lost', () => {
  const count = 1000
  const encode = mock.method(PacketWriter.prototype, 'reset')
  const resets = new PendingResets(() => {})
  for (let stream = 0; stream < count; stream++) {
    resets.add('service', stream, 'lost')
    resets.write(new PacketWriter())
    resets.lost()
  }
  const packet = new PacketWriter()
  assert.equal(resets.write(packet), false)
  encode.mock.restore()
  assert.equal(encode.mock.callCount(), count)
  assert.deepEqual(
    readFrames(packet.take()).map(({ stream }) => stream),
    Array.from({ length: count }, (_, stream) => stream),
  )
})

it('those that are added or written while a packet waits to leave follow it, when it is lost', () => {
  const resets = new PendingResets(() => {})
  resets.add('service', 1, 'lost')
  resets.write(new PacketWriter())
  resets.written('service', 3, 'cancelled')
  resets.add('service', 2, 'lost')
  resets.lost()
  const packet = new PacketWriter()
  resets.write(packet)
  resets.sent()
  assert.deepEqual(
    readFrames(packet.take()).map(({ stream }) => stream),
    [1, 2, 3],
  )
  assert.equal(resets.write(packet), false)
})
