import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

/** Node as it is where the addon of zeromq is not installed, or not built for the platform. */
function runWithoutAddon(program: string) {
  const prelude = `
    import Module from 'node:module'
    const resolve = Module._resolveFilename
    Module._resolveFilename = function (request, ...rest) {
      if (request === 'zeromq') throw new Error('no such addon')
      return resolve.call(this, request, ...rest)
    }`
  const entry = JSON.stringify(import.meta.resolve('@sleuth/core'))
  const code = `${prelude}
    const { createSleuth, generateKeys } = await import(${entry})
    ${program}`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    encoding: 'utf8',
    env: { ...process.env, SLEUTH_INTERFACE: 'loopback' },
  })
  return stdout.trim() || stderr
}

test('the package is imported, and `enabled: false` works, without the addon of zeromq', () => {
  const output = runWithoutAddon(`
    const sleuth = await createSleuth({ enabled: false })
    console.log(await sleuth.do('sleuth://foo/').catch((error) => error.code), typeof generateKeys)`)
  assert.equal(output, 'SLEUTH_DISABLED function')
})

test('a node that is opened without the addon of zeromq rejects with a code and the reason', () => {
  const output = runWithoutAddon(`
    const error = await createSleuth().catch((error) => error)
    console.log(error.code, error.cause.code, error.message.includes('no such addon'))`)
  assert.equal(output, 'SLEUTH_START ZRE_ADDON true')
})
