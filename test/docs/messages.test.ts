import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pageAt } from '@sleuth/core/diagnostics'
import { anchors, root } from './markdown.js'

const sources = readdirSync(join(root, 'packages')).flatMap((name) => {
  const folder = join(root, 'packages', name, 'src')
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return paths.filter((path) => path.endsWith('.ts')).map((path) => join(folder, path))
})

const isComment = (line: string) => /^\s*(?:\/\/|\/?\*)/.test(line)

test('messages name a page by its address on the web, since no package has the file', () => {
  for (const source of sources)
    for (const line of readFileSync(source, 'utf8').split('\n'))
      assert.ok(isComment(line) || !/\bdocs\/[\w-]+\.md/.test(line), `${source}: ${line}`)
})

test('every page and section that a message names is there', () => {
  const named = sources.flatMap((source) =>
    Array.from(readFileSync(source, 'utf8').matchAll(/\bpageAt\('([^']+)'\)/g), ([, page = '']) => page),
  )
  assert.ok(named.length > 5)
  for (const name of named) {
    const [page = '', anchor] = name.split('#')
    const found = anchors(`docs/${page}`)
    assert.ok(anchor === undefined || found.has(anchor), `${name}: there is no such heading`)
  }
})

test('the address is that of the repository', () => {
  const { repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const repo = repository.url.replace(/^git\+|\.git$/g, '')
  assert.equal(pageAt('errors.md'), `${repo}/blob/main/docs/errors.md`)
})
