import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('thread.js', import.meta.url))

/** What zeromq.js leaves open in a thread that ends makes it abort the whole process. */
describe('a worker thread that has joined a network', () => {
  const cases = {
    exit: ['exit code 0'],
    throw: ['thrown in the thread', 'exit code 1'],
    close: ['exit code 0'],
    'close, terminate': ['exit code 1'],
  }
  for (const [how, output] of Object.entries(cases)) {
    test(`ends with ${how}, and its process lives on`, () => {
      const { stdout, stderr, signal } = spawnSync(process.execPath, [program, how], {
        encoding: 'utf8',
        timeout: 60_000,
      })
      assert.equal(signal, null, stderr)
      assert.deepEqual(stdout.trim().split('\n'), output, stderr)
    })
  }
})
