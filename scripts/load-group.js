// Runs the test files of a group in this process, one after the other: each is a suite with the name of its source, so that
// its hooks are its own, and a failure or a test that hangs tells its file.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, describe } from 'node:test'

/** For one file. Most take less than a second. */
const FILE_TIMEOUT_MS = 120_000
/** After the last test. What is closed by then keeps no process alive. */
const EXIT_TIMEOUT_MS = 10_000

// A suite takes the tests that are made before its function returns, so its file is loaded by `require`.
const require = createRequire(import.meta.url)

/** @param {[source: string, built: string][]} files */
export function load(files) {
  const before = surroundings()
  for (const [source, built] of files) {
    describe(source, { timeout: FILE_TIMEOUT_MS }, () => {
      require(built)
      after(() =>
        assert.deepEqual(surroundings(), before, 'This file leaves a mock or a variable to those after it.'),
      )
      if (source === files.at(-1)[0]) after(endSoon)
    })
  }
}

/** What a test may replace, and must put back. */
function surroundings() {
  return {
    globals: [setTimeout, setInterval, setImmediate, queueMicrotask, Date, fetch, performance.now],
    env: { ...process.env },
  }
}

function endSoon() {
  setTimeout(() => {
    console.error(`This process does not end, because of ${process.getActiveResourcesInfo().join(', ')}`)
    process.exit(1)
  }, EXIT_TIMEOUT_MS).unref()
}
