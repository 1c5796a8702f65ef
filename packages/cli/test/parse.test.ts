import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Options } from '#src/command.js'
import { readCount, readDuration } from '#src/command-line/duration.js'
import { nearest } from '#src/command-line/nearest.js'
import { parse, splitCommand } from '#src/command-line/parse.js'
import { UsageError } from '#src/usage-error.js'

const options = {
  request: { type: 'string', short: 'X', value: 'METHOD', help: 'the method' },
  header: { type: 'string', short: 'H', multiple: true, value: 'LINE', help: 'a header' },
  fail: { type: 'boolean', short: 'f', help: 'fail' },
  silent: { type: 'boolean', short: 's', help: 'silent' },
  wait: { type: 'string', value: 'TIME', default: '1s', help: 'wait' },
} as const satisfies Options

function fails(args: string[], message: RegExp): void {
  assert.throws(
    () => parse(args, options),
    (error) => error instanceof UsageError && message.test(error.message),
  )
}

describe('arguments of a command', () => {
  test('are values, positionals, and what stands after --', () => {
    const args = ['a', '-sf', '-XPOST', '-H', 'a: 1', '--header=b: 2', 'c', '--', 'run', '--fail', '-X']
    const { values, positionals, rest } = parse(args, options)
    assert.deepEqual(
      { ...values },
      { request: 'POST', header: ['a: 1', 'b: 2'], fail: true, silent: true, wait: '1s' },
    )
    assert.deepEqual(positionals, ['a', 'c'])
    assert.deepEqual(rest, ['run', '--fail', '-X'])
  })

  test('may have - as a value, and a value with a dash after =', () => {
    assert.equal(parse(['--request', '-'], options).values.request, '-')
    assert.equal(parse(['--request=-x'], options).values.request, '-x')
    assert.equal(parse(['-X-x'], options).values.request, '-x')
  })

  test('that are wrong are named, and the option that was perhaps meant', () => {
    fails(['--requets', 'x'], /^there is no option --requets; did you mean --request\?$/)
    fails(['--req', 'x'], /did you mean --request\?$/)
    fails(['-z'], /^there is no option -z$/)
    fails(['--constructor'], /^there is no option --constructor$/)
    fails(['--request'], /^--request needs a value: --request METHOD$/)
    fails(['-X', '--fail'], /^-X needs a value; if it is "--fail", write --request=--fail$/)
    fails(['--fail=yes'], /^--fail takes no value, and has "yes"$/)
  })

  test('of all commands may stand before the name of the command', () => {
    assert.deepEqual(splitCommand(['--wait', '2s', 'ls', 'a', '--fail'], options), [
      'ls',
      ['--wait', '2s', 'a', '--fail'],
    ])
    assert.deepEqual(splitCommand(['--fail'], options), [undefined, ['--fail']])
    assert.deepEqual(splitCommand(['--', 'ls'], options), [undefined, ['--', 'ls']])
  })
})

test('a time has a unit, or is in seconds', () => {
  const times = ['500ms', '2s', '1.5m', '1h', '3', '.5s', '0']
  assert.deepEqual(
    times.map((time) => readDuration('--wait', time)),
    [500, 2000, 90_000, 3_600_000, 3000, 500, 0],
  )
  for (const wrong of ['', '-1', '1d', '1e3', '1 s', 'Infinity', '.', 'ms']) {
    assert.throws(() => readDuration('--wait', wrong), /^UsageError: --wait must be a time such as/, wrong)
  }
})

test('a time is one that a timer can wait for', () => {
  assert.equal(readDuration('--wait', '596h'), 596 * 3_600_000)
  assert.throws(() => readDuration('--wait', '597h'), /--wait must be a time from 0ms to 596h, and is "597h"/)
  assert.equal(readDuration('--interval', '100ms', 100), 100)
  assert.throws(() => readDuration('--interval', '0', 100), /--interval must be a time from 100ms to 596h/)
})

test('a count is a whole number', () => {
  assert.equal(readCount('-c', '64', 64), 64)
  assert.throws(() => readCount('-c', '65', 64), /-c must be a whole number, at least 1 and at most 64, and/)
  for (const wrong of ['0', '-1', '1.5', '', 'x', '1e3', '99999999999999999999']) {
    assert.throws(() => readCount('-c', wrong), /^UsageError: -c must be a whole number, at least 1/, wrong)
  }
})

test('a word is near to one that begins with it, or has two letters of difference', () => {
  const words = ['ls', 'watch', 'call', 'completion']
  const found = {
    wacth: 'watch',
    cal: 'call',
    comp: 'completion',
    sl: 'ls',
    l: 'ls',
    serve: undefined,
    x: undefined,
  }
  assert.deepEqual(Object.fromEntries(Object.keys(found).map((word) => [word, nearest(word, words)])), found)
})
