import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { DropMessage } from '#src/shared/diagnostics.js'
import { mirror, pair, settle } from '../harness.js'
import { heard } from './listen.js'

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
