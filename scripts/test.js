// Runs the built tests, and prints how many of each kind passed.
//   node scripts/test.js                        everything
//   node scripts/test.js unit docs              some kinds
//   node scripts/test.js slab streams/limits    some files: the path of the source or of the built file, or a part of it
//   node scripts/test.js --coverage             measures coverage as well, and fails below the floor of .c8rc.json
// Which processes run at the same time: lanes.js. Small files share a process: groups.js.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { grouped } from './groups.js'
import { builtOf, kindNames, root, testsNamed, testsOf } from './kinds.js'
import { runInLanes } from './lanes.js'
import { runProcess } from './test-process.js'

/** Kinds that run the code of core and zre in the process of the test, without a load. */
const covered = new Set(['unit', 'network', 'processes', 'adapters'])
const c8 = join(root, 'node_modules/c8/bin/c8.js')
const coverageData = join(root, 'coverage/data')

/** Kinds of many small files. */
const small = new Set(['unit'])

/** For one process. The simulations take minutes when they run as many schedules as in `.ci/run`. */
const PROCESS_TIMEOUT_MS = 900_000
/** For one process of a kind of small files. Each of the files has less: load-group.js. */
const GROUP_TIMEOUT_MS = 300_000

const args = process.argv.slice(2)
const coverage = args.includes('--coverage')
const asked = args.filter((argument) => argument !== '--coverage')
const chosen = choose(asked)
if (coverage) rmSync(coverageData, { recursive: true, force: true })

const rows = new Map()
const tasks = []
for (const [kind, sources] of chosen) {
  const unbuilt = sources.map(builtOf).filter((file) => !existsSync(file))
  if (sources.length === 0 || unbuilt.length > 0) {
    console.error(`Not built: ${unbuilt.join(', ') || `tests of kind ${kind}`}. Run npm run build.`)
    process.exit(1)
  }
  rows.set(kind, {
    files: sources.length,
    passed: 0,
    failed: 0,
    skipped: 0,
    seconds: 0,
    cpu: 0,
    failures: [],
  })
  const processes = small.has(kind) ? grouped(sources) : sources.map((source) => [builtOf(source), [source]])
  for (const [path, members] of processes) tasks.push({ kind, path, sources: members })
}

const started = performance.now()
const folder = mkdtempSync(join(tmpdir(), 'sleuth-test-'))
try {
  await runInLanes(tasks, runTask)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const took = (performance.now() - started) / 1000

if (coverage) {
  const { status } = spawnSync(process.execPath, [c8, 'report'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}

// Seconds are those of all processes of a kind together: they run beside each other.
console.log('\nkind         files  passed  failed  skipped  seconds  processor')
for (const [kind, { files, passed, failed, skipped, seconds, cpu }] of rows) {
  console.log(
    `${kind.padEnd(11)}${cell(files)}${cell(passed, 8)}${cell(failed, 8)}${cell(skipped, 9)}${cell(seconds.toFixed(1), 9)}${cell(cpu.toFixed(1), 11)}`,
  )
}
const total = (key) => [...rows.values()].reduce((sum, row) => sum + row[key], 0)
for (const [kind, { failures }] of rows)
  for (const failure of failures) console.log(`\n✖ ${kind}: ${failure}`)
console.log(
  `\n${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped, in ${took.toFixed(0)} s`,
)
if (total('failed') > 0 || total('passed') === 0) process.exitCode = 1

/** The source files to run, by kind. */
function choose(asked) {
  const files = new Set()
  const wholeKinds = asked.length > 0 ? asked.filter((name) => kindNames.includes(name)) : kindNames
  for (const argument of asked) {
    if (kindNames.includes(argument)) continue
    const found = testsNamed(argument)
    if (found.length === 0) {
      console.error(`No kind of tests and no test file is named ${argument}. Kinds: ${kindNames.join(', ')}.`)
      process.exit(2)
    }
    for (const file of found) files.add(file)
  }
  return kindNames
    .map((kind) => [kind, testsOf(kind).filter((file) => wholeKinds.includes(kind) || files.has(file))])
    .filter(([kind, sources]) => wholeKinds.includes(kind) || sources.length > 0)
}

async function runTask({ kind, path, sources }) {
  const env = { ...process.env }
  if (coverage && covered.has(kind)) env.NODE_V8_COVERAGE = coverageData
  const timeout = small.has(kind) ? GROUP_TIMEOUT_MS : PROCESS_TIMEOUT_MS
  const isLive = tasks.length === 1
  const { outcome, output, seconds } = await runProcess(path, { sources, timeout, env, isLive, folder })
  if (!isLive) console.log(`\n── ${kind}: ${nameOf(sources)} (${seconds.toFixed(1)} s)\n${output.trimEnd()}`)
  const row = rows.get(kind)
  for (const key of ['passed', 'failed', 'skipped', 'cpu']) row[key] += outcome[key]
  row.seconds += seconds
  row.failures.push(...outcome.failures)
}

function nameOf([first, ...others]) {
  return others.length === 0 ? first : `${first} and ${others.length} more`
}

function cell(value, width = 7) {
  return String(value).padStart(width)
}
