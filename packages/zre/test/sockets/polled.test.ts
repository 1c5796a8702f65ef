import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import * as zeromq from 'zeromq'
import { polled } from '#src/sockets/polled.js'
import { newContext } from '../support/contexts.js'

const { Dealer } = polled(zeromq)

/** Nothing listens here. */
const NOWHERE = 'tcp://127.77.0.1:9'

describe('a socket of a worker thread', { timeout: 30_000 }, () => {
  it('tells of an attempt to connect when its own time is over, and not before', async () => {
    const context = newContext()
    const [short, long] = [50, 60_000].map((connectTimeout) => {
      const socket = new Dealer({ context, linger: 0, connectTimeout })
      socket.connect(NOWHERE)
      return socket
    })
    assert.ok(short && long)
    let early = 0
    long.events.on('connect:retry', () => early++)
    for (let retries = 0; retries < 15; retries++) await once(short.events as never, 'connect:retry')
    short.close()
    long.close()
    assert.equal(early, 0)
  })
})
