import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readPage, root } from './markdown.js'

const page = readPage('docs/architecture.md')
const line = page.slice(0, page.indexOf('\n'))

test('the page on architecture begins with one request, told by file names', () => {
  assert.match(line, /^`core\/client\/\w+ → .* ⇒ .* ⇒ .* → core\/transport\/streams\/client-stream`$/)
})

for (const step of new Set(line.replaceAll('`', '').split(/ [→⇒] /))) {
  if (step === "the app's router") continue
  test(`there is a file ${step}`, () => {
    const [name = '', ...path] = step.split('/')
    assert.ok(existsSync(join(root, 'packages', name, 'src', `${path.join('/')}.ts`)))
  })
}

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
