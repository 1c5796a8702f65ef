import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { root } from './workspace.js'

/** `npm run test:nodes` gives an older Node, in which imports fail that this one has. */
const old = process.env.OLD_NODE
/** Else this Node takes itself for an older one. */
const fake = `data:text/javascript,${encodeURIComponent(
  "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.8' } })",
)}`
const sentence = /this is Node 18\.\d+\.\d+[:;] install Node 20\.19 or later\n/

function run(...args: string[]) {
  const env = { ...process.env, SLEUTH_INTERFACE: 'loopback', SLEUTH_PORT: '28797' }
  return spawnSync(old ?? process.execPath, [...(old ? [] : ['--import', fake]), ...args], {
    // From there the packages are found.
    cwd: join(root, 'test'),
    encoding: 'utf8',
    env,
    timeout: 60_000,
  })
}

const program = (code: string) => ['--input-type=module', '--eval', code]

for (const [name, file] of [
  ['sleuth', 'packages/cli/bin/sleuth.js'],
  ['create-sleuth', 'packages/create-sleuth/dist/bin.js'],
] as const)
  test(`${name} on an older Node says which one it needs, and no more`, () => {
    const { status, stdout, stderr } = run(join(root, file), '--help')
    assert.match(stderr, sentence)
    assert.equal(stderr.trimEnd().includes('\n'), false)
    assert.deepEqual([status, stdout], [1, ''])
  })

for (const [name, code] of [
  ['@sleuth/core', "import { createSleuth } from '@sleuth/core'; await createSleuth()"],
  ['@sleuth/express', "import sleuth from '@sleuth/express'; await sleuth().join()"],
  ['@sleuth/koa', "import sleuth from '@sleuth/koa'; await sleuth().join()"],
  ['@sleuth/hono', "import sleuth from '@sleuth/hono'; await sleuth().join()"],
  [
    '@sleuth/node',
    "import http from 'node:http'; import sleuth from '@sleuth/node'; await sleuth(http.createServer()).join()",
  ],
] as const)
  test(`${name} on an older Node rejects with the version that it needs`, () => {
    const caught = code.replace(/await (.*)$/, 'await ($1).catch((error) => console.log(error.message))')
    const { stdout, stderr } = run(...program(caught))
    assert.match(stdout, sentence, stderr)
  })
