import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { LineProcess } from './line-process.js'
import { describeUnless } from './missing.js'
import { createSite, type Host, hostsMissing, type Site } from './namespaces.js'

const port = String(20_000 + (process.pid % 10_000))
const loadProgram = fileURLToPath(new URL('./load-program.js', import.meta.url))
const serviceProgram = fileURLToPath(new URL('../chaos/service.js', import.meta.url))

/**
 * Milliseconds for a call. More than the default, for machines that are busy; less than a connection takes to show that its host
 * is gone, so that a call which only waited for that would fail.
 */
const TIMEOUT = '900'

/** A caller on the first host, and an instance on each of the others. */
interface Stage {
  site: Site
  caller: LineProcess
  /** Resolves when the caller knows that many instances. */
  known(count: number): Promise<void>
}

function onThreeHosts(run: (stage: Stage) => Promise<void>): () => Promise<void> {
  return async () => {
    const site = await createSite()
    const folder = mkdtempSync(join(tmpdir(), 'sleuth-hosts-'))
    const started: LineProcess[] = []
    const start = (host: Host, program: string, ...args: string[]): LineProcess => {
      const command = host.command([process.execPath, program, port, ...args])
      const child = new LineProcess(command, { SLEUTH_INTERFACE: '', ZSYS_INTERFACE: '' })
      started.push(child)
      return child
    }
    try {
      const [a, b, c] = site.hosts
      for (const host of [b, c]) {
        start(host, serviceProgram, join(folder, host.address), JSON.stringify({ interface: host.device }))
      }
      const caller = start(a, loadProgram, '200', TIMEOUT)
      const known = async (count: number) => {
        while ((await caller.news('known')).count !== count);
      }
      await known(2)
      await caller.ask('load')
      await sleep(500)
      await run({ site, caller, known })
    } finally {
      await Promise.all(started.map((child) => child.kill()))
      await site.delete()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

async function assertNoneFailed(caller: LineProcess): Promise<void> {
  const { calls, failed, wrong } = await caller.ask('stop')
  assert.ok((calls as number) > 100)
  assert.deepEqual({ failed, wrong }, { failed: {}, wrong: 0 })
}

describeUnless(await hostsMissing(), 'a caller with an instance on each of two other hosts', {}, () => {
  test(
    'loses no GET when one of them loses its power',
    onThreeHosts(async ({ site, caller, known }) => {
      await site.hosts[1].link('down')
      await known(1)
      await sleep(500)
      await assertNoneFailed(caller)
    }),
  )

  test(
    'loses no GET when the network is split, and knows both again when it is whole',
    onThreeHosts(async ({ site, caller, known }) => {
      await site.cable('down')
      await known(1)
      await sleep(3000)
      await site.cable('up')
      await known(2)
      await sleep(500)
      await assertNoneFailed(caller)
    }),
  )
})
