import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSleuth, SleuthError } from '@sleuth/core'
import { readPage } from './markdown.js'

const options = await namesOfOptions()

for (const page of ['README.md', 'docs/api.md']) {
  test(`the table in ${page} has every option and no other`, () => {
    const [, table = ''] = /^\| option \|.*\n\|[-|]+\|\n((?:\|.*\n)+)/m.exec(readPage(page)) ?? []
    const names = Array.from(table.matchAll(/^\| `(\w+)/gm), ([, name]) => name)
    assert.deepEqual([...new Set(names)].sort(), options.sort())
  })
}

/** The error for an unknown option lists those that exist. */
async function namesOfOptions(): Promise<string[]> {
  try {
    await createSleuth({ nonsense: true } as never)
  } catch (error) {
    assert.ok(error instanceof SleuthError)
    return /the options are (.*)/.exec(error.message)?.[1]?.split(', ') ?? []
  }
  throw new Error('an unknown option was let through')
}
