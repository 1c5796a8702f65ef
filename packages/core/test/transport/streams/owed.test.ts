import assert from 'node:assert/strict'
import { it } from 'node:test'
import { MAX_FRAMES } from '#src/transport/streams/format.js'
import { PendingResets } from '#src/transport/streams/pending-resets.js'
import { PacketWriter } from '#src/transport/streams/writer.js'
import { readFrames } from './frames.js'

const most = 200_000

it('more is owed than a packet holds, or a function takes arguments: it is said in several, in its order', () => {
  const owed = new PendingResets(() => {})
  for (let stream = 0; stream < most; stream++) owed.add('caller', stream, 'lost')
  const said: number[] = []
  // Each is lost once, and then not.
  for (let lost = true; said.length < most; lost = !lost) {
    const packet = new PacketWriter()
    owed.write(packet)
    const frames = readFrames(packet.take())
    assert.ok(frames.length <= MAX_FRAMES)
    if (lost) owed.unpaid()
    else {
      said.push(...frames.map(({ stream }) => stream))
      owed.paid()
    }
  }
  assert.deepEqual(
    said,
    Array.from({ length: most }, (_, stream) => stream),
  )
})
