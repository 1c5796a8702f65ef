import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { packages, root, sources } from './workspace.js'

/** Node's private names begin with `_`: such a property is read, or taken apart. */
const privates = /(?:\.|const \{(?:[^}]*[\s{,])?)(_[a-zA-Z]\w*)/g
const comment = /\/\*[\s\S]*?\*\/|\/\/.*$/gm

/**
 * The response that is under way on a connection over HTTP is found by no other way, and no other way makes a connection that
 * was accepted read into memory of ours.
 */
const exceptions = new Set([
  'core/transport/direct/read-into.ts _handle',
  'core/client/request-context.ts _httpMessage',
  'cli/gateway/gateway.ts _httpMessage',
])

test('private fields of Node are used in core/server/node-http only', async () => {
  const found: string[] = []
  for (const name of packages) {
    for (const file of await sources(name)) {
      if (name === 'core' && file.startsWith('server/node-http/')) continue
      const code = (await readFile(join(root, 'packages', name, 'src', file), 'utf8')).replace(comment, '')
      for (const [, field] of code.matchAll(privates)) {
        const use = `${name}/${file} ${field}`
        if (!exceptions.has(use)) found.push(use)
      }
    }
  }
  assert.deepEqual(found, [])
})
