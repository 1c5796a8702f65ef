import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readPage, root } from './markdown.js'

const pages = ['README.md', 'docs/cli.md']

/** Every picture that a page names, as a path from the root. */
function picturesIn(page: string): string[] {
  const folder = page.startsWith('docs/') ? 'docs' : ''
  return Array.from(readPage(page).matchAll(/(?:src|srcset)="([^"]+)"/g), ([, path]) =>
    join(folder, path as string),
  )
}

test('each picture of the docs is there in light and in dark, is small, and is used', () => {
  const used = new Set(pages.flatMap(picturesIn))
  const images = readdirSync(join(root, 'docs/images')).map((name) => `docs/images/${name}`)
  assert.deepEqual([...used].sort(), images.sort())
  for (const image of images) {
    assert.ok(statSync(join(root, image)).size < 80_000, image)
    assert.ok(
      images.includes(
        image.includes('light') ? image.replace('light', 'dark') : image.replace('dark', 'light'),
      ),
    )
  }
})

test('each picture says in words what it shows', () => {
  for (const page of pages) {
    for (const [tag] of readPage(page).matchAll(/<img\b[^>]*>/g)) assert.match(tag, /\balt="[^"]{40,}"/, page)
  }
})
