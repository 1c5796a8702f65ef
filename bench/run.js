// Measures, prints tables, and writes results.json.
//   --rounds N    how often each measurement is made, default 5
//   --seconds N   how long each takes, default 2
//   --base DIR    another checkout, built, that takes part in each round as "sleuth request (base)"
//   --only NAMES  some of: measures, fastify, frameworks, peers, encryption, bodies, open, streams, mixed, events, joining, mesh, swarm, importing
//   --nodes N     how many nodes the mesh has, default 50
//   --peers N     how many peers the swarm has, default 1000
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { checkout } from './lib/checkout.js'
import { cpuOf, end, run, start } from './lib/child.js'
import { measureEvents } from './lib/measure-events.js'
import { report } from './lib/report.js'
import { median } from './lib/stats.js'
import { measuresOf } from './measures.js'
import { measureMesh } from './mesh/mesh.js'
import { measureSwarm } from './mesh/swarm.js'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    base: { type: 'string' },
    only: { type: 'string', default: '' },
    nodes: { type: 'string', default: '50' },
    peers: { type: 'string', default: '1000' },
  },
})
const rounds = Number(values.rounds)
const duration = Number(values.seconds) * 1000
const firstPort = 20_000 + (process.pid % 10_000)
let lastPort = firstPort
const base = values.base === undefined ? undefined : resolve(process.env.INIT_CWD ?? '.', values.base)
/** Marks a contender that another checkout is. */
const IN_BASE = ' (base)'
const CHECKOUTS = base === undefined ? [undefined] : [undefined, base]
const OURS = base === undefined ? ['sleuth request'] : ['sleuth request', `sleuth request${IN_BASE}`]
const HTTP = [...OURS, 'sleuth do', 'undici request', 'global fetch']
const CALLERS = [1, 16, 64, 256]

const suites = {
  measures,
  fastify,
  frameworks,
  peers,
  encryption,
  bodies,
  open,
  streams,
  mixed,
  events,
  joining,
  mesh,
  swarm,
  importing,
}
const asked = values.only === '' ? Object.keys(suites) : values.only.split(',')
const results = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length, rounds, duration }
for (const name of asked) {
  console.error(`\n${name}`)
  results[name] = await suites[name]()
  // After each: what was measured stays if a later one fails.
  writeFileSync(new URL('results.json', import.meta.url), `${JSON.stringify(results, null, 2)}\n`)
}
console.log(report(results))

/** See measures.js; and what the machine's processors do for a call, beside what zeromq.js alone takes. */
async function measures() {
  const calls = await closedLoop({ bare: OURS, raw: ['raw zeromq, batched'] }, [64], 128)
  const cpu = ({ cpuMicrosecondsPerCall, serverCpuPerCall }) => cpuMicrosecondsPerCall + serverCpuPerCall
  const raw = cpu(calls.find(({ app }) => app === 'raw'))
  const of = async (directory, name) => ({
    ...(await measuresOf(directory, nextPort, rounds)),
    cpuRatio: cpu(calls.find((row) => row.name === name)) / raw,
  })
  const [own, earlier] = OURS
  return {
    own: await of(undefined, own),
    base: base === undefined ? undefined : await of(base, earlier),
  }
}

function fastify() {
  return closedLoop({ fastify: [...HTTP, 'sleuth request, wire 1'] }, CALLERS, 128)
}

function frameworks() {
  // The base may be older than `serve`.
  const fetch = HTTP.filter((name) => !name.endsWith(IN_BASE))
  return closedLoop({ express: HTTP, koa: HTTP, bare: HTTP, fetch }, [64], 128)
}

function peers() {
  const ours = { fastify: OURS, bare: OURS }
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
    rows.push(...(await closedLoop({ fastify: [...OURS, 'undici request'] }, [callers], bytes)))
  }
  return rows
}

async function open() {
  const names = { fastify: [...OURS, 'undici request'], cote: ['cote'], moleculer: ['moleculer'] }
  return withServers(names, async (each) => {
    const rows = []
    for (const rate of [5000, 20_000, 60_000]) {
      const samples = each.map(() => [])
      for (let round = 0; round < rounds; round++) {
        for (const [index, one] of each.entries())
          samples[index].push(await measured(one, 'open-loop.js', [rate, duration]))
      }
      for (const [index, { app, name }] of each.entries()) {
        const row = { rate, app, name }
        for (const key of Object.keys(samples[index][0]))
          row[key] = median(samples[index].map((sample) => sample[key]))
        console.error(`  ${rate}/s ${name}: p99 ${row.p99.toFixed(1)} ms`)
        rows.push(row)
      }
    }
    return rows
  })
}

async function streams() {
  const rows = []
  for (const name of ['sleuth', ...(base === undefined ? [] : [`sleuth${IN_BASE}`]), 'undici']) {
    // A server of its own for each: the most memory that it had can't be forgotten.
    rows.push(
      await withServers({ fastify: [name] }, async ([{ way, told, options }]) => ({
        way: name,
        ...(await run('streaming.js', [way, 1024, JSON.stringify(told)], options)),
      })),
    )
  }
  return rows
}

/** Small calls beside four bodies of 1 GiB: each round starts its own bodies. */
function mixed() {
  return withServers({ fastify: [...OURS, 'undici request'] }, async (each) => {
    const samples = each.map(() => [])
    for (let round = 0; round < rounds; round++) {
      for (const [index, one] of each.entries())
        samples[index].push(await measured(one, 'mixed.js', [duration]))
    }
    return each.map(({ name }, index) => {
      const of = (key) => median(samples[index].map((sample) => sample[key]))
      console.error(`  ${name}: p99 ${of('p99').toFixed(1)} ms`)
      return { name, p50: of('p50'), p99: of('p99'), calls: of('calls'), mebibytes: of('mebibytes') }
    })
  })
}

/** From one emitter to all subscribers. */
async function events() {
  const each = [1, 8].flatMap((subscribers) =>
    ['sleuth', 'cote', 'moleculer'].map((contender) => ({ contender, subscribers, samples: [] })),
  )
  for (let round = 0; round < rounds; round++)
    for (const { contender, subscribers, samples } of each)
      samples.push(await measureEvents({ contender, subscribers, port: nextPort(), duration }))
  return each.map(({ contender, subscribers, samples }) => {
    const of = (key) => median(samples.map((sample) => sample[key]))
    console.error(`  ${contender}, ${subscribers} subscribers: ${Math.round(of('perSecond'))}/s`)
    return { contender, subscribers, perSecond: of('perSecond'), cpu: of('cpu'), missing: of('missing') }
  })
}

function joining() {
  const names = base === undefined ? ['joining'] : ['joining', `joining${IN_BASE}`]
  return withServers({ fastify: names }, async (each) => {
    const rows = each.map(({ name }) => ({ name, times: [], idle: [] }))
    const forEach = async (file, note) => {
      for (const [index, { told, options }] of each.entries())
        note(rows[index], await run(file, [told.udpPort], options))
    }
    for (let join = 0; join < 20; join++)
      await forEach('joining.js', ({ times }, { milliseconds }) => times.push(milliseconds))
    for (let join = 0; join < 3; join++)
      await forEach('idle.js', ({ idle }, { mebibytes }) => idle.push(mebibytes))
    return rows.map(({ name, times, idle }) => ({
      name,
      runs: times.length,
      median: median(times),
      worst: Math.max(...times),
      idleMebibytes: median(idle),
    }))
  })
}

/** One process for each node; and of sleuth also four times as many nodes, ten in each process. Linux alone tells what it takes. */
async function mesh() {
  const nodes = Number(values.nodes)
  const each = [
    ...CHECKOUTS.map((directory) => ({
      contender: 'sleuth',
      processes: nodes,
      nodes: 1,
      checkout: directory,
    })),
    { contender: 'cote', processes: nodes, nodes: 1 },
    { contender: 'moleculer', processes: nodes, nodes: 1 },
    ...CHECKOUTS.map((directory) => ({
      contender: 'sleuth',
      processes: Math.ceil((4 * nodes) / 10),
      nodes: 10,
      checkout: directory,
    })),
  ]
  const rows = []
  for (const work of each) {
    const [udpPort, tcpPort] = [nextPort(), nextPort()]
    lastPort += work.processes * work.nodes
    const name = `${work.contender}${work.checkout === undefined ? '' : IN_BASE}`
    const row = { name, ...(await measureMesh({ ...work, udpPort, tcpPort })) }
    console.error(`  ${name}, ${row.nodes} nodes: ${row.idle.toFixed(1)} % of a core while nothing happens`)
    rows.push(row)
  }
  return rows
}

/** One node that knows many others. Linux alone tells what it takes. */
async function swarm() {
  const rows = []
  for (const directory of CHECKOUTS) {
    const name = directory === undefined ? 'sleuth' : `sleuth${IN_BASE}`
    const work = { peers: Number(values.peers), udpPort: nextPort(), checkout: directory }
    rows.push({ name, ...(await measureSwarm(work)) })
  }
  return rows
}

/** `import '@sleuth/core'` in fresh processes. */
async function importing() {
  const rows = [checkout, ...(base === undefined ? [] : [base])].map((directory) => {
    const path = createRequire(join(directory, 'package.json')).resolve('@sleuth/core')
    return {
      name: directory === base ? `import${IN_BASE}` : 'import',
      url: pathToFileURL(path).href,
      times: [],
    }
  })
  for (let round = 0; round < 20; round++)
    for (const { url, times } of rows) times.push((await run('importing.js', [url])).milliseconds)
  return rows.map(({ name, times }) => ({ name, runs: times.length, median: median(times) }))
}

/** What a client told, and the CPU time that its server took for each call. */
async function measured({ way, told, server, options }, file, args) {
  const before = await cpuOf(server)
  const sample = await run(file, [way, ...args, JSON.stringify(told)], options)
  return { ...sample, serverCpuPerCall: ((await cpuOf(server)) - before) / sample.calls }
}

/** Every contender once in each round, so that a slow minute of the machine hits all of them. */
function closedLoop(names, callerCounts, bytes) {
  return withServers(names, async (each) => {
    const rows = []
    for (const callers of callerCounts) {
      const samples = each.map(() => [])
      for (let round = 0; round < rounds; round++) {
        for (const [index, one] of each.entries())
          samples[index].push(await measured(one, 'closed-loop.js', [callers, duration, bytes]))
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

/** Starts each app, and once more from the other checkout if a contender is of there. */
async function withServers(names, measure) {
  const servers = []
  try {
    const each = []
    for (const [app, contenders] of Object.entries(names)) {
      for (const directory of CHECKOUTS) {
        const here = contenders.filter((name) => name.endsWith(IN_BASE) === (directory !== undefined))
        if (here.length === 0) continue
        const udpPort = nextPort()
        const options = { checkout: directory }
        const server = await start(`servers/${app}.js`, [udpPort], options)
        servers.push(server)
        const told = { udpPort, ...server.ready }
        for (const name of here)
          each.push({ app, name, way: name.replace(IN_BASE, ''), server, told, options })
      }
    }
    return await measure(each)
  } finally {
    for (const server of servers) await end(server)
  }
}

/** Two ports are free after it: some servers take them too. */
function nextPort() {
  lastPort += 10
  return lastPort
}
