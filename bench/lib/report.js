import { measures } from './report-measures.js'
import { count, table } from './stats.js'

/** Tables in Markdown, one for each suite that ran. */
export function report(results) {
  const { rounds, duration, node, cores } = results
  const parts = [
    `Node ${node}, ${cores} cores; closed loop: medians of ${rounds} rounds of ${duration / 1000} s, in one run, interleaved.`,
  ]
  if (results.measures) parts.push(measures(results.measures))
  for (const name of ['fastify', 'frameworks', 'peers'])
    if (results[name]) parts.push(calls(name, results[name]))
  if (results.encryption) parts.push(encryption(results.encryption))
  if (results.bodies) parts.push(bodies(results.bodies))
  if (results.open) parts.push(open(results.open))
  if (results.streams) parts.push(streams(results.streams))
  if (results.mixed) parts.push(mixed(results.mixed))
  if (results.events) parts.push(events(results.events))
  if (results.joining) parts.push(joining(results.joining))
  if (results.mesh) parts.push(mesh(results.mesh))
  if (results.swarm) parts.push(swarm(results.swarm))
  if (results.importing) parts.push(importing(results.importing))
  return parts.join('\n\n')
}

const titles = {
  fastify: 'The same Fastify app, calls a second',
  frameworks: 'Express, Koa and a bare handler, calls a second',
  peers: 'Beside other libraries, calls a second',
}

/** A row for each contender, a column for each number of callers. */
function calls(name, rows) {
  const callers = [...new Set(rows.map((row) => row.callers))]
  const contenders = [...new Set(rows.map(({ app, name }) => `${name} → ${app}`))]
  const of = (contender, number) =>
    rows.find((row) => `${row.name} → ${row.app}` === contender && row.callers === number)
  const absolute = contenders.map((contender) => [
    contender,
    ...callers.map((number) => count(of(contender, number).perSecond)),
    of(contender, callers.at(-1)).cpuMicrosecondsPerCall.toFixed(0),
    of(contender, callers.at(-1)).serverCpuPerCall.toFixed(0),
  ])
  const ratios = contenders
    .filter((contender) => contender.startsWith('sleuth request →'))
    .flatMap((contender) =>
      rivals(contender, contenders).map((rival) => [
        `${contender} ÷ ${rival.join(' or ')}`,
        ...callers.map((number) => {
          const best = Math.max(...rival.map((name) => of(name, number).perSecond))
          return (of(contender, number).perSecond / best).toFixed(2)
        }),
        '',
        '',
      ]),
    )
  return `### ${titles[name]}\n\n${table(
    ['128-byte echo', ...callers.map((number) => `${number} callers`), 'CPU µs a call: client', 'server'],
    [...absolute, ...ratios],
  )}`
}

/** Whom a contender is divided by: each is one name, or some of which the best counts. */
function rivals(contender, contenders) {
  const app = contender.split(' → ')[1]
  const wanted = [
    [`sleuth request (base) → ${app}`],
    [`undici request → ${app}`],
    ['cote → cote', 'moleculer → moleculer'],
  ]
  return wanted.filter((names) => names.every((name) => contenders.includes(name)))
}

function bodies(rows) {
  const ratio = ({ bytes, perSecond }, rival) => {
    const other = rows.find((row) => row.bytes === bytes && row.name === rival)
    return other === undefined ? '' : (perSecond / other.perSecond).toFixed(2)
  }
  const cells = rows.map(({ bytes, callers, name, perSecond }) => [
    `${bytes / 1024} KiB`,
    callers,
    name,
    count(perSecond),
    ((perSecond * bytes) / 2 ** 20).toFixed(0),
    ratio({ bytes, perSecond }, 'undici request'),
    ratio({ bytes, perSecond }, 'sleuth request (base)'),
  ])
  const header = ['body', 'callers', '', 'calls a second', 'MiB a second each way', '÷ undici', '÷ base']
  return `### Larger bodies, echoed by the Fastify app\n\n${table(header, cells)}`
}

function encryption(rows) {
  const of = (app, like) =>
    rows.find((row) => row.app === app && row.callers === like.callers && row.bytes === like.bytes)
  const cells = rows
    .filter(({ app }) => app === 'encrypted')
    .map((row) => {
      const open = of('fastify', row)
      const cpu = (one) => (one.cpuMicrosecondsPerCall + one.serverCpuPerCall).toFixed(0)
      return [
        bytesText(row.bytes),
        row.callers,
        count(open.perSecond),
        count(row.perSecond),
        (row.perSecond / open.perSecond).toFixed(2),
        cpu(open),
        cpu(row),
      ]
    })
  const header = [
    'echo of',
    'callers',
    'open, calls a second',
    'with keys',
    'ratio',
    'CPU µs a call: open',
    'with keys',
  ]
  return `### The cost of encryption\n\n${table(header, cells)}`
}

function bytesText(bytes) {
  return bytes < 1024 ? `${bytes} bytes` : `${bytes / 1024} KiB`
}

function open(rows) {
  const cells = rows.map((row) => [
    count(row.rate),
    `${row.name} → ${row.app}`,
    row.p50.toFixed(1),
    row.p99.toFixed(1),
    row.p999.toFixed(1),
    count(row.missed),
    row.cpuMicrosecondsPerCall.toFixed(0),
    row.serverCpuPerCall.toFixed(0),
  ])
  const header = [
    'due a second',
    '',
    'p50 ms',
    'p99 ms',
    'p99.9 ms',
    'not answered',
    'CPU µs a call: client',
    'server',
  ]
  return `### Open loop: Poisson arrivals, latency from when a call was due\n\n${table(header, cells)}`
}

function streams(rows) {
  const cells = rows.map(({ way, down, up, grown, eventDelay }) => [
    way,
    down.toFixed(0),
    up.toFixed(0),
    grown.client.toFixed(0),
    grown.server.toFixed(0),
    eventDelay.toFixed(2),
  ])
  const header = [
    '1 GiB',
    'down MiB/s',
    'up MiB/s',
    'client grew MiB',
    'server grew MiB',
    'event delay ms, median',
  ]
  return `### Streams through the Fastify app\n\n${table(header, cells)}`
}

function mixed(rows) {
  const undici = rows.find(({ name }) => name === 'undici request')
  const cells = rows.map(({ name, p50, p99, calls, mebibytes }) => [
    name,
    p50.toFixed(1),
    p99.toFixed(1),
    (p99 / undici.p99).toFixed(2),
    count(calls),
    count(mebibytes),
  ])
  const header = ['128-byte echo', 'p50 ms', 'p99 ms', 'p99 ÷ undici', 'calls', 'MiB that flowed meanwhile']
  return `### Small calls while four bodies of 1 GiB flow to and from the same service\n\n${table(header, cells)}`
}

function events(rows) {
  const cells = rows.map(({ contender, subscribers, perSecond, cpu, missing }) => [
    contender,
    subscribers,
    count(perSecond),
    cpu.toFixed(1),
    count(missing),
  ])
  const header = ['', 'subscribers', 'events a second', 'µs of CPU each, both ends', 'missing']
  return `### Events of 128 bytes from one emitter, all subscribers together\n\n${table(header, cells)}`
}

function joining(rows) {
  const cells = rows.map(({ name, runs, median, worst, idleMebibytes }) => [
    name,
    runs,
    median.toFixed(1),
    worst.toFixed(1),
    idleMebibytes.toFixed(1),
  ])
  const header = ['', 'processes', 'median ms', 'worst ms', 'an idle node takes MiB']
  return `### Joining: from \`createSleuth()\` to the first answer\n\n${table(header, cells)}`
}

function mesh(rows) {
  const text = (value, digits = 0) => (value === undefined ? 'never' : value.toFixed(digits))
  const cells = rows.map((row) => [
    row.name,
    row.processes,
    row.nodes,
    text(row.formed),
    text(row.idle, 1),
    text(row.noticed),
    text(row.closed),
    text(row.descriptors, 1),
    text(row.memory),
  ])
  const header = [
    '',
    'processes',
    'nodes',
    'formed ms',
    'idle, % of a core',
    'kill -9 known to all, ms',
    'closed ms',
    'descriptors a peer',
    'KiB a peer',
  ]
  return `### A mesh of nodes on one machine, in which nothing happens\n\n${table(header, cells)}`
}

function swarm(rows) {
  const cells = rows.map(({ name, peers, idle, descriptors, memory }) => [
    name,
    peers,
    idle.toFixed(2),
    descriptors.toFixed(1),
    memory.toFixed(0),
  ])
  const header = ['', 'peers', 'idle, % of a core', 'descriptors a peer', 'KiB a peer']
  return `### One node that knows many bare peers, while nothing happens\n\n${table(header, cells)}`
}

function importing(rows) {
  const cells = rows.map(({ name, runs, median }) => [
    name,
    runs,
    median.toFixed(1),
    (rows[0].median / median).toFixed(2),
  ])
  const header = ['', 'processes', 'median ms', 'this checkout ÷ it']
  return `### \`import '@sleuth/core'\` in a fresh process\n\n${table(header, cells)}`
}
