// Measures, prints tables, and writes results.json. Options: --rounds N (5), --seconds N per measurement (2).
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { end, run, start } from './lib/child.js'
import { count, median, table } from './lib/stats.js'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '2' } },
})
const rounds = Number(values.rounds)
const duration = Number(values.seconds) * 1000
const udpPort = 20_000 + (process.pid % 10_000)
const NAMES = ['sleuth request', 'sleuth do', 'undici request', 'global fetch']
const CALLERS = [1, 16, 64]
const JOINS = 20

const server = await start('server.js', udpPort)
const closedLoop = await measureClosedLoop(server.ready.port)
const joining = await measureJoining()
await end(server)

const results = {
  node: process.version,
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  rounds,
  closedLoop,
  joining,
}
writeFileSync(new URL('results.json', import.meta.url), `${JSON.stringify(results, null, 2)}\n`)
report(results)

/** Every contender once in each round, so that a slow minute of the machine hits all of them. */
async function measureClosedLoop(httpPort) {
  const samples = new Map()
  for (let round = 1; round <= rounds; round++) {
    for (const callers of CALLERS) {
      for (const name of NAMES) {
        const { perSecond } = await run('closed-loop.js', name, callers, duration, httpPort, udpPort)
        const key = `${name} ${callers}`
        samples.set(key, [...(samples.get(key) ?? []), perSecond])
        console.error(`round ${round}: ${name}, ${callers} callers: ${count(perSecond)}/s`)
      }
    }
  }
  return CALLERS.map((callers) => ({
    callers,
    perSecond: Object.fromEntries(NAMES.map((name) => [name, median(samples.get(`${name} ${callers}`))])),
  }))
}

async function measureJoining() {
  const times = []
  for (let join = 0; join < JOINS; join++) times.push((await run('joining.js', udpPort)).milliseconds)
  return { runs: JOINS, median: median(times), worst: Math.max(...times) }
}

function report({ closedLoop, joining }) {
  console.log(
    `\nFastify, POST of 128 bytes echoed, calls a second, median of ${rounds} rounds of ${duration / 1000} s:\n`,
  )
  const rows = closedLoop.map(({ callers, perSecond }) => [
    callers,
    ...NAMES.map((name) => count(perSecond[name])),
    (perSecond['sleuth request'] / perSecond['undici request']).toFixed(2),
    (perSecond['sleuth do'] / perSecond['global fetch']).toFixed(2),
  ])
  console.log(table(['callers', ...NAMES, 'request ÷ undici', 'do ÷ fetch'], rows))
  console.log(
    `\nFrom createSleuth() to the first answer, ${joining.runs} processes: ` +
      `median ${joining.median.toFixed(1)} ms, worst ${joining.worst.toFixed(1)} ms\n`,
  )
}
