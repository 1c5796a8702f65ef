import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { type Context, Dealer } from 'zeromq'
import { Identifier } from '#src/sockets/identifier.js'
import { newContext } from '../support/contexts.js'

/** A socket of a context that has room for one is closed in the background. */
async function hasRoom(context: Context): Promise<void> {
  for (;;) {
    try {
      new Dealer({ context }).close()
      return
    } catch {
      await turn()
    }
  }
}

describe('a question without a socket for its monitor', { timeout: 20_000 }, () => {
  it('has no answer, and keeps no socket', async () => {
    const context = newContext({ maxSockets: 1 })
    const identifier = new Identifier({ context, keys: undefined })
    assert.equal(await identifier.ask('tcp://127.0.0.1:1', undefined), undefined)
    await hasRoom(context)
    identifier.close()
  })
})
