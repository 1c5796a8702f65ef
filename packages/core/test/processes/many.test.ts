import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSleuth } from '#src/index.js'

const TIMES = 1000

test('a thousand times createSleuth() and close() leave nothing behind', async () => {
  const port = 20_000 + (process.pid % 10_000)
  const once = async () => {
    const sleuth = await createSleuth({
      interface: 'loopback',
      port,
      service: 'foo',
      handler: (_, res) => void res.end(),
    })
    await sleuth.close()
  }
  // What is made once and kept: contexts, caches.
  for (let i = 0; i < 10; i++) await once()
  const before = left()
  for (let i = 0; i < TIMES; i++) await once()
  const after = await settled(before.handles)
  assert.deepEqual(after.listeners, before.listeners)
  assert.ok(after.handles <= before.handles + 2, JSON.stringify({ before, after }))
  assert.ok(after.descriptors <= before.descriptors + 2, JSON.stringify({ before, after }))
})

/** Closed handles are there until the event loop has gone round. */
async function settled(handles: number) {
  for (let rounds = 0; rounds < 100 && left().handles > handles; rounds++) await sleep(20)
  return left()
}

function left() {
  return {
    handles: process.getActiveResourcesInfo().length,
    descriptors: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0,
    listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
  }
}
