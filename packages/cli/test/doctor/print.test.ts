import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { PassThrough } from 'node:stream'
import { describe, test } from 'node:test'
import type { Io } from '#src/command.js'
import { fail, ok, warn } from '#src/doctor/check.js'
import { checks } from '#src/doctor/checks/index.js'
import { signsFor } from '#src/doctor/marks.js'
import { Printer } from '#src/doctor/print.js'
import { runCheck } from '#src/doctor/run-check.js'

function printing(given: Partial<Io> = {}) {
  const stdout = new PassThrough()
  const io = {
    stdout,
    env: {},
    isTTY: false,
    columns: 80,
    json: false,
    style: (_: unknown, text: string) => text,
    ...given,
  }
  const printer = new Printer(io as Io, ['a', 'long-name'])
  return { printer, text: () => String(stdout.read() ?? '') }
}

describe('the output of doctor', () => {
  test('has a sign, the check, a sentence and a remedy', () => {
    const { printer, text } = printing()
    printer.print('a', [ok('fine'), fail('bad', 'Mend it.')])
    printer.print('long-name', [warn('odd', 'Look.')])
    printer.end()
    assert.equal(
      text(),
      [
        '[ok] a          fine',
        '[XX] a          bad',
        '                -> Mend it.',
        '[!!] long-name  odd',
        '                -> Look.',
        '',
        'one failure, one warning.',
        '',
      ].join('\n'),
    )
    assert.equal(printer.exitCode, 2)
  })

  test('has the exit code of the worst finding', () => {
    const { printer, text } = printing()
    printer.print('a', [ok('fine')])
    assert.equal(printer.exitCode, 0)
    printer.end()
    assert.match(text(), /All is well\.\n$/)
    printer.print('a', [warn('odd', 'Look.')])
    assert.equal(printer.exitCode, 1)
  })

  test('breaks lines in a terminal alone', () => {
    const long = 'word '.repeat(30).trim()
    const narrow = printing({ isTTY: true, columns: 40 })
    narrow.printer.print('a', [fail(long, long)])
    for (const line of narrow.text().split('\n')) assert.ok(line.length <= 40, line)
    const piped = printing()
    piped.printer.print('a', [ok(long)])
    assert.equal(piped.text().split('\n').length, 2)
  })

  test('writes nothing of peers into the terminal but text', () => {
    const { printer, text } = printing()
    printer.print('a', [ok('a\u001b[2Jb\nc')])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
    assert.doesNotMatch(text(), /\u001b|b\nc/)
  })

  test('is one JSON object a line', () => {
    const { printer, text } = printing({ json: true })
    printer.print('a', [ok('fine'), warn('odd', 'Look.')])
    printer.end()
    const objects = text()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual(objects, [
      { check: 'a', status: 'ok', text: 'fine' },
      { check: 'a', status: 'warn', text: 'odd', remedy: 'Look.' },
    ])
  })
})

describe('the signs', () => {
  test('are ASCII where a terminal can show no others', () => {
    const ascii = (env: Record<string, string>, platform: NodeJS.Platform = 'linux') =>
      signsFor(env, platform).ok === '[ok]'
    assert.ok(ascii({}))
    assert.ok(ascii({ LANG: 'C' }))
    assert.ok(ascii({ LANG: 'en_GB.UTF-8', LC_ALL: 'POSIX' }))
    assert.ok(ascii({ LANG: 'en_GB.UTF-8', TERM: 'dumb' }))
    assert.ok(ascii({ LANG: 'en_GB.UTF-8', TERM: 'linux' }))
    assert.ok(ascii({ LANG: 'en_GB.UTF-8' }, 'win32'))
    assert.ok(!ascii({ WT_SESSION: '1' }, 'win32'))
    assert.ok(!ascii({ LANG: 'en_GB.utf8', TERM: 'xterm' }))
    assert.ok(!ascii({}, 'darwin'))
  })
})

describe('a check that fails itself', () => {
  const broken = { name: 'broken', run: () => Promise.reject(new Error('oops')) }

  test('is a finding', async () => {
    const [found] = await runCheck(broken, {} as never, new AbortController().signal)
    assert.deepEqual([found?.status, found?.text], ['fail', 'the check itself failed: oops'])
  })

  test('is none when the user has stopped it', async () => {
    await assert.rejects(runCheck(broken, {} as never, AbortSignal.abort(new Error('stop'))), /stop/)
  })
})

describe('the documentation of doctor', () => {
  test('lists every check, in the order of the output', async () => {
    const text = await readFile(new URL('../../../../../docs/cli.md', import.meta.url), 'utf8')
    const section = text.slice(text.indexOf('| check | what it looks at |'))
    const rows = section.slice(0, section.indexOf('\n\n')).matchAll(/^\| `([a-z-]+)` \|/gm)
    assert.deepEqual(
      [...rows].map(([, name]) => name),
      checks.map(({ name }) => name),
    )
  })
})
