import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, it } from 'node:test'
import type { CallMessage, DropMessage } from '#src/shared/diagnostics.js'
import { SleuthError } from '#src/shared/errors.js'
import { mirror, pair, settle } from './harness.js'

async function heard<T>(name: string, action: () => Promise<unknown>): Promise<T[]> {
  const messages: T[] = []
  const listener = (message: unknown) => messages.push(message as T)
  subscribe(name, listener)
  await action()
  unsubscribe(name, listener)
  return messages
}

describe('diagnostics_channel', () => {
  it('sleuth:call tells of each call that has ended', async () => {
    const { sleuth } = await pair(mirror)
    const messages = await heard<CallMessage>('sleuth:call', async () => {
      await sleuth.request('sleuth://foo/a', { method: 'PUT' })
      await assert.rejects(sleuth.do('sleuth://bar/b'))
      await assert.rejects(sleuth.do('no://url'))
    })
    const [answered, failed] = messages
    assert.equal(messages.length, 2)
    assert.deepEqual(answered, { service: 'foo', method: 'PUT', url: '/a', tries: 1, status: 200 })
    assert.ok(failed?.error instanceof SleuthError && failed.error.code === 'SLEUTH_UNKNOWN_SERVICE')
  })

  it('sleuth:drop tells of each message that was thrown away', async () => {
    const { client, server } = await pair(mirror)
    const messages = await heard<DropMessage>('sleuth:drop', async () => {
      client.node.whisper(server.node.id, 'garbage')
      await settle()
    })
    assert.deepEqual(
      messages.map(({ error }) => error.code),
      ['SLEUTH_DISPATCH_HEADER'],
    )
  })
})
