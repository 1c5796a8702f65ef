// @ts-check
// The page of the map needs no build and no other server: it has the libraries that it uses as files of its own.
//   node packages/cli/vendor.js    writes them to map/vendor, from the versions that package.json names

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('map/vendor/', import.meta.url))

/** The package, its file, and the package that needs it if that is not this one. */
const MODULES = [
  { name: 'preact', file: 'dist/preact.mjs' },
  { name: 'htm', file: 'dist/htm.mjs' },
  { name: 'd3-force', file: 'dist/d3-force.min.mjs' },
  { name: 'd3-dispatch', file: 'dist/d3-dispatch.min.mjs', by: 'd3-force' },
  { name: 'd3-quadtree', file: 'dist/d3-quadtree.min.mjs', by: 'd3-force' },
  { name: 'd3-timer', file: 'dist/d3-timer.min.mjs', by: 'd3-force' },
]

/** @returns {Map<string, string>} What each file of `map/vendor` has to be. */
export function vendored() {
  const files = new Map()
  for (const { name, file, by } of MODULES) {
    const root = folderOf(name, by)
    const { version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const text = readFileSync(join(root, file), 'utf8')
    files.set(`${name}.mjs`, `/*! ${name} ${version}, ${license}: ${name}.LICENSE */\n${asPage(text)}`)
    files.set(`${name}.LICENSE`, readFileSync(join(root, 'LICENSE'), 'utf8'))
  }
  return files
}

/**
 * A browser finds no packages by name: each is a file beside. There is no source map either.
 * @param {string} text
 */
function asPage(text) {
  return text
    .replace(/(from\s*)"([a-z0-9-]+)"/g, '$1"./$2.mjs"')
    .replace(/\n?\/\/# sourceMappingURL=.*\n?$/, '\n')
}

/** @param {string} name @param {string | undefined} by */
function folderOf(name, by) {
  const from = by === undefined ? import.meta.url : join(folderOf(by, undefined), 'package.json')
  let at = dirname(createRequire(from).resolve(name))
  while (true) {
    try {
      if (JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')).name === name) return at
    } catch {}
    if (at === dirname(at)) throw new Error(`${name} is not installed: run npm ci`)
    at = dirname(at)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of vendored()) writeFileSync(join(folder, name), text)
}
