// Runs the built tests, kind by kind, and prints how many of each passed.
//   node scripts/test.js                        everything
//   node scripts/test.js unit docs              some kinds
//   node scripts/test.js slab streams/limits    some files: the path of the source or of the built file, or a part of it
//   node scripts/test.js --coverage             measures coverage as well, and fails below the floor of .c8rc.json
// Two processes run at a time, one in kinds that keep up a load, and four in those that mostly wait. Kinds run one after
// another, so that a busy kind does not slow another down. Small files share a process: groups.js.

import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { grouped } from './groups.js'
import { builtOf, kindNames, root, testsNamed, testsOf } from './kinds.js'
import { Outcome } from './outcome.js'

/** Kinds that keep up a load. Their files would starve each other. */
const busy = new Set(['hostile', 'chaos'])

/** Kinds that wait for timers more than they work. */
const waiting = new Set(['network', 'processes'])

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

const rows = []
for (const [kind, sources] of chosen) {
  const unbuilt = sources.map(builtOf).filter((file) => !existsSync(file))
  if (sources.length === 0 || unbuilt.length > 0) {
    console.error(`Not built: ${unbuilt.join(', ') || `tests of kind ${kind}`}. Run npm run build.`)
    process.exit(1)
  }
  if (coverage && covered.has(kind)) process.env.NODE_V8_COVERAGE = coverageData
  rows.push({ kind, files: sources.length, ...(await runKind(kind, sources)) })
  delete process.env.NODE_V8_COVERAGE
}

if (coverage) {
  const { status } = spawnSync(process.execPath, [c8, 'report'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}

console.log('\nkind         files  passed  failed  skipped  seconds')
for (const { kind, files, passed, failed, skipped, seconds } of rows) {
  console.log(
    `${kind.padEnd(11)}${cell(files)}${cell(passed, 8)}${cell(failed, 8)}${cell(skipped, 9)}${cell(seconds.toFixed(1), 9)}`,
  )
}
const total = (key) => rows.reduce((sum, row) => sum + row[key], 0)
for (const { kind, failures } of rows) for (const failure of failures) console.log(`\n✖ ${kind}: ${failure}`)
console.log(`\n${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`)
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

async function runKind(kind, sources) {
  console.log(`\n── ${kind}`)
  const processes = small.has(kind)
    ? grouped(sources)
    : new Map(sources.map((source) => [builtOf(source), [source]]))
  const outcome = new Outcome(processes)
  const started = performance.now()
  const stream = run({
    files: [...processes.keys()],
    concurrency: busy.has(kind) ? 1 : waiting.has(kind) ? 4 : 2,
    timeout: small.has(kind) ? GROUP_TIMEOUT_MS : PROCESS_TIMEOUT_MS,
  })
  outcome.follow(stream)
  const report = stream.compose(spec())
  report.pipe(process.stdout, { end: false })
  await once(report, 'end')
  const { passed, failed, skipped, failures } = outcome
  return { passed, failed, skipped, failures, seconds: (performance.now() - started) / 1000 }
}

function cell(value, width = 7) {
  return String(value).padStart(width)
}
