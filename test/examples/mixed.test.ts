import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { ports } from './ports.js'
import { Program } from './program.js'

const required = process.env.SLEUTH_REQUIRE_INTEROP === '1'

test('Go and Node call each other', { skip: !required && missing() }, async (t) => {
  const mixed = new Program(['examples/mixed/mixed.js'], ports.mixed)
  t.after(() => mixed.kill())
  assert.equal(await mixed.ends(), 0, mixed.output)
  const [, fromNode, fromGo] = mixed.output.split(/A .* calls a .*\n/)
  assert.match(fromNode ?? '', /echo-service \(Go\) is up\n/)
  assert.match(fromNode ?? '', /^It works\.$/m)
  assert.match(fromGo ?? '', /echo-service \(node:http\) is up/)
  assert.match(fromGo ?? '', /^It works\.$/m)
})

/** What is not there to build the Go side with, in words. */
function missing(): string | false {
  if (!runs('go', 'version')) return 'Go is not installed'
  if (!runs('pkg-config', '--exists', 'libzmq'))
    return 'libzmq with its headers and pkg-config are not installed'
  if (!runs('go', 'mod', 'download')) return "the Go modules can't be downloaded"
  return false
}

function runs(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, {
      cwd: new URL('../../../examples/echo/go', import.meta.url),
      stdio: 'ignore',
    })
    return true
  } catch {
    return false
  }
}
