import assert from 'node:assert/strict'
import { it } from 'node:test'
import { controlPacket } from '#src/transport/streams/control-packet.js'
import { END } from '#src/transport/streams/format.js'
import { readPacket } from '#src/transport/streams/reader.js'
import { collector, writePacket } from '../transport/streams/frames.js'

const FRAMES = [
  { kind: 0x10, bytes: Buffer.from('one') },
  { kind: 0x1f, bytes: Buffer.alloc(0) },
]

function controlsOf(packet: Buffer) {
  const { frames, handler } = collector()
  const controls: { kind: number; bytes: Buffer }[] = []
  readPacket(packet, { ...handler, control: (kind, _number, bytes) => controls.push({ kind, bytes }) })
  return { frames, controls }
}

it('frames of membership are read from a packet of their own', () => {
  assert.deepEqual(controlsOf(controlPacket(FRAMES)), { frames: [], controls: FRAMES })
})

it('frames of membership are read beside frames of streams, and END means nothing to them', () => {
  const packet = controlPacket(FRAMES)
  packet[1] = 0x10 | END
  const before = { kind: 'callerCredit' as const, stream: 1, bytes: 1 }
  const read = controlsOf(Buffer.concat([writePacket(before), packet.subarray(1)]))
  assert.deepEqual(read, { frames: [before], controls: FRAMES })
})
