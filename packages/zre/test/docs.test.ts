import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { it } from 'node:test'
import { checkOptions } from '#src/options.js'
import { Nodes } from './support/nodes.js'

const packageFolder = new URL('../../', import.meta.url)
const page = read('../../docs/zre.md')

it('docs/zre.md has every option', () => {
  assert.deepEqual(firstColumn('option'), Object.keys(checkOptions({})))
})

it('docs/zre.md has every error code', () => {
  assert.deepEqual(firstColumn('code'), quoted(read('src/error.ts'), /'(ZRE_\w+)'\n/g))
})

it('docs/zre.md has every event', () => {
  const [, events = ''] = /interface NodeEvents \{\n(.*?)^\}/ms.exec(read('src/types/node.ts')) ?? []
  assert.deepEqual(firstColumn('event').sort(), quoted(events, /^ {2}(\w+): \[/gm).sort())
})

it('docs/zre.md has every reason of an exit', () => {
  const [, type = ''] = /type ExitReason =(.*?)\n\n/s.exec(`${read('src/types/peers.ts')}\n`) ?? []
  const reasons = quoted(type, /\| '(\w+)'/g)
  assert.equal(reasons.length, 8)
  assert.deepEqual(firstColumn('reason').sort(), reasons.sort())
})

it('docs/zre.md has every statistic, and every reason for dropping something', async () => {
  await using nodes = await Nodes.open()
  const stats = (await nodes.add()).stats()
  const [, section = ''] = /## Statistics\n(.*?)\n## /s.exec(page) ?? []
  const [, type = ''] = /type DropReason =(.*?)\n\n/s.exec(read('src/machine/types.ts')) ?? []
  const faults = /type (?:Beacon|Message)Fault = .*/g
  const [beacon = '', message = ''] = ['beacon', 'message'].map(
    (file) => read(`src/wire/${file}.ts`).match(faults)?.[0],
  )
  const reasons = [type, beacon, message].flatMap((text) => quoted(text, /'([a-z-]+)'/g))
  const [counters = ''] = section.split('| reason |')
  assert.deepEqual(quoted(counters, /`(\w+)`/g).sort(), Object.keys(stats).sort())
  assert.deepEqual(firstColumn('reason', section).sort(), reasons.sort())
})

/** What the first table with that heading has in its first column. */
function firstColumn(heading: string, text = page): string[] {
  const [, table = ''] =
    new RegExp(`^\\| ${heading} \\|.*\\n\\|[-|]+\\|\\n((?:\\|.*\\n)+)`, 'm').exec(text) ?? []
  const cells = table.split('\n').map((row) => row.split(' | ')[0] ?? '')
  return cells.flatMap((cell) => quoted(cell, /`([\w-]+)`/g))
}

function quoted(text: string, pattern: RegExp): string[] {
  return Array.from(text.matchAll(pattern), ([, name = '']) => name)
}

function read(path: string): string {
  return readFileSync(new URL(path, packageFolder), 'utf8')
}
