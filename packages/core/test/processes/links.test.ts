import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as pass } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../port.js'
import type { CrowdReport } from './crowd.js'

const PROCESSES = 4
const EACH = 25
const ALL = PROCESSES * EACH

async function ask(child: ChildProcess, services?: readonly string[]): Promise<CrowdReport> {
  const answer = once(child, 'message')
  child.send(services ?? 'report')
  const [report] = (await answer) as [CrowdReport]
  return report
}

/** Looks again until every node knows so many services. */
async function known(children: readonly ChildProcess[], services: number): Promise<CrowdReport[]> {
  for (;;) {
    const reports = await Promise.all(children.map((child) => ask(child)))
    if (reports.every(({ known }) => known.every((count) => count === services))) return reports
    await pass(100)
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

test(`${ALL} nodes in ${PROCESSES} processes know and call each other by few connections`, async (t) => {
  const port = await freePort()
  const program = fileURLToPath(new URL('crowd.js', import.meta.url))
  const children = Array.from({ length: PROCESSES }, (_, index) =>
    fork(program, [`${port}`, `${EACH}`, `${index * EACH}`]),
  )
  t.after(() => {
    for (const child of children) child.kill('SIGKILL')
  })
  await Promise.all(children.map((child) => once(child, 'message')))
  const reports = await known(children, ALL - 1)
  const links = sum(reports.flatMap((report) => report.links)) / ALL
  const descriptors = sum(reports.map((report) => report.descriptors)) / ALL
  t.diagnostic(`${links} links and ${descriptors} descriptors of each`)
  // A link to every other would be 99, with more than 300 descriptors. Those that are too many are closed later.
  assert.ok(links < 70, `${links} links`)
  assert.ok(descriptors < 220, `${descriptors} descriptors`)

  const [caller, ...others] = children as [ChildProcess, ...ChildProcess[]]
  const services = Array.from({ length: ALL - EACH }, (_, index) => `service-${EACH + index}`)
  assert.equal((await ask(caller, services)).failures, 0)

  others.at(-1)?.kill('SIGKILL')
  await known(children.slice(0, -1), ALL - 1 - EACH)
})
