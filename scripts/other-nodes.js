// Runs under other versions of Node the tests of what depends on Node's own HTTP classes: npm run test:nodes
// With `-- --full` the contract asks every framework over both wires there; else `node` and `fetch` over both, the others over
// the newest.
// The versions come as the npm package `node`, into a temporary folder. A version that can't be had is a failure.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { root } from './kinds.js'

/** Every major version that is supported, but for the oldest: everything runs under that one (.nvmrc). */
const MAJORS = [22, 24]

/**
 * Private fields of Node's HTTP classes are set in server/node-http, and serve reads those of Node's `Request` and `Response`.
 * These tests notice when a version changes them. Not among them: test/fetch, which compares with the `fetch` of the Node that
 * runs it. That of Node 24 takes fewer makes of bodies. `@sleuth/testing` puts a clock in the place of Node's timers.
 * Direct connections rest on Node's TLS, and on what its sockets do beside what is documented.
 */
const TESTS = [
  'contract',
  'adapters',
  'packages/core/test/serve/',
  'packages/core/test/server',
  'packages/core/test/transport/streams',
  'packages/core/test/transport/direct',
  'packages/testing/test',
]

/** These run under this Node, and what they start under another: the two call each other. */
const MIXED = ['packages/core/test/processes/versions']

/** One that is too old: programs say so there. */
const OLD = 18

const isFull = process.argv.includes('--full')
const failed = []
for (const major of [OLD, ...MAJORS]) {
  const folder = mkdtempSync(join(tmpdir(), `node-${major}-`))
  try {
    if (!install(major, folder) || !(major === OLD ? testOld(folder) : test(major, folder)))
      failed.push(major)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
if (failed.length > 0) console.error(`\nFailed under Node ${failed.join(' and ')}.`)
process.exitCode = failed.length > 0 ? 1 : 0

function install(major, folder) {
  console.log(`\n== Node ${major}`)
  const args = ['install', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error', `node@${major}`]
  return spawnSync('npm', args, { cwd: folder, stdio: 'inherit' }).status === 0
}

/** The tests run under this Node, and what they start under the old one. */
function testOld(folder) {
  return run({ ...process.env, OLD_NODE: join(folder, 'node_modules/node/bin/node') }, [
    'test/package/old-node',
  ])
}

function test(major, folder) {
  const bin = join(folder, 'node_modules/node/bin')
  const env = {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    ...(!isFull && { SLEUTH_CONTRACT_WIRES: 'newest' }),
  }
  const { stdout } = spawnSync('node', ['--version'], { env, encoding: 'utf8' })
  console.log(`runs ${stdout?.trim()}`)
  if (!stdout?.startsWith(`v${major}.`)) return false
  return run(env, TESTS) && run({ ...process.env, OTHER_NODE: join(bin, 'node') }, MIXED)
}

function run(env, tests) {
  const args = [join(root, 'scripts/test.js'), ...tests]
  return spawnSync('node', args, { cwd: root, env, stdio: 'inherit' }).status === 0
}
