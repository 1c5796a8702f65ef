// Runs the same tests under each runner, and prints which of them passed.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const here = import.meta.dirname
const jest = join(here, 'node_modules/jest/bin/jest.js')
const vitest = join(here, 'node_modules/vitest/vitest.mjs')

const runners = {
  'node:test': ['--test', 'tests/node.test.js'],
  'node:test, put on a network before it begins': [
    '--import',
    '@sleuth/testing/register',
    '--test',
    'tests/register.test.js',
  ],
  Vitest: [vitest, 'run', '--dir', 'tests'],
  'Jest, ES modules': ['--experimental-vm-modules', jest, '--config', 'jest-esm.config.cjs'],
  'Jest, CommonJS': [jest, '--config', 'jest-cjs.config.cjs'],
}

const rows = Object.entries(runners).map(([name, args]) => {
  console.log(`\n── ${name}`)
  const { status } = spawnSync(process.execPath, args, { cwd: here, stdio: 'inherit', timeout: 300_000 })
  return `${status === 0 ? '✔' : '✖'} ${name}`
})
console.log(`\n${rows.join('\n')}`)
if (rows.some((row) => row.startsWith('✖'))) process.exitCode = 1
