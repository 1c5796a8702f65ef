import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { sleuth } from './command.js'
import { ports } from './ports.js'

const run = (...args: string[]) => sleuth(args, ports.frame)

/** Why a shell can't be tested here. With `SLEUTH_REQUIRE_INTEROP=1`, as in .ci/run, the test fails instead. */
function missing(shell: string): string | false {
  if (process.env.SLEUTH_REQUIRE_INTEROP === '1') return false
  return spawnSync(shell, ['-c', 'true']).status === 0 ? false : `${shell} is not installed`
}

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sleuth-completion-'))
  await mkdir(join(folder, 'home'))
  await writeFile(join(folder, 'home/some.keys'), '')
})
after(() => rm(folder, { recursive: true }))

/** Sequences that move the cursor, and change colours. */
const control = new RegExp(`${String.fromCharCode(27)}\\[[?\\d;]*[A-Za-z]`, 'g')

/** What a shell offers for the last word of a line. `ask` is a program of the shell. */
async function offers(shell: 'bash' | 'zsh' | 'fish', ask: (script: string) => string[]): Promise<string[]> {
  const { code, out } = await run('completion', shell)
  assert.equal(code, 0)
  const file = join(folder, `completion.${shell}`)
  await writeFile(file, out)
  const [command = '', ...args] = ask(file)
  const { stdout, stderr, status } = spawnSync(command, args, { cwd: join(folder, 'home'), encoding: 'utf8' })
  assert.deepEqual([status, stderr], [0, ''], stdout)
  return stdout
    .replace(control, '')
    .split(/\s+/)
    .filter((word) => word !== '')
}

describe('completion in bash', { skip: missing('bash') }, () => {
  /** As bash calls the function when the user presses Tab at the end of the line. */
  const bash = (line: string) =>
    offers('bash', (script) => [
      'bash',
      '--norc',
      '-c',
      `source '${script}'
      [[ $(complete -p sleuth) == 'complete -F _sleuth sleuth' ]] || exit 9
      COMP_LINE='${line}'; read -ra COMP_WORDS <<< "$COMP_LINE"
      [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
      COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); COMP_POINT=\${#COMP_LINE}
      _sleuth sleuth; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ])

  test('offers commands, options, words and files where they may stand', async () => {
    const commands = (await bash('sleuth ')).sort()
    for (const name of ['ls', 'watch', 'call', 'keys', 'help']) assert.ok(commands.includes(name), name)
    const cases: [line: string, expected: string[]][] = [
      ['sleuth l', ['ls']],
      ['sleuth ls --w', ['--wait']],
      ['sleuth --interface lo --port 5 l', ['ls']],
      ['sleuth --inter', ['--interface']],
      ['sleuth ls --wait ', []],
      ['sleuth ls --keys ', ['some.keys']],
      ['sleuth call -o some', ['some.keys']],
      ['sleuth call a/ --fa', ['--fail']],
      ['sleuth keys g', ['generate']],
      ['sleuth keys show ', ['some.keys']],
      ['sleuth keys -o x.keys sh', ['show']],
      ['sleuth completion ', ['bash', 'zsh', 'fish']],
      ['sleuth help wat', ['watch']],
      ['sleuth nonsense --', []],
      ['sleuth call -- -', []],
    ]
    for (const [line, expected] of cases) assert.deepEqual(await bash(line), expected, line)
    assert.deepEqual((await bash('sleuth help ')).sort(), commands)
  })
})

describe('completion in zsh', { skip: missing('zsh') }, () => {
  /** zsh completes only in its editor, so a zsh in a pseudo-terminal of zsh presses Tab. */
  const zsh = (line: string) =>
    offers('zsh', (script) => [
      'zsh',
      '-f',
      '-c',
      `zmodload zsh/zpty
      zpty shell 'zsh -f -i'
      zpty -w shell 'PS1=; autoload -Uz compinit; compinit -u -D; source ${script}'
      zpty -w shell 'offer() { zle list-choices; zle -R; print -r DONE }; zle -N offer; bindkey "^I" offer'
      zpty -w shell 'zstyle ":completion:*" list-colors ""; LISTMAX=1000; print READY'
      while zpty -r shell out; do [[ $out == READY* ]] && break; done
      zpty -w -n shell '${line}'$'\\t'
      while zpty -r shell out; do print -r -- \${out%%DONE*}; [[ $out == *DONE* ]] && break; done`,
    ])

  test('offers commands and options, with what they do', async () => {
    const commands = (await zsh('sleuth ')).join(' ')
    for (const name of ['ls', 'watch', 'call', 'keys'])
      assert.match(commands, new RegExp(`\\b${name} -- [A-Z]`))
    const options = (await zsh('sleuth call --')).join(' ')
    assert.match(options, /--write-out -- print this after the response/)
    assert.match((await zsh('sleuth keys ')).join(' '), /check.*generate.*show/)
  })
})

describe('completion in fish', { skip: missing('fish') }, () => {
  const fish = (line: string) =>
    offers('fish', (script) => ['fish', '--no-config', '-c', `source ${script}; complete -C '${line}'`])

  test('offers commands, options, words and files', async () => {
    assert.match((await fish('sleuth w')).join(' '), /^watch Print instances/)
    assert.match((await fish('sleuth ls --wa')).join(' '), /^--wait how long/)
    assert.deepEqual(await fish('sleuth completion b'), ['bash'])
    assert.ok((await fish('sleuth keys show some')).includes('some.keys'))
    assert.ok((await fish('sleuth ls --keys some')).includes('some.keys'))
  })
})

test('completion says which shells it knows', async () => {
  const { code, err } = await run('completion', 'tcsh')
  assert.equal(code, 2)
  assert.match(err, /completion needs one shell: bash, zsh, fish/)
})
