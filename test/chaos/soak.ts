// Calls at a steady rate while instances come and go, and looks whether anything grows: `npm run soak -- 10` for ten minutes.
import type { ChildProcess } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSleuth } from '@sleuth/core'
import { freePort } from '../hosts/port.js'
import { Fleet } from './fleet.js'
import { codesOf, Load } from './load.js'

interface Sample {
  readonly mebibytes: number
  readonly descriptors: number
  readonly handles: number
}

const RATE = 2000
const INSTANCES = 4
const minutes = Number(process.argv[2] ?? 5)
if (!(minutes > 0)) throw new Error('usage: npm run soak -- MINUTES')

const port = await freePort()
const fleet = new Fleet(port)
const sleuth = await createSleuth({ interface: 'loopback', port })
const instances: ChildProcess[] = []
for (let i = 0; i < INSTANCES; i++) instances.push(await fleet.start())
await sleuth.waitFor('chaos')

const end = performance.now() + minutes * 60_000
const samples: Sample[] = []
const failed: Record<string, number> = {}
let calls = 0
let turn = 0
while (performance.now() < end) {
  const load = new Load(sleuth, { method: turn % 2 === 0 ? 'GET' : 'POST', rate: RATE })
  await sleep(1000)
  await churn(turn++)
  await sleep(1000)
  const outcomes = await load.stop()
  calls += outcomes.length
  for (const [code, count] of Object.entries(codesOf(outcomes))) failed[code] = (failed[code] ?? 0) + count
  if (outcomes.some(({ wrong }) => wrong)) throw new Error('a call got the answer of another')
  samples.push(sample())
  const now = samples.at(-1) as Sample
  console.log(
    `${calls} calls, failed ${JSON.stringify(failed)}; ${now.mebibytes.toFixed(0)} MiB, ${now.descriptors} descriptors, ${now.handles} handles`,
  )
}
await sleuth.close()
await fleet.close()

const third = Math.ceil(samples.length / 3)
const [early, late] = [samples.slice(third, 2 * third), samples.slice(-third)]
const worst = (list: Sample[], key: keyof Sample) => Math.max(...list.map((one) => one[key]))
for (const key of ['mebibytes', 'descriptors', 'handles'] as const) {
  const [before, after] = [worst(early, key), worst(late, key)]
  console.log(`${key}: at most ${before.toFixed(0)} in the middle third, ${after.toFixed(0)} in the last`)
  if (after > before * 1.2 + 10) process.exitCode = 1
}

/** One instance less and one more: killed or closed by turns. */
async function churn(turn: number): Promise<void> {
  const old = instances.shift() as ChildProcess
  if (turn % 4 < 2) await fleet.stop(old)
  else await fleet.kill(old)
  instances.push(await fleet.start())
}

function sample(): Sample {
  globalThis.gc?.()
  return {
    mebibytes: process.memoryUsage.rss() / 2 ** 20,
    descriptors: readdirSync('/proc/self/fd').length,
    handles: process.getActiveResourcesInfo().length,
  }
}
