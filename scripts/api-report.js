// Writes what each package declares to api/, a file for each: npm run api
// With --check it compares instead, and fails on a difference. So a change of the public surface shows in a review.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'api')
/** Entries for packages of this repository: they may change in any version. */
const own = new Set(['./adapter', './diagnostics'])
const changed = []

for (const name of readdirSync(join(root, 'packages'))) {
  const report = reportOf(name)
  if (report === undefined) continue
  const file = join(folder, `${name}.d.ts.txt`)
  const known = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (known === report) continue
  changed.push(relative(root, file))
  if (process.argv.includes('--check')) continue
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, report)
}
if (changed.length === 0) console.log('The public surface is as it was.')
else if (process.argv.includes('--check')) {
  console.error(
    `The public surface has changed: npm run api, and look at the difference of ${changed.join(', ')}`,
  )
  process.exitCode = 1
} else console.log(`Written: ${changed.join(', ')}`)

/** The declarations that the entries of a package lead to, without comments. Undefined for a program. */
function reportOf(name) {
  const base = join(root, 'packages', name)
  const { exports: entries = {} } = JSON.parse(readFileSync(join(base, 'package.json'), 'utf8'))
  const declared = Object.entries(entries).flatMap(([entry, target]) =>
    target.types && !own.has(entry) ? [[entry, target.types]] : [],
  )
  if (declared.length === 0) return undefined
  const files = new Set()
  const heads = declared.map(([entry, types]) => {
    collect(join(base, types), files)
    return `${entry}: ${types}`
  })
  const parts = [...files]
    .sort()
    .map((file) => `=== ${relative(base, file).replaceAll('\\', '/')}\n${textOf(file)}`)
  return `${heads.join('\n')}\n\n${parts.join('\n')}`
}

function collect(file, files) {
  if (files.has(file)) return
  files.add(file)
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:from|import\() ?'(\.[^']+)\.js'/g)) {
    collect(resolve(dirname(file), `${path}.d.ts`), files)
  }
}

function textOf(file) {
  const text = readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\/\/.*$/gm, '')
  const lines = text.split('\n').map((line) => line.trimEnd())
  return `${lines.filter((line) => line !== '').join('\n')}\n`
}
