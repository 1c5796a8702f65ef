import assert from 'node:assert/strict'
import { it } from 'node:test'
import { WINDOW } from '#src/shared/limits.js'
import { Session } from '#src/transport/streams/session.js'

it('who gives a call up is told once that it is over, though what it had written can not be sent', () => {
  const told: string[] = []
  const session = new Session({
    send: () => {
      throw new Error('the queue is full')
    },
    server: () => ({ accept() {} }),
    maxStreams: 1,
    acknowledged: async () => true,
    now: () => 0,
    maxQueued: Infinity,
    unsent: () => {},
    mostBuffered: WINDOW,
    dropped: () => {},
    closed: () => {},
  })
  // Large enough that the next word sends it.
  const request = {
    deadline: 0,
    method: 'PUT',
    url: '/',
    headers: [],
    body: Buffer.alloc(8192),
    length: undefined,
  }
  const calling = session.call(request, {
    onBodyRead: () => told.push('body'),
    onResponse: () => told.push('response'),
    onError: () => told.push('error'),
    onEnd: () => told.push('end'),
  })
  calling.cancel()
  session.close({ type: 'closed' })
  assert.deepEqual(told, ['end'])
})
