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
  const before = await settled(0, 0)
  for (let i = 0; i < TIMES; i++) await once()
  const after = await settled(before.handles + 2, before.descriptors + 2)
  assert.deepEqual(after.listeners, before.listeners)
  assert.ok(after.handles <= before.handles + 2, JSON.stringify({ before, after }))
  assert.ok(after.descriptors <= before.descriptors + 2, JSON.stringify({ before, after }))
})

/** What was closed is there until the event loop has gone round, and ZeroMQ's threads. ServiceWaiters up to 2 s for it to be no more. */
async function settled(handles: number, descriptors: number) {
  for (let rounds = 0; rounds < 100; rounds++) {
    const now = left()
    if (now.handles <= handles && now.descriptors <= descriptors) return now
    await sleep(20)
  }
  return left()
}

function left() {
  return {
    handles: process.getActiveResourcesInfo().length,
    descriptors: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0,
    listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
  }
}
