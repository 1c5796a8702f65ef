import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { root } from '../package/workspace.js'
import { SleuthCommand, sleuth } from './command.js'
import { ports } from './ports.js'

const run = (...args: string[]) => sleuth(args, ports.frame)

test('help goes to stdout, and errors to stderr', async () => {
  const [help, none, wrong] = await Promise.all([run('--help'), run(), run('lss')])
  assert.deepEqual([help.code, help.err], [0, ''])
  assert.deepEqual(none, help)
  assert.deepEqual([wrong.code, wrong.out], [2, ''])
  assert.match(wrong.err, /^sleuth: there is no command "lss"; did you mean "sleuth ls"\?\n/)
})

test('an interface that is not there is named, with those that are', async () => {
  const { code, out, err } = await run('ls', '--interface', 'nonsense0')
  assert.deepEqual([code, out], [1, ''])
  assert.match(err, /^sleuth: .*nonsense0.*; set --interface \(or SLEUTH_INTERFACE\) to one that exists\n$/)
})

test('options of every command may stand before its name', async () => {
  const { code, err } = await run('--interface', 'nonsense0', 'ls')
  assert.equal(code, 1)
  assert.match(err, /nonsense0/)
})

test('Ctrl-C and SIGTERM end a command with 130 and 143', async () => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const command = new SleuthCommand(['ls', '--wait', '10m'], ports.frame, {
      env: { SLEUTH_LOG_LEVEL: 'info' },
    })
    await command.prints(/joined/, 'err')
    const ended = await command.stop(signal)
    assert.equal(ended.code, code)
    assert.equal(ended.out, '')
    assert.match(ended.err, /left\n$/, 'it leaves the network first')
  }
})

test('help loads no library, and so no addon', () => {
  const hook = `
    import { writeSync } from 'node:fs'
    export function load(url, context, next) {
      writeSync(1, url + '\\n')
      return next(url, context)
    }`
  const program = `
    import { register } from 'node:module'
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}))
    process.argv = [process.argv[0], 'sleuth', '--help']
    await import(${JSON.stringify(join(root, 'packages/cli/bin/sleuth.js'))})`
  const args = ['--input-type=module', '-e', program]
  const output = execFileSync(process.execPath, args, { encoding: 'utf8' }).split('\n')
  assert.ok(output.some((line) => line.endsWith('/cli/dist/commands/ls.js')))
  const others = output.filter((line) => /^file:/.test(line) && !line.includes('/packages/cli/'))
  assert.deepEqual(others, [])
})
