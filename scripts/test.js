// Runs the built tests, kind by kind, and prints how many of each passed.
//   node scripts/test.js                        everything
//   node scripts/test.js unit docs              some kinds
//   node scripts/test.js slab streams/limits    some files: the path of the source or of the built file, or a part of it
//   node scripts/test.js --coverage             measures coverage as well, and fails below the floor of .c8rc.json
// Two files of one kind run at a time, except in kinds that keep up a load. Kinds run one after another, so that a
// busy kind does not slow another down.

import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { builtOf, kindNames, root, testsNamed, testsOf } from './kinds.js'

/** Kinds that keep up a load. Their files would starve each other. */
const busy = new Set(['hostile', 'chaos'])

/** Kinds that run the code of core and zre in the process of the test, without a load. */
const covered = new Set(['unit', 'network', 'processes', 'adapters'])
const c8 = join(root, 'node_modules/c8/bin/c8.js')
const coverageData = join(root, 'coverage/data')

/** For one file. The simulations take minutes when they run as many schedules as in `.ci/run`. */
const FILE_TIMEOUT_MS = 900_000

const args = process.argv.slice(2)
const coverage = args.includes('--coverage')
const asked = args.filter((argument) => argument !== '--coverage')
const chosen = choose(asked)
if (coverage) rmSync(coverageData, { recursive: true, force: true })

const rows = []
for (const [kind, sources] of chosen) {
  const files = sources.map(builtOf)
  const unbuilt = files.filter((file) => !existsSync(file))
  if (files.length === 0 || unbuilt.length > 0) {
    console.error(`Not built: ${unbuilt.join(', ') || `tests of kind ${kind}`}. Run npm run build.`)
    process.exit(1)
  }
  if (coverage && covered.has(kind)) process.env.NODE_V8_COVERAGE = coverageData
  rows.push({ kind, files: files.length, ...(await runKind(kind, files)) })
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

/** Counts leaf tests only: a suite that holds tests is not one. */
async function runKind(kind, files) {
  console.log(`\n── ${kind}`)
  const counts = { passed: 0, failed: 0, skipped: 0, failures: [] }
  const started = performance.now()
  const stream = run({ files, concurrency: busy.has(kind) ? 1 : 2, timeout: FILE_TIMEOUT_MS })
  const count = (outcome) => (event) => {
    if (isContainer(event)) return
    if (event.skip !== undefined && event.skip !== false) counts.skipped++
    else counts[outcome]++
  }
  stream.on('test:pass', count('passed'))
  stream.on('test:fail', count('failed'))
  stream.on('test:fail', (event) => {
    if (!isContainer(event)) counts.failures.push(described(event))
  })
  const report = stream.compose(spec())
  report.pipe(process.stdout, { end: false })
  await once(report, 'end')
  return { ...counts, seconds: (performance.now() - started) / 1000 }
}

/** A suite counts only when its own code fails: the tests in it count by themselves. */
function isContainer({ details }) {
  const { type, error } = details ?? {}
  return type === 'suite' && (error === undefined || error.failureType === 'subtestsFailed')
}

/** Failures are repeated at the end, since people read a log from there. */
function described({ name, file, line, details }) {
  const { error } = details
  const stack = String(error?.cause?.stack ?? error?.cause ?? error).split('\n')
  return [`${name} (${relative(root, file ?? '')}:${line})`, ...stack.slice(0, 12)].join('\n    ')
}

function cell(value, width = 7) {
  return String(value).padStart(width)
}
