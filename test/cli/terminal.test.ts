import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Sleuth } from '@sleuth/core'
import { noTerminal, SleuthCommand, sleuth } from './command.js'
import { ports } from './ports.js'
import { serve } from './service.js'

const port = ports.terminal
const colour = '\u001b['
const home = '\u001b\\[H'

let service: Sleuth
before(async () => {
  service = await serve(
    port,
    'a-service',
    (request, response) => void response.end(request.url === '/binary' ? Buffer.from([0]) : 'no line end'),
    { name: 'one' },
  )
})
after(() => service.close())

describe('in a terminal', { skip: noTerminal }, () => {
  const shown = (args: string[], env: Record<string, string> = {}) =>
    sleuth(args, port, { terminal: true, env })

  test('there are colours, unless the user wants none', async () => {
    const cases: [env: Record<string, string>, args: string[], coloured: boolean][] = [
      [{}, [], true],
      [{ NO_COLOR: '1' }, [], false],
      [{ TERM: 'dumb' }, [], false],
      [{ FORCE_COLOR: '0' }, [], false],
      [{}, ['--no-color'], false],
      [{}, ['--json'], false],
    ]
    await Promise.all(
      cases.map(async ([env, args, coloured]) => {
        const { code, out } = await shown(['ls', ...args], env)
        assert.equal(code, 0, out)
        assert.match(out, /a-service/)
        assert.equal(out.includes(colour), coloured, JSON.stringify({ env, args, out }))
      }),
    )
  })

  test('an error is coloured, and says the same without', async () => {
    const [coloured, plain] = await Promise.all([shown(['lss']), shown(['lss', '--no-color'])])
    assert.ok(coloured.out.startsWith(colour))
    const codes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g')
    assert.equal(coloured.out.replace(codes, ''), plain.out)
    assert.deepEqual([coloured.code, plain.code], [2, 2])
  })

  test('an error has colours where stderr is the terminal, and stdout is not', async () => {
    const command = new SleuthCommand(['lss'], port, { terminal: true, shell: '>/dev/null' })
    const other = new SleuthCommand(['lss'], port, { terminal: true, shell: '2>&1 >/dev/null | cat' })
    const [{ out: toTerminal }, { out: toPipe }] = await Promise.all([command.ends(), other.ends()])
    assert.ok(toTerminal.startsWith(colour), toTerminal)
    assert.ok(toPipe.startsWith('sleuth:'), toPipe)
  })

  test('help fits the width', async () => {
    const { out } = await shown(['--help', '--no-color'])
    for (const line of out.split('\r\n')) assert.ok(line.length <= 80, line)
  })

  test('Ctrl-C ends watch', async (t) => {
    const command = new SleuthCommand(['watch'], port, { terminal: true })
    t.after(() => command.kill())
    await command.prints(/a-service/)
    assert.match(command.out, /Ctrl-C ends/)
    command.type('\u0003')
    assert.equal((await command.ends()).code, 130)
    assert.ok(!command.out.includes('down'), 'nothing goes because this node goes')
  })

  test('watch --top draws on a screen of its own, and gives the terminal back', async (t) => {
    const command = new SleuthCommand(['watch', '--top', '--interval', '100ms'], port, { terminal: true })
    t.after(() => command.kill())
    // The second picture begins where the first one did.
    await command.prints(new RegExp(`${home}.*a-service.*${home}.*a-service`, 's'))
    command.type('\u0003')
    const { code, out } = await command.ends()
    assert.equal(code, 130)
    assert.ok(out.includes('\u001b[?1049h'))
    assert.match(out.slice(out.lastIndexOf('\u001b[?1049l')), /SERVICE.*a-service +one/s)
  })

  test('a body ends its line, and binary is refused unless the user insists', async () => {
    const [text, binary, insists] = await Promise.all([
      shown(['call', 'a-service/']),
      shown(['call', 'a-service/binary']),
      shown(['call', 'a-service/binary', '-o', '-']),
    ])
    assert.deepEqual([text.code, text.out], [0, 'no line end\r\n'])
    assert.equal(binary.code, 1)
    assert.match(binary.out, /the body is not text: write it to a file with -o FILE/)
    assert.deepEqual([insists.code, insists.out], [0, '\0'])
  })
})

test('in a pipe there are no colours, unless the user wants them', async () => {
  const [plain, forced] = await Promise.all([
    sleuth(['ls'], port),
    sleuth(['ls'], port, { env: { FORCE_COLOR: '1' } }),
  ])
  assert.ok(!plain.out.includes(colour))
  assert.ok(forced.out.includes(colour))
})
