import assert from 'node:assert/strict'
import { PassThrough, Writable } from 'node:stream'
import { describe, test } from 'node:test'
import { loadAll } from '#src/commands/index.js'
import { exitCodeOf, report, sentenceOf } from '#src/errors.js'
import { wantsColour } from '#src/io.js'
import { main } from '#src/main.js'
import { common } from '#src/options.js'

async function run(args: string[], env: Record<string, string> = {}, columns = 80) {
  const out: string[] = []
  const err: string[] = []
  const to = (list: string[]) =>
    Object.assign(
      new Writable({
        write(chunk, _encoding, done) {
          list.push(String(chunk))
          done()
        },
      }),
      { columns },
    )
  const signal = new AbortController().signal
  const streams = { stdout: to(out), stderr: to(err), stdin: new PassThrough() }
  const code = await main(args, { ...streams, env, signal })
  return { code, out: out.join(''), err: err.join('') }
}

describe('help', () => {
  test('names every command, and fits into the terminal', async () => {
    const commands = await loadAll()
    for (const columns of [60, 80, 120]) {
      const { code, out } = await run([], {}, columns)
      assert.equal(code, 0)
      for (const { name, summary } of commands)
        assert.match(out, new RegExp(`^  ${name} +${summary.slice(0, 12)}`, 'm'))
      for (const line of out.split('\n')) assert.ok(line.length <= columns, line)
    }
  })

  test('of a command is the same in three ways, and has its examples and options', async () => {
    for (const { name, options, examples } of await loadAll()) {
      const ways = [
        [name, '--help'],
        [name, '-h'],
        ['help', name],
      ]
      const [first, ...others] = await Promise.all(ways.map((args) => run(args)))
      assert.ok(first && first.code === 0 && first.err === '')
      for (const other of others) assert.deepEqual(other, first)
      for (const option of Object.keys({ ...options, ...common }))
        assert.ok(first.out.includes(`--${option}`), option)
      for (const [example] of examples) assert.ok(first.out.includes(example), example)
      for (const line of first.out.split('\n'))
        assert.ok(line.length <= 80 || examples.some(([text]) => line.includes(text)), line)
    }
  })
})

describe('every command', () => {
  test('is described in the way of the others', async () => {
    for (const { name, summary, usage, options, examples } of await loadAll()) {
      assert.match(summary, /^[A-Z][^.]{9,58}$/, `${name}: one line, without a full stop`)
      assert.ok(usage === name || usage.startsWith(`${name} `), usage)
      assert.ok(examples.length > 0, `${name} teaches by examples`)
      for (const [example] of examples) assert.match(example, /\bsleuth\b/)
      for (const [option, { type, value, help, short }] of Object.entries(options)) {
        assert.match(option, /^[a-z][a-z-]*$/)
        assert.equal(value === undefined, type === 'boolean', `--${option} of ${name}`)
        if (value !== undefined) assert.match(value, /^[A-Z@:=,[\]{}|.]+$/)
        assert.ok(help.length > 5 && !help.endsWith('.'), `--${option} of ${name}`)
        assert.ok(short === undefined || (short.length === 1 && short !== 'h'), `--${option} of ${name}`)
        assert.ok(!Object.hasOwn(common, option), `--${option} of ${name}`)
      }
    }
  })
})

describe('errors', () => {
  test('of the command line end with 2, and say what to read', async () => {
    assert.deepEqual(await run(['sl']), {
      code: 2,
      out: '',
      err: 'sleuth: there is no command "sl"; did you mean "sleuth ls"?\nTry "sleuth --help".\n',
    })
    assert.deepEqual(await run(['ls', '--wat', '3s']), {
      code: 2,
      out: '',
      err: 'sleuth: there is no option --wat; did you mean --wait?\nTry "sleuth ls --help".\n',
    })
    assert.deepEqual(await run(['--nonsense']), {
      code: 2,
      out: '',
      err: 'sleuth: there is no option --nonsense\nTry "sleuth --help".\n',
    })
    assert.equal((await run(['constructor'])).code, 2)
  })

  test('are objects with --json', async () => {
    const { code, err } = await run(['ls', '--json', '--port', 'x'])
    assert.equal(code, 2)
    const { error } = JSON.parse(err)
    assert.deepEqual(error, {
      code: 'USAGE',
      message: '--port must be a UDP port from 1 to 65535, and is "x"',
    })
  })

  test('have nothing of what a peer said that a terminal would obey', () => {
    const lines: string[] = []
    const stderr = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk))
        done()
      },
    })
    const io = { stderr, styleError: (_: unknown, text: string) => text }
    const said = Object.assign(new Error('it said \u001b]0;x\u0007\u009b2J\nand more'), {
      code: 'SLEUTH_CUT',
    })
    for (const json of [false, true]) report(said, { ...io, json } as unknown as Parameters<typeof report>[1])
    report(new Error('fault \u001b[2J'), { ...io, json: false } as unknown as Parameters<typeof report>[1])
    assert.doesNotMatch(lines.join('').replaceAll('\n', ''), /\p{Cc}/u)
    assert.equal(lines[0], 'sleuth: it said \ufffd]0;x\ufffd\ufffd2J\ufffdand more\n')
    assert.ok(lines.some((line) => line.includes('\n    at ')))
  })

  test('of the library speak of options of the command', async () => {
    assert.equal(sentenceOf(new Error('options.seeds[0] is no seed')), '--seed[0] is no seed')
    assert.equal(sentenceOf(new Error('options.security.publicKey is wrong')), '--keys is wrong')
    assert.equal(
      sentenceOf(new Error('set options.listen (or SLEUTH_LISTEN)')),
      'set options.listen (or SLEUTH_LISTEN)',
    )
    assert.equal(sentenceOf('text'), 'text')
  })

  test('of what is written wrong end with 2, and of what can not be used now with 1', () => {
    const wrong = (code: string) =>
      Object.assign(new Error('', { cause: Object.assign(new Error(), { code }) }), {
        code: 'SLEUTH_DISCOVERY',
      })
    assert.deepEqual([wrong('ZRE_OPTION'), wrong('ZRE_DISCOVERY')].map(exitCodeOf), [2, 1])
  })

  test('have the exit codes of curl where curl has one', () => {
    const coded = (code: string) => exitCodeOf(Object.assign(new Error(), { code }))
    const codes = [
      'SLEUTH_UNKNOWN_SERVICE',
      'SLEUTH_TIMEOUT',
      'SLEUTH_URL',
      'SLEUTH_INTERFACE',
      'ENOENT',
    ].map(coded)
    assert.deepEqual([...codes, exitCodeOf(new Error()), exitCodeOf(undefined)], [6, 28, 2, 1, 1, 1, 1])
  })
})

test('what stands after -- is an argument, unless it is a command', async () => {
  const { code, err } = await run(['ls', '--', 'a', '--json'])
  assert.equal(code, 2)
  assert.match(err, /^sleuth: ls takes one service at most, and not "--json"/)
  assert.match((await run(['help', 'ls', 'call'])).err, /^sleuth: help takes one command, and not "call"/)
})

test('colours are for terminals, unless the environment says otherwise', () => {
  const cases: [Record<string, string>, boolean, boolean][] = [
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ TERM: 'dumb' }, true, false],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
  ]
  for (const [env, isTTY, expected] of cases)
    assert.equal(wantsColour(env, isTTY), expected, JSON.stringify(env))
})

test('--no-color goes before the environment', async () => {
  const colour = '\u001b'
  assert.ok((await run([], { FORCE_COLOR: '1' })).out.includes(colour))
  assert.ok(!(await run(['--no-color'], { FORCE_COLOR: '1' })).out.includes(colour))
  assert.ok(!(await run(['ls', '--nope', '--no-color'], { FORCE_COLOR: '1' })).err.includes(colour))
})

test('the version is that of the package', async () => {
  const { code, out } = await run(['--version'])
  assert.equal(code, 0)
  assert.match(out, /^\d+\.\d+\.\d+\n$/)
  assert.equal((await run(['ls', '--version'])).out, out)
})
