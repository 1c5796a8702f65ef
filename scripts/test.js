// Runs the built tests, kind by kind, and prints how many of each passed.
//   node scripts/test.js            everything
//   node scripts/test.js unit docs  some kinds
// Files of one kind run two at a time, but for those that keep up a load; kinds run one after another, so that a busy one does not slow another down.

import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const packages = readdirSync(join(root, 'packages'))

const kinds = {
  unit: packages.map((name) => `packages/${name}/build/test`),
  fuzz: ['test/build/fuzz'],
  fetch: ['test/build/fetch'],
  adapters: ['test/build/adapters'],
  contract: ['test/build/contract'],
  types: ['test/build/types'],
  package: ['test/build/package'],
  trace: ['test/build/trace'],
  docs: ['test/build/docs'],
  examples: ['test/build/examples'],
  streams: ['test/build/streams'],
  hostile: ['test/build/hostile'],
  chaos: ['test/build/chaos'],
  hosts: ['test/build/hosts'],
  interop: ['test/build/interop'],
}

/** Kinds that keep up a load, and would starve each other. */
const busy = new Set(['hostile', 'chaos'])

const asked = process.argv.slice(2)
const unknown = asked.filter((kind) => !(kind in kinds))
if (unknown.length > 0) {
  console.error(
    `There are no tests of kind ${unknown.join(', ')}. There are: ${Object.keys(kinds).join(', ')}.`,
  )
  process.exit(2)
}

const rows = []
for (const [kind, folders] of Object.entries(kinds)) {
  if (asked.length > 0 && !asked.includes(kind)) continue
  const files = folders.flatMap(testsIn)
  if (files.length === 0) {
    console.error(`No built tests of kind ${kind}: run npm run build.`)
    process.exit(1)
  }
  rows.push({ kind, files: files.length, ...(await runKind(kind, files)) })
}

console.log('\nkind        files  passed  failed  skipped  seconds')
for (const { kind, files, passed, failed, skipped, seconds } of rows) {
  console.log(
    `${kind.padEnd(10)}${cell(files)}${cell(passed, 8)}${cell(failed, 8)}${cell(skipped, 9)}${cell(seconds.toFixed(1), 9)}`,
  )
}
const total = (key) => rows.reduce((sum, row) => sum + row[key], 0)
for (const { kind, failures } of rows) for (const failure of failures) console.log(`\n✖ ${kind}: ${failure}`)
console.log(`\n${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`)
process.exitCode = total('failed') > 0 || total('passed') === 0 ? 1 : 0

/** Leaf tests only: a suite that holds tests is not one. */
async function runKind(kind, files) {
  console.log(`\n── ${kind}`)
  const counts = { passed: 0, failed: 0, skipped: 0, failures: [] }
  const started = performance.now()
  const stream = run({ files, concurrency: busy.has(kind) ? 1 : 2, timeout: 300_000 })
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
  stream.compose(spec()).pipe(process.stdout, { end: false })
  await new Promise((resolve) => stream.once('end', resolve))
  return { ...counts, seconds: (performance.now() - started) / 1000 }
}

/** A suite counts only when it is its own code that failed: what is in it counts by itself. */
function isContainer({ details }) {
  const { type, error } = details ?? {}
  return type === 'suite' && (error === undefined || error.failureType === 'subtestsFailed')
}

/** Repeated at the end, since a log is read from there. */
function described({ name, file, line, details }) {
  const { error } = details
  const stack = String(error?.cause?.stack ?? error?.cause ?? error).split('\n')
  return [`${name} (${relative(root, file ?? '')}:${line})`, ...stack.slice(0, 12)].join('\n    ')
}

function testsIn(folder) {
  const path = join(root, folder)
  if (!existsSync(path)) return []
  return readdirSync(path, { recursive: true })
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => join(path, name))
    .sort()
}

function cell(value, width = 7) {
  return String(value).padStart(width)
}
