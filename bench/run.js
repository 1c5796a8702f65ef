// Measures, prints tables, and writes results.json.
//   --rounds N    how often each measurement is made, default 5
//   --seconds N   how long each takes, default 2
//   --only NAMES  some of: fastify, frameworks, peers, encryption, bodies, open, streams, joining
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { cpuOf, end, run, start } from './lib/child.js'
import { report } from './lib/report.js'
import { median } from './lib/stats.js'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
  },
})
const rounds = Number(values.rounds)
const duration = Number(values.seconds) * 1000
const firstPort = 20_000 + (process.pid % 10_000)
let nextPort = firstPort
const HTTP = ['sleuth request', 'sleuth do', 'undici request', 'global fetch']
const CALLERS = [1, 16, 64, 256]

const suites = { fastify, frameworks, peers, encryption, bodies, open, streams, joining }
const asked = values.only === '' ? Object.keys(suites) : values.only.split(',')
const results = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length, rounds, duration }
for (const name of asked) {
  console.error(`\n${name}`)
  results[name] = await suites[name]()
}
writeFileSync(new URL('results.json', import.meta.url), `${JSON.stringify(results, null, 2)}\n`)
console.log(report(results))

function fastify() {
  return closedLoop({ fastify: [...HTTP, 'sleuth request, wire 1'] }, CALLERS, 128)
}

function frameworks() {
  return closedLoop({ express: HTTP, koa: HTTP, bare: HTTP }, [64], 128)
}

function peers() {
  const ours = { fastify: ['sleuth request'], bare: ['sleuth request'] }
  const theirs = { cote: ['cote'], moleculer: ['moleculer'], raw: ['raw zeromq', 'raw zeromq, batched'] }
  return closedLoop({ ...ours, ...theirs }, CALLERS, 128)
}

/** Small bodies and large ones, with keys and without. */
async function encryption() {
  const names = { fastify: ['sleuth request'], encrypted: ['sleuth request'] }
  const small = await closedLoop(names, CALLERS, 128)
  return [...small, ...(await closedLoop(names, [16], 64 * 1024))]
}

async function bodies() {
  const rows = []
  for (const [bytes, callers] of [
    [1024, 64],
    [64 * 1024, 16],
    [1024 * 1024, 4],
  ]) {
    rows.push(...(await closedLoop({ fastify: ['sleuth request', 'undici request'] }, [callers], bytes)))
  }
  return rows
}

async function open() {
  const names = { fastify: ['sleuth request', 'undici request'], cote: ['cote'], moleculer: ['moleculer'] }
  return withServers(names, async (each) => {
    const rows = []
    for (const rate of [5000, 20_000, 60_000]) {
      for (const { app, name, told, server } of each) {
        const samples = []
        for (let round = 0; round < rounds; round++) {
          samples.push(await measured(server, 'open-loop.js', name, rate, duration, JSON.stringify(told)))
        }
        const row = { rate, app, name }
        for (const key of Object.keys(samples[0])) row[key] = median(samples.map((sample) => sample[key]))
        console.error(`  ${rate}/s ${name}: p99 ${row.p99.toFixed(1)} ms`)
        rows.push(row)
      }
    }
    return rows
  })
}

async function streams() {
  const rows = []
  for (const way of ['sleuth', 'undici']) {
    // A server of its own for each: the most memory that it had can't be forgotten.
    rows.push(
      await withServers({ fastify: [way] }, async ([{ told }]) => ({
        way,
        ...(await run('streaming.js', way, 1024, JSON.stringify(told))),
      })),
    )
  }
  return rows
}

function joining() {
  return withServers({ fastify: ['joining'] }, async ([{ told }]) => {
    const times = []
    const idle = []
    for (let join = 0; join < 20; join++) times.push((await run('joining.js', told.udpPort)).milliseconds)
    for (let join = 0; join < 3; join++) idle.push((await run('idle.js', told.udpPort)).mebibytes)
    return {
      runs: times.length,
      median: median(times),
      worst: Math.max(...times),
      idleMebibytes: median(idle),
    }
  })
}

/** What a client told, and the CPU time that its server took for each call. */
async function measured(server, file, ...args) {
  const before = await cpuOf(server)
  const sample = await run(file, ...args)
  return { ...sample, serverCpuPerCall: ((await cpuOf(server)) - before) / sample.calls }
}

/** Every contender once in each round, so that a slow minute of the machine hits all of them. */
function closedLoop(names, callerCounts, bytes) {
  return withServers(names, async (each) => {
    const rows = []
    for (const callers of callerCounts) {
      const samples = each.map(() => [])
      for (let round = 0; round < rounds; round++) {
        for (const [index, { name, told, server }] of each.entries()) {
          const args = [name, callers, duration, bytes, JSON.stringify(told)]
          const sample = await measured(server, 'closed-loop.js', ...args)
          samples[index].push(sample)
        }
      }
      for (const [index, { app, name }] of each.entries()) {
        const perSecond = median(samples[index].map((sample) => sample.perSecond))
        const cpu = median(samples[index].map((sample) => sample.cpuMicrosecondsPerCall))
        const serverCpu = median(samples[index].map((sample) => sample.serverCpuPerCall))
        console.error(`  ${callers} callers, ${bytes} bytes, ${app}, ${name}: ${Math.round(perSecond)}/s`)
        rows.push({
          callers,
          bytes,
          app,
          name,
          perSecond,
          cpuMicrosecondsPerCall: cpu,
          serverCpuPerCall: serverCpu,
        })
      }
    }
    return rows
  })
}

async function withServers(names, measure) {
  const servers = []
  try {
    const each = []
    for (const [app, contenders] of Object.entries(names)) {
      nextPort += 10
      const server = await start(`servers/${app}.js`, nextPort)
      servers.push(server)
      for (const name of contenders)
        each.push({ app, name, server, told: { udpPort: nextPort, ...server.ready } })
    }
    return await measure(each)
  } finally {
    for (const server of servers) await end(server)
  }
}
