import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { anchors, pages, readPage, root, withoutBlocks } from './markdown.js'

/** `[text](target)`, without images of other sites. */
const link = /\]\(([^)\s]+)\)/g

for (const page of pages()) {
  test(`every link in ${page} leads somewhere`, () => {
    for (const [, target = ''] of withoutBlocks(readPage(page)).matchAll(link)) {
      if (/^https?:/.test(target)) continue
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page : normalize(join(dirname(page), path))
      assert.ok(existsSync(join(root, file)), target)
      if (anchor !== undefined) assert.ok(anchors(file).has(anchor), `${target}: there is no such heading`)
    }
  })
}
