import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { packages, root, sources } from './workspace.js'

/** What a reader can hold. The number only falls. */
const MAX_LINES = 300

for (const name of packages) {
  test(`no file of ${name} has more than ${MAX_LINES} lines`, async () => {
    const long: string[] = []
    for (const file of await sources(name)) {
      const lines = (await readFile(join(root, 'packages', name, 'src', file), 'utf8')).split('\n').length - 1
      if (lines > MAX_LINES) long.push(`${file}: ${lines}`)
    }
    assert.deepEqual(long, [])
  })
}
