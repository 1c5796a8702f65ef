// Which test files run in one process. To start a process, and to load the library in it, takes longer than most files do.
// The files of one folder are a group. A file that needs a process of its own says why, in a comment that begins with the
// words below.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { builtOf, root } from './kinds.js'

const ALONE = /^\/\/ Runs in a process of its own\b/m
const entries = join(root, 'test/build/groups')

/**
 * What to hand to `run`: a built file, or an entry that loads the files of a group. The largest group comes first, so that
 * two processes end at about the same time.
 * @param {string[]} sources paths from the root
 * @returns {Map<string, string[]>} the sources of each path
 */
export function grouped(sources) {
  const groups = new Map()
  for (const source of sources) {
    const name = runsAlone(source) ? source : dirname(source)
    groups.set(name, [...(groups.get(name) ?? []), source])
  }
  const bySize = [...groups].sort(([, one], [, other]) => other.length - one.length)
  return new Map(bySize.map(([name, members]) => [pathOf(name, members), members]))
}

function runsAlone(source) {
  return ALONE.test(readFileSync(join(root, source), 'utf8'))
}

function pathOf(name, members) {
  const [first] = members
  if (members.length === 1) return builtOf(first)
  mkdirSync(entries, { recursive: true })
  const path = join(entries, `${name.replaceAll('/', '-')}.js`)
  const files = members.map((source) => [source, builtOf(source)])
  const loader = JSON.stringify(join(root, 'scripts/load-group.js'))
  writeFileSync(path, `import { load } from ${loader}\nload(${JSON.stringify(files, undefined, 2)})\n`)
  return path
}
