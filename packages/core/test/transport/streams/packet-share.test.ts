import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PacketShare } from '#src/transport/streams/packet-share.js'

/** The messages of each packet of a turn. `streams`: how many there are when so many messages have been written. */
function turn(share: PacketShare, messages: number, streams: (written: number) => number): number[] {
  const packets: number[] = []
  let packet = 0
  const leave = () => {
    packets.push(packet)
    share.sent += packet
    packet = 0
  }
  for (let written = 0; written < messages; written++) {
    if (packet > 0 && share.isReached(packet, streams(written))) leave()
    packet++
  }
  leave()
  if (share.sent > 1) share.endTurn(streams(messages))
  share.sent = 0
  return packets
}

describe('a packet of a turn', () => {
  const callers = (inFlight: number) => (written: number) => inFlight + written
  const answers = (all: number) => (written: number) => all - written

  it('holds all of a first burst', () => {
    assert.deepEqual(turn(new PacketShare(), 20, callers(0)), [20])
  })

  it('holds half of the calls when callers are known, though none is under way', () => {
    const share = new PacketShare()
    turn(share, 64, callers(0))
    assert.deepEqual(turn(share, 64, callers(0)), [32, 32])
    assert.deepEqual(turn(share, 10, callers(54)), [10])
  })

  it('holds half of the answers, whether a handler answers at once or later', () => {
    for (const streams of [answers(64), () => 1]) {
      const share = new PacketShare()
      turn(share, 64, streams)
      assert.deepEqual(turn(share, 64, streams), [32, 32])
    }
  })

  it('grows with a burst that is larger than the last turn, and follows one that is smaller', () => {
    const share = new PacketShare()
    turn(share, 2, callers(0))
    assert.deepEqual(turn(share, 20, callers(0)), [1, 1, 2, 4, 8, 4])
    assert.deepEqual(turn(share, 4, callers(0)), [4])
    assert.deepEqual(turn(share, 4, callers(0)), [2, 2])
  })

  it('stays as large while lone calls come between', () => {
    const share = new PacketShare()
    turn(share, 64, callers(0))
    turn(share, 1, callers(0))
    assert.deepEqual(turn(share, 64, callers(0)), [32, 32])
  })
})
