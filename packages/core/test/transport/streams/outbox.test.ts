import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { directWindows } from '#src/shared/limits.js'
import { Outbox } from '#src/transport/streams/outbox.js'

/** An outbox of a channel that holds what it is sent until it is told to let it go, as a direct connection does. */
function holding(streams: number) {
  const done: string[] = []
  const outbox = new Outbox({
    channel: {
      takesTails: true,
      windows: directWindows,
      send: () => void done.push('send'),
      flush: () => void done.push('flush'),
      acknowledged: async () => true,
    },
    now: () => 0,
    maxQueued: Infinity,
    streams: () => streams,
    lost: (error) => assert.fail(String(error)),
  })
  const write = (bytes: number) => outbox.openPacket().frame(Buffer.alloc(bytes))
  return { done, write, turn: () => new Promise<void>((resolve) => process.nextTick(resolve)) }
}

describe('what is written in one turn', () => {
  it('leaves when the turn is over', async () => {
    const { done, write, turn } = holding(16)
    for (let frame = 0; frame < 3; frame++) write(1000)
    assert.deepEqual(done, [])
    await turn()
    assert.deepEqual(done, ['send', 'flush'])
  })

  it('leaves the channel before that when a packet is full: the peer begins with it while this side goes on', async () => {
    const { done, write, turn } = holding(64)
    write(32_769)
    assert.deepEqual(done, [])
    write(1)
    assert.deepEqual(done, ['send', 'flush'])
    await turn()
    assert.deepEqual(done, ['send', 'flush', 'send', 'flush'])
  })
})
