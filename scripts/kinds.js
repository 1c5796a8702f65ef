// The kinds of tests and the folders that hold them, and how the arguments of scripts/test.js name tests.

import { existsSync, readdirSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

const tested = readdirSync(join(root, 'packages')).map((name) => `packages/${name}/test`)
const ofPackages = (folder) => tested.map((path) => `${path}/${folder}`)

/** Folders of a package's tests that are kinds of their own; all its other tests are of kind unit. */
const own = ['network', 'simulation', 'processes']

const kinds = {
  unit: tested,
  ...Object.fromEntries(own.map((folder) => [folder, ofPackages(folder)])),
  fuzz: ['test/fuzz'],
  fetch: ['test/fetch'],
  adapters: ['test/adapters'],
  contract: ['test/contract'],
  types: ['test/types'],
  package: ['test/package'],
  trace: ['test/trace'],
  docs: ['test/docs'],
  examples: ['test/examples'],
  deploy: ['test/deploy'],
  cli: ['test/cli'],
  create: ['test/create'],
  streams: ['test/streams'],
  hostile: ['test/hostile'],
  chaos: ['test/chaos'],
  hosts: ['test/hosts'],
  interop: ['test/interop'],
}

export const kindNames = Object.keys(kinds)

/** Source paths from the root, with slashes. A built test whose source is gone does not count. */
export function testsOf(kind) {
  const others = kind === 'unit' ? own.flatMap(ofPackages) : []
  return kinds[kind]
    .flatMap(testsIn)
    .filter((path) => !others.some((folder) => path.startsWith(`${folder}/`)))
    .sort()
}

/** The test files that an argument names: by a source file, a built file or a folder, else by a part of the path. */
export function testsNamed(argument, from = process.cwd()) {
  const all = kindNames.flatMap(testsOf)
  const path = asSource(relative(root, resolve(from, argument)))
  const exact = all.filter((test) => test === path || test.startsWith(`${path}/`))
  if (exact.length > 0) return exact
  const part = asSource(argument)
  const ending = all.filter((test) => test.endsWith(`/${part}`) || test.endsWith(`/${part}.test.ts`))
  return ending.length > 0 ? ending : all.filter((test) => test.includes(part))
}

/** packages/core/test/a.test.ts → packages/core/build/test/a.test.js; test/a.test.ts → test/build/a.test.js. */
export function builtOf(source) {
  const built = source.replace(/\.ts$/, '.js')
  return join(
    root,
    built.replace(/^packages\/[^/]+\/|^test\//, (folder) => `${folder}build/`),
  )
}

function asSource(path) {
  return path
    .split(sep)
    .join('/')
    .replace(/(^|\/)build\//, '$1')
    .replace(/\/$/, '')
    .replace(/\.js$/, '.ts')
}

function testsIn(folder) {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => `${folder}/${name.split(sep).join('/')}`)
    .filter((path) => path.endsWith('.test.ts') && !/\/(build|node_modules)\//.test(path))
}
