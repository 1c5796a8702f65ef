import assert from 'node:assert/strict'
import { it } from 'node:test'
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
