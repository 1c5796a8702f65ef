import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { SendResult } from '#src/sockets/inbox.js'
import { ReturnMailbox } from '#src/sockets/return-mailbox.js'

const frame = (text: string) => [Buffer.from(text)]

/** A mailbox over a connection that answers what a test says. */
function open(result: () => SendResult) {
  const sent: string[] = []
  const events: string[] = []
  const mailbox = new ReturnMailbox({
    send: async (frames) => {
      const answer = result()
      if (answer === 'sent') sent.push(String(frames[0]))
      return answer
    },
    onConnected: () => events.push('connected'),
    onDisconnected: () => events.push('disconnected'),
  })
  return { mailbox, sent, events }
}

describe('a mailbox over the connection of its peer', () => {
  it('sends in order, and is connected when a first message was taken', async () => {
    const { mailbox, sent, events } = open(() => 'sent')
    const texts = Array.from({ length: 600 }, (_, at) => String(at))
    for (const text of texts) mailbox.send(frame(text))
    await mailbox.flush()
    assert.deepEqual([sent, events], [texts, ['connected']])
    assert.deepEqual([mailbox.queued, mailbox.queuedBytes], [0, 0])
  })

  it('keeps what the connection does not take, up to a limit, and goes on from there', async () => {
    let full = true
    const { mailbox, sent, events } = open(() => (full ? 'full' : 'sent'))
    for (const text of ['a', 'b', 'c']) mailbox.send(frame(text))
    await turn()
    assert.deepEqual([mailbox.queued, sent, events], [3, [], []])
    assert.ok(mailbox.hasRoom(1000, 2000))
    assert.ok(!mailbox.hasRoom(2000, 2000))
    full = false
    await mailbox.flush()
    assert.deepEqual([sent, events], [['a', 'b', 'c'], ['connected']])
  })

  it('ends when there is no such connection any more, and takes nothing then', async () => {
    let result: SendResult = 'sent'
    const { mailbox, sent, events } = open(() => result)
    mailbox.send(frame('a'))
    await turn()
    result = 'gone'
    for (const text of ['b', 'c']) mailbox.send(frame(text))
    await turn()
    mailbox.send(frame('d'))
    await turn()
    assert.deepEqual([sent, events, mailbox.queued], [['a'], ['connected', 'disconnected'], 0])
  })

  it('drops what waits when it is abandoned', async () => {
    let full = true
    const { mailbox, sent } = open(() => (full ? 'full' : 'sent'))
    mailbox.send(frame('a'))
    await mailbox.abandon()
    full = false
    mailbox.send(frame('b'))
    await mailbox.flush()
    assert.deepEqual([sent, mailbox.queuedBytes], [[], 0])
  })
})
