import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('thread.js', import.meta.url))

/** What zeromq.js waits for in a thread that ends makes it abort the whole process. */
describe('a worker thread that has joined a network', () => {
  const cases = {
    exit: ['exit code 0'],
    throw: ['thrown in the thread', 'exit code 1'],
    close: ['exit code 0'],
    terminate: ['exit code 1'],
    'exit of the main thread': [],
  }
  for (const [how, output] of Object.entries(cases)) {
    test(`calls, is called, and ends with ${how}; its process does not abort`, () => {
      const { stdout, stderr, signal, status } = spawnSync(process.execPath, [program, how], {
        encoding: 'utf8',
        timeout: 60_000,
      })
      assert.equal(signal, null, stderr)
      assert.deepEqual(stdout.trim().split('\n'), ['1000000 bytes from foo, bar went', ...output], stderr)
      assert.equal(status, how === 'exit of the main thread' ? 3 : 0)
    })
  }
})
