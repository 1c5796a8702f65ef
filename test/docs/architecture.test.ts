import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { readPage, root } from './markdown.js'

const page = readPage('docs/architecture.md')

const fileOf = (name: string) => {
  const [folder = '', ...path] = name.split('/')
  return join(root, 'packages', folder, 'src', `${path.join('/')}.ts`)
}

const exists = (name: string) => existsSync(fileOf(name))

const isFile = (name: string) => /^(core|zre)\/[\w/-]+$/.test(name)

/** `name (from, to) …` of each arrow on the way, there and back. */
const way = (/^`core\/sleuth\/client →[^`]*`$/m.exec(page)?.[0] ?? '')
  .replaceAll('`', '')
  .split(/\s*([→⇒])\s*/)

const onTheWay = [...new Set(way.filter(isFile))]

const picture = /^## One request\n\n```\n(.*?)\n```/ms.exec(page)?.[1] ?? ''

test('the page on architecture begins with a picture of one request, in at most 12 files', () => {
  assert.match(page, /^# Architecture\n\n## One request\n\n```\n/)
  const drawn = new Set(picture.match(/\b(core|zre)\/[\w/-]+/g))
  assert.deepEqual([...drawn].sort(), [...onTheWay].sort())
  assert.ok(onTheWay.length >= 8 && onTheWay.length <= 12, `${onTheWay.length} files`)
})

test('the table says what each file on the way does', () => {
  const rows = [...page.matchAll(/^\| `((?:core|zre)\/[\w/-]+)` \| \S/gm)].map(([, name]) => name)
  assert.deepEqual(
    rows,
    onTheWay.toSorted((one, other) => rows.indexOf(one) - rows.indexOf(other)),
  )
})

/** What a file imports, by name; a package by its own. */
function importsOf(name: string): string[] {
  const modules = readFileSync(fileOf(name), 'utf8').matchAll(/\bfrom '([^']+)'|\bimport\('([^']+)'\)/g)
  return Array.from(modules, ([, fixed, loaded]) => {
    const module = fixed ?? (loaded as string)
    if (!module.startsWith('.')) return module
    const path = join(dirname(fileOf(name)), module).replace(/\.js$/, '')
    return relative(join(root, 'packages'), path).replace('/src/', '/')
  })
}

/** Where two floors meet that do not import each other: both import the interface between them. */
const seams = ['core/transport/transport', '@sleuth/zre']

/** Whether one file can call the other: itself, by a file between them, or by an interface of a seam. */
function reaches(from: string, to: string): boolean {
  const direct = importsOf(from)
  if (direct.includes(to)) return true
  if (direct.some((between) => exists(between) && importsOf(between).includes(to))) return true
  const home = to.startsWith('zre/') ? '@sleuth/zre' : undefined
  return seams.some((seam) => direct.includes(seam) && (importsOf(to).includes(seam) || seam === home))
}

for (let i = 0; i + 2 < way.length; i += 2) {
  const [from, arrow, to] = way.slice(i, i + 3) as [string, string, string]
  if (arrow === '⇒' || !isFile(from) || !isFile(to)) continue
  test(`${from} and ${to} know each other`, () => {
    assert.ok(exists(from), from)
    assert.ok(exists(to), to)
    // An answer goes to whoever handed over its receiver, and an event to whoever listens for it.
    const listens = from.startsWith('zre/') && importsOf(to).includes('@sleuth/zre')
    assert.ok(reaches(from, to) || reaches(to, from) || listens)
  })
}

test('every file that the page names is there', () => {
  const names = [...page.matchAll(/`((?:core|zre)\/[\w/-]+)`/g)].map(([, name]) => name as string)
  assert.ok(names.length > 12)
  for (const name of names) {
    const folder = join(root, 'packages', name.replace('/', '/src/'))
    assert.ok(exists(name) || existsSync(folder), name)
  }
})

test('every file that the page names within a folder is there', () => {
  const paragraphs = page.matchAll(/^\*\*[^*]+\*\* \(`((?:core|zre)(?:\/[\w/]+)?)`\)\.(.*?)\n\n/gms)
  let seen = 0
  for (const [, folder = '', text = ''] of paragraphs) {
    for (const [, file = ''] of text.matchAll(/`([\w/-]+\.ts)`/g)) {
      const [first = '', ...rest] = folder.split('/')
      assert.ok(existsSync(join(root, 'packages', first, 'src', ...rest, file)), `${folder}/${file}`)
      seen++
    }
  }
  assert.ok(seen > 10)
})

const house = /```\n(packages\/zre.*?)```/s.exec(page)?.[1] ?? ''

test('every folder of the house exists', () => {
  let inside = ''
  let seen = 0
  for (const entry of house.matchAll(/^( *)([\w./-]+\/[\w./-]*)/gm)) {
    const [, indent = '', path = ''] = entry
    if (indent === '') inside = path
    assert.ok(existsSync(join(root, indent === '' ? path : join(inside, path))), `${inside} ${path}`)
    seen++
  }
  assert.ok(seen > 10)
})
