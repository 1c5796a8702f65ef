import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { readPage, root } from './markdown.js'

interface Described {
  readonly name: string
  readonly options: Readonly<Record<string, { readonly short?: string; readonly value?: string }>>
}

/** A program has no exports, so its files are loaded by their paths. */
async function load<T>(file: string): Promise<T> {
  return (await import(pathToFileURL(join(root, 'packages/cli/dist', file)).href)) as T
}

const { loadAll } = await load<{ loadAll(): Promise<Described[]> }>('commands/index.js')
const { network, common } = await load<Record<'network' | 'common', Described['options']>>('options.js')
const { exit } = await load<{ exit: Readonly<Record<string, number>> }>('exit-codes.js')

const page = readPage('docs/cli.md')

/** What stands under a heading. */
function section(heading: string): string {
  const [, text] = new RegExp(`^## ${heading}\\n(.*?)(?=^## |$(?![^]))`, 'ms').exec(page) ?? []
  assert.ok(text !== undefined, `docs/cli.md has no heading "## ${heading}"`)
  return text
}

/** The options in the first column of the tables, as they are written: `-X, --request METHOD`. */
function optionsIn(text: string): string[] {
  return Array.from(text.matchAll(/^\| `((?:-\w, )?--[^`]+)` \|/gm), ([, option]) => option as string)
}

function written(options: Described['options']): string[] {
  return Object.entries(options).map(
    ([name, { short, value }]) =>
      `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`,
  )
}

test('docs/cli.md has a table of the options of all commands', () => {
  const expected = [...written(network), ...written(common)]
  assert.deepEqual(optionsIn(section('Options of all commands')).sort(), expected.sort())
})

for (const { name, options } of await loadAll()) {
  test(`docs/cli.md describes ${name}, with all of its options`, () => {
    // A command may have an option of the network with a default of its own.
    const own = Object.fromEntries(Object.entries(options).filter(([name, each]) => network[name] !== each))
    assert.deepEqual(optionsIn(section(name)).sort(), written(own).sort())
  })
}

test('docs/cli.md has every exit code', () => {
  const codes = Array.from(section('Exit codes').matchAll(/^\| (\d+) \|/gm), ([, code]) => Number(code))
  assert.deepEqual(
    codes,
    Object.values(exit).sort((one, other) => one - other),
  )
})

test('the README of the package lists every command', async () => {
  const readme = readFileSync(join(root, 'packages/cli/README.md'), 'utf8')
  for (const { name } of await loadAll())
    assert.match(readme, new RegExp(`^\\| \`sleuth ${name}\\b`, 'm'), name)
  assert.ok(readme.split('\n').length <= 81)
})
