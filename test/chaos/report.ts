// Measures what docs/reliability.md tells: `npm run build && node test/build/chaos/report.js`. Takes about a minute and a half.
import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSleuth, type Sleuth } from '@sleuth/core'
import { freePort } from '../hosts/port.js'
import { Fleet } from './fleet.js'
import { codesOf, Load, type LoadOptions, type Outcome } from './load.js'

const rows: string[][] = []

await onFleet(2, async (fleet, sleuth, [first]) => {
  const { outcomes, at } = await during(sleuth, { method: 'GET', rate: 1000 }, () => fleet.kill(first))
  tell('kill -9 one of two, 1,000 GETs a second', `${sum(outcomes)}; ${beyond(outcomes, at)}`)
})
await onFleet(2, async (fleet, sleuth, [first]) => {
  const { outcomes, at } = await during(sleuth, { method: 'POST', rate: 1000, work: 5 }, () =>
    fleet.kill(first),
  )
  const bad = outcomes.filter(({ error }) => error)
  const last = Math.max(0, ...bad.map((one) => one.at + one.took - at))
  tell(
    'the same with POSTs of 5 ms',
    `${sum(outcomes)}, the last ${last.toFixed(0)} ms after; ran twice: ${fleet.twice().length}`,
  )
})
await onFleet(1, async (fleet, sleuth, [only]) => {
  const { outcomes, at } = await during(sleuth, { method: 'POST', rate: 500, work: 20 }, () =>
    fleet.kill(only),
  )
  const began = outcomes.filter((one) => one.at < at && one.error)
  const last = Math.max(0, ...began.map((one) => one.at + one.took - at))
  const after = outcomes.filter((one) => one.at > at + 50)
  tell(
    'kill -9 the only instance',
    `${began.length} in flight end within ${last.toFixed(0)} ms; then ${JSON.stringify(codesOf(after))}, each within ${worst(after).toFixed(1)} ms`,
  )
  const up = new Promise<number>((resolve) => sleuth.once('up', () => resolve(performance.now())))
  const ready = fleet.start().then(() => performance.now())
  const [seen, joined] = [await up, await ready]
  await sleuth.request('sleuth://chaos/?id=next')
  tell('its successor', `known ${Math.max(0, seen - joined).toFixed(1)} ms after its createSleuth() resolved`)
})
await onFleet(3, async (fleet, sleuth, instances) => {
  const { outcomes } = await during(sleuth, { method: 'POST', rate: 300, work: 20 }, async () => {
    for (const old of instances) {
      await fleet.start()
      await fleet.stop(old)
    }
  })
  const twice = fleet.twice().length
  tell('rolling restart of three, POSTs of 20 ms at 300 a second', `${sum(outcomes)}; ran twice: ${twice}`)
})
await onFleet(2, async (_, sleuth, [first]) => {
  let back = 0
  const { outcomes, at } = await during(sleuth, { method: 'GET', rate: 300 }, async () => {
    const stopped = performance.now()
    first.kill('SIGSTOP')
    const gone = await new Promise<number>((resolve) =>
      sleuth.once('down', () => resolve(performance.now() - stopped)),
    )
    tell('SIGSTOP', `gone after ${gone.toFixed(0)} ms`)
    await sleep(6000 - gone)
    const continued = performance.now()
    first.kill('SIGCONT')
    await new Promise((resolve) => sleuth.once('up', resolve))
    back = performance.now() - continued
  })
  tell('SIGCONT after 6 s', `back after ${back.toFixed(0)} ms; ${sum(outcomes)}; ${beyond(outcomes, at)}`)
})
await onFleet(
  1,
  async (fleet, sleuth, [only]) => {
    const normal = await quiet(sleuth, { method: 'POST', rate: 500, work: 20, timeout: 5000 }, 3000)
    const before = rssOf(only)
    const outcomes = await quiet(sleuth, { method: 'POST', rate: 5000, work: 20, timeout: 5000 }, 30_000)
    const served = outcomes.filter(({ error }) => !error)
    const refused = outcomes.filter(({ error }) => error)
    tell(
      'overload: 5,000 POSTs of 20 ms a second for 30 s at an instance with maxInflight 20',
      `served ${served.length}, p99 ${percentile(served, 0.99).toFixed(0)} ms (normally ${percentile(normal, 0.99).toFixed(0)}); ` +
        `refused ${refused.length} ${JSON.stringify(codesOf(refused))}, p99 ${percentile(refused, 0.99).toFixed(0)} ms; ` +
        `its memory ${before.toFixed(0)} → ${rssOf(only).toFixed(0)} MiB; ran twice: ${fleet.twice().length}`,
    )
  },
  { maxInflight: 20 },
)

for (const [what, how] of rows) console.log(`| ${what} | ${how} |`)

async function onFleet(
  size: number,
  run: (fleet: Fleet, sleuth: Sleuth, instances: [ChildProcess, ...ChildProcess[]]) => Promise<void>,
  options: object = {},
): Promise<void> {
  const port = await freePort()
  const fleet = new Fleet(port)
  const instances: ChildProcess[] = []
  for (let i = 0; i < size; i++) instances.push(await fleet.start(options))
  const sleuth = await createSleuth({ interface: 'loopback', port })
  const known = () => sleuth.services()[0]?.instances.length ?? 0
  while (known() < size) await sleep(5)
  try {
    await run(fleet, sleuth, instances as [ChildProcess, ...ChildProcess[]])
  } finally {
    await sleuth.close()
    await fleet.close()
  }
}

/** Loads for two seconds, then acts, then loads for two more. `at`: when it acted, in the load's time. */
async function during(
  sleuth: Sleuth,
  options: LoadOptions,
  act: () => Promise<unknown>,
): Promise<{ outcomes: Outcome[]; at: number }> {
  await quiet(sleuth, options, 1000)
  const load = new Load(sleuth, options)
  const started = performance.now()
  await sleep(2000)
  const at = performance.now() - started
  await act()
  await sleep(2000)
  return { outcomes: await load.stop(), at }
}

async function quiet(sleuth: Sleuth, options: LoadOptions, milliseconds: number): Promise<Outcome[]> {
  const load = new Load(sleuth, options)
  await sleep(milliseconds)
  return load.stop()
}

function sum(outcomes: readonly Outcome[]): string {
  const bad = outcomes.filter(({ error }) => error)
  return `${bad.length} of ${outcomes.length} failed${bad.length > 0 ? ` ${JSON.stringify(codesOf(bad))}` : ''}`
}

/** The slowest call from that time on, beside the slowest before. */
function beyond(outcomes: readonly Outcome[], at: number): string {
  const before = worst(outcomes.filter((one) => one.at < at - 100))
  const after = worst(outcomes.filter((one) => one.at >= at - 100))
  return `slowest call ${after.toFixed(0)} ms (${before.toFixed(0)} before)`
}

function worst(outcomes: readonly Outcome[]): number {
  return Math.max(0, ...outcomes.map(({ took }) => took))
}

function percentile(outcomes: readonly Outcome[], share: number): number {
  const sorted = outcomes.map(({ took }) => took).sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

function rssOf({ pid }: ChildProcess): number {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}

function tell(what: string, how: string): void {
  rows.push([what, how])
  console.error(`${what}: ${how}`)
}
