import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Context, Dealer } from 'zeromq'
import { Inbox } from '#src/sockets/inbox.js'

describe('an inbox', () => {
  it('is read when all is handed on that has come, however long that takes', {
    timeout: 60_000,
  }, async (t) => {
    const context = new Context()
    const inbox = new Inbox({
      context,
      maxMessageSize: 1024,
      onEnded: () => {},
      onStranger: () => {},
      onExhausted: () => {},
      onError: (error) => assert.fail(error),
    })
    t.after(() => inbox.close())
    const port = inbox.bind('127.0.0.1', undefined)
    const sender = new Dealer({ context, linger: 0 })
    t.after(() => sender.close())
    sender.connect(`tcp://127.0.0.1:${port}`)
    let handedOn = 0
    let read = Number.NaN
    const done = new Promise<void>((resolve) => {
      void inbox.receive({
        onMessage: () => {
          // One in a turn: more turns than `whenRead` waits by itself.
          const until = performance.now() + 11
          while (performance.now() < until);
          if (++handedOn > 1) return
          inbox.whenRead(() => {
            read = handedOn
            resolve()
          }, Number.POSITIVE_INFINITY)
        },
        onAnswer: () => {},
        onDatagram: () => {},
      })
    })
    for (let sent = 0; sent < 150; sent++) await sender.send('x')
    await done
    assert.equal(read, 150)
  })
})
