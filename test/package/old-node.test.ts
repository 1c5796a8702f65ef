import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isNodeSupported } from '@sleuth/core/diagnostics'
import { root } from './workspace.js'

/** `npm run test:nodes` gives an older Node, in which imports fail that this one has. */
const old = process.env.OLD_NODE
const sentence = /this is Node \d+\.\d+\.\d+[:;] install Node 22\.12 or later, or Node 20 from 20\.19 on\n/

/** Else this Node takes itself for an older one. */
function fakeOf(version: string): string {
  const code = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`
  return `data:text/javascript,${encodeURIComponent(code)}`
}

function runAs(version: string, ...args: string[]) {
  const env = { ...process.env, SLEUTH_INTERFACE: 'loopback', SLEUTH_PORT: '28797' }
  return spawnSync(old ?? process.execPath, [...(old ? [] : ['--import', fakeOf(version)]), ...args], {
    // From there the packages are found.
    cwd: join(root, 'test'),
    encoding: 'utf8',
    env,
    timeout: 60_000,
  })
}

function run(...args: string[]) {
  return runAs('18.20.8', ...args)
}

const program = (code: string) => ['--input-type=module', '--eval', code]

for (const [name, file] of [
  ['sleuth', 'packages/cli/bin/sleuth.js'],
  ['create-sleuth', 'packages/create-sleuth/dist/bin.js'],
] as const) {
  test(`${name} on an older Node says which one it needs, and no more`, () => {
    const { status, stdout, stderr } = run(join(root, file), '--help')
    assert.match(stderr, sentence)
    assert.equal(stderr.trimEnd().includes('\n'), false)
    assert.deepEqual([status, stdout], [1, ''])
  })

  test(`${name} takes the versions that the packages state, and no others`, { skip: old }, () => {
    const versions = ['20.18.3', '20.19.0', '21.7.3', '22.11.0', '22.12.0', '23.0.0', '24.1.0']
    const taken = versions.filter((version) => runAs(version, join(root, file), '--help').status === 0)
    assert.deepEqual(taken, versions.filter(isNodeSupported))
  })
}

test('all packages state the same versions', () => {
  const stated = readdirSync(join(root, 'packages')).map((name) => {
    const text = readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')
    return (JSON.parse(text) as { engines: { node: string } }).engines.node
  })
  assert.deepEqual([...new Set(stated)], ['^20.19.0 || >=22.12.0'])
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
