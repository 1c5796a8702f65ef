import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { createSleuth, type Sleuth } from '@sleuth/core'
import { type Ended, noTerminal, SleuthCommand, sleuth } from './command.js'
import { ports } from './ports.js'

const port = ports.doctor

interface Finding {
  readonly check: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly text: string
  readonly remedy?: string
}

/** On no port but that of the test: others may use theirs. */
const doctor = (...args: string[]) => ['doctor', '--ports', '', ...args]

function findingsOf({ out }: Ended): Finding[] {
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

async function serving<T>(
  services: readonly (readonly [name: string, version: string])[],
  run: () => Promise<T>,
): Promise<T> {
  const open: Sleuth[] = []
  try {
    for (const [service, version] of services) {
      const handler = (_: unknown, res: { end(): void }) => res.end()
      open.push(await createSleuth({ interface: 'loopback', port, service, version, handler }))
    }
    return await run()
  } finally {
    await Promise.all(open.map((each) => each.close()))
  }
}

describe('sleuth doctor', { timeout: 120_000 }, () => {
  test('alone: one warning, exit code 1', async () => {
    const { code, out, err } = await sleuth(doctor('--wait', '500ms'), port)
    assert.deepEqual([code, err], [1, ''])
    assert.match(
      out,
      /other-networks {2}no other node is heard on UDP port \d+, and none is known\n +-> Start a service/,
    )
    assert.match(out, /\n\none warning\.\n$/)
  })

  test('with services: all is well, exit code 0', async () => {
    const ended = await serving(
      [
        ['a', '1'],
        ['b', '1'],
      ],
      () => sleuth(doctor('--json', '--wait', '2s'), port),
    )
    const findings = findingsOf(ended)
    // How fast they answer depends on what else the machine does.
    const problems = findings.filter(({ status }) => status !== 'ok')
    assert.deepEqual(
      problems.filter(({ check }) => check !== 'stalls'),
      [],
    )
    assert.equal(ended.code, problems.length === 0 ? 0 : 1)
    const texts = findings.map(({ check, text }) => `${check}: ${text}`).join('\n')
    assert.match(texts, /^peers: 2 nodes can be reached, and can reach this machine$/m)
    assert.match(texts, /^packet-size: 64 KiB at once reach 2 nodes$/m)
    assert.match(texts, /^environment: SLEUTH_INTERFACE is "loopback": the network interface$/m)
  })

  test('with a wrong variable: a failure, exit code 2, and it goes on', async () => {
    const ended = await sleuth(doctor('--json', '--wait', '100ms', '--port', String(port)), port, {
      env: { SLEUTH_PORT: 'x' },
    })
    assert.equal(ended.code, 2)
    const findings = findingsOf(ended)
    assert.ok(findings.some(({ check, status }) => check === 'environment' && status === 'fail'))
    assert.equal(findings.at(-1)?.check, 'descriptors')
  })

  test('with an interface that does not exist: says so, and that no node can join', async () => {
    const ended = await sleuth(doctor('--json', '--wait', '100ms', '--interface', 'no-such'), port)
    assert.equal(ended.code, 2)
    const failures = findingsOf(ended).filter(({ status }) => status === 'fail')
    assert.deepEqual(
      failures.map(({ check }) => check),
      ['interface', 'peers'],
    )
  })

  test('two versions and another group are found', async () => {
    const services = [
      ['a', '1'],
      ['a', '2'],
    ] as const
    const ours = findingsOf(await serving(services, () => sleuth(doctor('--json', '--wait', '2s'), port)))
    assert.ok(ours.some(({ check, status }) => check === 'versions' && status === 'warn'))
    const args = doctor('--json', '--wait', '2s', '--group', 'other')
    const theirs = findingsOf(await serving(services, () => sleuth(args, port)))
    assert.match(
      theirs.find(({ check }) => check === 'groups')?.text ?? '',
      /2 nodes are in the group "SLEUTH-v1"/,
    )
  })

  test('without the addon: a failure with a remedy, and the other checks go on', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sleuth-doctor-'))
    try {
      const broken = join(folder, 'broken.cjs')
      const code = `const { _load } = require('node:module')
        require('node:module')._load = function (name, ...rest) {
          if (name === 'zeromq') throw new Error('invalid ELF header')
          return _load.call(this, name, ...rest)
        }`
      await writeFile(broken, code)
      const args = doctor('--json', '--wait', '100ms', '--seed', 'tcp://127.0.0.1:1')
      const ended = await sleuth(args, port, { env: { NODE_OPTIONS: `--require ${broken}` } })
      const findings = findingsOf(ended)
      const addon = findings.find(({ check }) => check === 'addon')
      assert.deepEqual([ended.code, addon?.status], [2, 'fail'])
      assert.match(addon?.remedy ?? '', /npm ci/)
      assert.match(findings.find(({ check }) => check === 'seeds')?.text ?? '', /ECONNREFUSED/)
      assert.ok(findings.every(({ text }) => !text.includes('check itself failed')))
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('with a directory of temporary files that is no good: a warning', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sleuth-doctor-'))
    try {
      await writeFile(join(folder, `sleuth-${process.getuid?.() ?? 'user'}`), '')
      const ended = await sleuth(doctor('--json', '--wait', '100ms'), port, { env: { TMPDIR: folder } })
      const found = findingsOf(ended).find(({ check }) => check === 'host-directory')
      assert.deepEqual([found?.status, /can't be used/.test(found?.text ?? '')], ['warn', true])
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('Ctrl-C ends it at once', async () => {
    const command = new SleuthCommand(doctor('--wait', '60s'), port)
    await command.prints(/hear-ourselves/)
    assert.equal((await command.stop('SIGINT')).code, 130)
  })

  test('a wrong option is a usage error', async () => {
    for (const args of [
      ['--ports', 'x'],
      ['--wait', 'long'],
      ['10.0.0.1'],
      ['--pair', 'a', 'host'],
      ['--pair', ''],
      ['--seed', 'x'],
    ]) {
      const { code, err } = await sleuth(['doctor', ...args], port)
      assert.deepEqual([args, code], [args, 2])
      assert.match(err, /^sleuth: /)
    }
  })

  test('--pair: two of them find each other, and one alone says so', async () => {
    const [one, two] = await Promise.all(
      [1, 2].map(() => sleuth(['doctor', '--pair', 'bear', '--json'], port)),
    )
    for (const ended of [one, two]) {
      assert.ok(ended)
      assert.equal(ended.code, 0, ended.out)
      assert.equal(findingsOf(ended).filter(({ check }) => check === 'pair').length, 4)
    }
    const alone = await sleuth(['doctor', '--pair', 'fox', '--json', '--wait', '300ms'], port)
    assert.equal(alone.code, 1)
    assert.match(findingsOf(alone).at(-1)?.text ?? '', /no other machine with the word "fox"/)
  })
})

describe('sleuth doctor in a terminal', { skip: noTerminal, timeout: 60_000 }, () => {
  const shown = async (env: Record<string, string>) => {
    const { out } = await sleuth(doctor('--wait', '100ms'), port, {
      terminal: true,
      env: { LC_ALL: '', ...env },
    })
    return out
  }
  const codes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g')

  test('has colours and signs, and fits the width', async () => {
    const out = await shown({ LANG: 'en_GB.UTF-8', TERM: 'xterm' })
    assert.ok(out.includes('\u001b[32m✔'))
    assert.ok(out.includes('\u001b[33m⚠'))
    const lines = out.replace(codes, '').split('\r\n')
    for (const line of lines) assert.ok(line.length <= 80, line)
    assert.ok(lines.includes('one warning.'))
  })

  test('has signs of ASCII and no colours where the terminal has no others', async () => {
    const out = await shown({ LANG: 'en_GB.UTF-8', TERM: 'dumb' })
    assert.match(out, /^\[ok\] runtime/)
    assert.match(out, /^\[!!\] other-networks/m)
    assert.equal(out, out.replace(codes, ''))
  })
})
