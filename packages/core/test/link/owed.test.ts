import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Owed } from '#src/link/owed.js'
import { PacketWriter } from '#src/wire2/writer.js'
import { readFrames } from '../wire2/frames.js'

it('more is owed than a function takes arguments: it is said, and said again when its packet was lost', () => {
  const most = 200_000
  const owed = new Owed(() => {})
  for (let stream = 0; stream < most; stream++) owed.add('caller', stream, 'lost')
  for (let time = 0; time < 2; time++) {
    const packet = new PacketWriter()
    owed.write(packet)
    assert.equal(readFrames(packet.take()).length, most)
    owed.unpaid()
  }
})
