import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, it, mock } from 'node:test'
import { scoped } from '#src/sleuth/scoped-client.js'
import type { EmittedEvent } from '#src/types.js'
import { FakeNetwork } from '../fake-network.js'
import { join, settle } from '../harness.js'

describe('events of the client of a request', () => {
  const request = () => {
    const req = new IncomingMessage(new Socket())
    Object.assign(req.headers, { traceparent: '00-1-2-01', baggage: 'a=1', cookie: 'secret' })
    return req
  }

  it('carry the trace headers of the request, unless they have their own, or want none', async () => {
    const { sleuth } = await join(new FakeNetwork())
    const got: EmittedEvent[] = []
    const own = scoped(sleuth, request())
    own.subscribe('a', (event) => void got.push(event))
    await own.emit('a')
    await own.emit('a', undefined, { headers: { Baggage: 'b=2', 'x-a': '1' } })
    await own.emit('a', undefined, { inherit: false })
    await sleuth.emit('a')
    await settle()
    assert.deepEqual(
      got.map(({ headers }) => ({ ...headers })),
      [
        { traceparent: '00-1-2-01', baggage: 'a=1' },
        { traceparent: '00-1-2-01', baggage: 'b=2', 'x-a': '1' },
        {},
        {},
      ],
    )
  })

  it('go to what a test has put in the place of emit and subscribe', async () => {
    const { sleuth } = await join(new FakeNetwork())
    const asked: unknown[] = []
    mock.method(sleuth, 'emit', async (topic: string) => asked.push(topic))
    mock.method(sleuth, 'subscribe', (pattern: string) => asked.push(pattern))
    const own = scoped(sleuth, request())
    assert.equal(await own.emit('a.b'), 1)
    own.subscribe('a.*', () => {})
    assert.deepEqual(asked, ['a.b', 'a.*'])
    mock.restoreAll()
    const other = scoped(sleuth, request())
    Object.assign(other, { emit: async () => 7 })
    assert.equal(await other.emit('c'), 7)
  })
})
