import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { EmulatedLink, emulatedLinkMissing, type LinkProperties } from './emulated-link.js'
import { LineProcess } from './line-process.js'
import { describeUnless } from './missing.js'

const port = String(20_000 + (process.pid % 10_000))
const serviceProgram = fileURLToPath(new URL('./link-service.js', import.meta.url))
const callerProgram = fileURLToPath(new URL('./link-caller.js', import.meta.url))

interface Stage {
  link: EmulatedLink
  service: LineProcess
  caller: LineProcess
}

/** A service on one host and a caller on another, who know each other. */
function over(
  properties: LinkProperties,
  run: (stage: Stage) => Promise<void>,
  wire: 1 | 2 = 2,
): () => Promise<void> {
  return async () => {
    const link = await EmulatedLink.create(properties)
    const started: LineProcess[] = []
    const start = (host: 0 | 1, program: string, ...args: string[]) => {
      const command = link.hosts[host].command([process.execPath, program, port, ...args])
      const child = new LineProcess(command, { SLEUTH_INTERFACE: '', ZSYS_INTERFACE: '' })
      started.push(child)
      return child
    }
    try {
      const service = start(0, serviceProgram, 'foo', String(wire))
      const caller = start(1, callerProgram)
      await Promise.all([service.news('ready'), caller.news('ready')])
      await caller.tell('waitFor', { services: ['foo'] })
      await run({ link, service, caller })
    } finally {
      await Promise.all(started.map((child) => child.kill()))
      await link.delete()
    }
  }
}

const SLOW = { rate: 10_000_000, delay: 1 } as const
const small = { service: 'foo', url: '/', count: 20, bytes: 100, inTurn: true }

// Each has a link of its own, and most of the time is the link's.
describeUnless(await emulatedLinkMissing(), 'over a link of 10 Mbit/s', { concurrency: 3 }, () => {
  for (const wire of [1, 2] as const) {
    test(
      `a service that closes has sent its answers before, on wire ${wire}`,
      over(
        SLOW,
        async ({ service, caller }) => {
          const calls = caller.ask('calls', {
            service: 'foo',
            url: '/bytes/262144',
            count: 16,
            bytes: 0,
            timeout: 60_000,
          })
          await service.news('answered', ({ answered }) => answered === 16)
          await service.ask('close')
          const { failed, received } = await calls
          assert.deepEqual({ failed, received }, { failed: {}, received: 16 * 262_144 })
        },
        wire,
      ),
    )
  }

  for (const [count, bytes, wire] of [
    [200, 64 * 1024, 2],
    [400, 16 * 1024, 2],
    [10, 4 * 1024 * 1024, 2],
    [200, 64 * 1024, 1],
  ] as const) {
    test(
      `${count} requests of ${bytes} bytes that have timed out are in nobody's way, on wire ${wire}`,
      over(
        SLOW,
        async ({ caller }) => {
          const { failed } = await caller.ask('calls', {
            service: 'foo',
            url: '/',
            count,
            bytes,
            timeout: 500,
          })
          assert.ok((failed as { SLEUTH_TIMEOUT: number }).SLEUTH_TIMEOUT > 0)
          // What was given up would take ten seconds to leave.
          const after = await caller.ask('calls', { ...small, timeout: 1000 })
          assert.deepEqual(after.failed, {})
        },
        wire,
      ),
    )
  }

  test(
    'small calls get through beside bodies both ways',
    over(SLOW, async ({ caller }) => {
      const bulk = { service: 'foo', timeout: 20_000 }
      const up = caller.ask('calls', { ...bulk, url: '/', count: 40, bytes: 64 * 1024 })
      const down = caller.ask('calls', { ...bulk, url: '/bytes/65536', count: 40, bytes: 0 })
      const beside = await caller.ask('calls', { ...small, timeout: 1000 })
      assert.deepEqual(beside.failed, {})
      assert.deepEqual((await up).failed, {})
      assert.deepEqual((await down).failed, {})
    }),
  )
})

describeUnless(await emulatedLinkMissing(), 'over a link that loses 5 % of its frames', {}, () => {
  test(
    'calls succeed, and nobody is taken for lost',
    over({ loss: 0.05, seed: 3, delay: 1 }, async ({ caller }) => {
      let down = 0
      void caller.news('down').then(
        () => down++,
        () => {},
      )
      const { failed } = await caller.ask('calls', { ...small, count: 200, timeout: 10_000 })
      assert.deepEqual({ failed, down }, { failed: {}, down: 0 })
    }),
  )
})
