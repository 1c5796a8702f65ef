/** Prints the contract as a table, groups by frameworks, for the docs: `node test/build/contract/table.js`. */

import { contract } from './cases/index.js'
import type { Framework } from './harness/case.js'
import { start } from './harness/framework.js'
import { compareCase, differenceOn, suits } from './harness/run.js'

const frameworks: Framework[] = ['express', 'fastify', 'koa']
const results = new Map<string, Map<Framework, { equal: number; cases: number }>>()
const differences = new Map<string, string[]>()
const failures: string[] = []

for (const framework of frameworks) {
  const { http, wires, close } = await start(framework)
  for (const { name, cases } of contract[framework]) {
    const row = results.get(name) ?? new Map()
    results.set(name, row)
    const count = { equal: 0, cases: cases.length }
    row.set(framework, count)
    for (const one of cases) {
      const outcomes = wires.slice(1).map(async (wire) => {
        if (!suits(one, wire)) return true
        const why = differenceOn(one, wire)?.why
        if (why) differences.set(why, [...(differences.get(why) ?? []), `${framework}: ${one.name}`])
        await compareCase(one, framework, http, wire)
        return why === undefined
      })
      const settled = await Promise.allSettled(outcomes)
      for (const outcome of settled) {
        if (outcome.status === 'rejected')
          failures.push(`${framework}: ${name}: ${one.name}: ${outcome.reason}`)
      }
      if (settled.every((outcome) => outcome.status === 'fulfilled' && outcome.value)) count.equal += 1
    }
  }
  await close()
}

const cell = (count: { equal: number; cases: number } | undefined) =>
  count ? `${count.equal} of ${count.cases}` : '–'
const lines = [...results].map(
  ([name, row]) => `| ${name} | ${frameworks.map((one) => cell(row.get(one))).join(' | ')} |`,
)
const totals = frameworks.map((framework) => {
  const counts = [...results.values()].flatMap((row) => row.get(framework) ?? [])
  const sum = (key: 'equal' | 'cases') => counts.reduce((total, count) => total + count[key], 0)
  return cell({ equal: sum('equal'), cases: sum('cases') })
})
console.log('| equal to HTTP | Express | Fastify | Koa |\n|---|---|---|---|')
console.log(lines.join('\n'))
console.log(`| **all** | ${totals.join(' | ')} |`)
for (const [why, where] of differences)
  console.log(`\nDiffers, ${why}:\n${[...new Set(where)].map((one) => `- ${one}`).join('\n')}`)
for (const failure of failures) console.error(failure)
process.exitCode = failures.length > 0 ? 1 : 0
