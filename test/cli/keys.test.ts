import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createSleuth } from '@sleuth/core'
import { sleuth } from './command.js'
import { ports } from './ports.js'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sleuth-keys-'))
})
after(() => rm(folder, { recursive: true }))

const keys = (...args: string[]) => sleuth(['keys', ...args], ports.keys, { cwd: folder })

/** The pair in a file of keys. */
async function pairOf(file: string): Promise<{ publicKey: string; secretKey: string }> {
  const text = await readFile(join(folder, file), 'utf8')
  const value = (name: string) => new RegExp(`^${name}='(.{40})'$`, 'm').exec(text)?.[1] ?? ''
  return { publicKey: value('SLEUTH_PUBLIC_KEY'), secretKey: value('SLEUTH_SECRET_KEY') }
}

describe('keys', () => {
  test('generate makes a file that only its owner reads, and prints a line for a list', async () => {
    const { code, out, err } = await keys('generate', '-o', 'one.keys', '--name', 'one of us')
    assert.deepEqual([code, err], [0, ''])
    const { publicKey, secretKey } = await pairOf('one.keys')
    assert.equal(out, `${publicKey} one of us\n`)
    assert.equal((await stat(join(folder, 'one.keys'))).mode & 0o777, 0o600)
    const again = await keys('generate', '-o', 'one.keys')
    assert.equal(again.code, 1)
    assert.match(
      again.err,
      /^sleuth: -o one\.keys can't be written: it is there already, and its keys would be lost\n/,
    )
    const nowhere = await keys('generate', '-o', 'none/one.keys')
    assert.match(nowhere.err, /^sleuth: -o none\/one\.keys can't be written: ENOENT/)
    assert.deepEqual(await pairOf('one.keys'), { publicKey, secretKey })
  })

  test('generate prints a pair without a file, and every time another', async () => {
    const [text, json, other] = await Promise.all([
      keys('generate'),
      keys('generate', '--json'),
      keys('generate', '--json'),
    ])
    assert.match(text.out, /^SLEUTH_PUBLIC_KEY='.{40}'\nSLEUTH_SECRET_KEY='.{40}'$/m)
    assert.deepEqual(Object.keys(JSON.parse(json.out)), ['publicKey', 'secretKey'])
    assert.notEqual(json.out, other.out)
  })

  test('node --env-file and a shell read the file', async () => {
    assert.equal((await keys('generate', '-o', 'env.keys')).code, 0)
    const { publicKey, secretKey } = await pairOf('env.keys')
    const print = 'process.stdout.write(process.env.SLEUTH_PUBLIC_KEY + process.env.SLEUTH_SECRET_KEY)'
    const file = join(folder, 'env.keys')
    const byNode = execFileSync(process.execPath, [`--env-file=${file}`, '-e', print], { encoding: 'utf8' })
    const byShell = execFileSync(
      'sh',
      ['-c', `. ${file}; printf %s "$SLEUTH_PUBLIC_KEY$SLEUTH_SECRET_KEY"`],
      {
        encoding: 'utf8',
      },
    )
    assert.deepEqual([byNode, byShell], [publicKey + secretKey, publicKey + secretKey])
  })

  test('show prints the public key, and never the secret one', async () => {
    await keys('generate', '-o', 'show.keys')
    const { publicKey, secretKey } = await pairOf('show.keys')
    const [text, json] = await Promise.all([
      keys('show', 'show.keys', '--name', 'me'),
      keys('show', 'show.keys', '--json'),
    ])
    assert.deepEqual(text, { code: 0, out: `${publicKey} me\n`, err: '' })
    assert.deepEqual(JSON.parse(json.out), { publicKey })

    await chmod(join(folder, 'show.keys'), 0o644)
    assert.match(
      (await keys('show', 'show.keys')).err,
      /^show\.keys can be read by others: chmod 600 it\.\n$/,
    )
    const text2 = await readFile(join(folder, 'show.keys'), 'utf8')
    await writeFile(
      join(folder, 'mixed.keys'),
      text2.replace(publicKey, secretKey).replace(/SECRET_KEY='.{40}'/, () => `SECRET_KEY='${publicKey}'`),
    )
    const mixed = await keys('show', 'mixed.keys')
    assert.deepEqual([mixed.code, mixed.out], [1, ''])
    assert.match(mixed.err, /the two are the wrong way round/)
    for (const key of [publicKey, secretKey]) assert.ok(!mixed.err.includes(key))
  })

  test('check reads a list as a node does', async () => {
    const { out } = await keys('generate', '-o', 'in.keys', '--name', 'in')
    await keys('generate', '-o', 'out.keys')
    await writeFile(join(folder, 'list'), `# ours\n${out}\n`)
    await writeFile(join(folder, 'wrong'), `# ours\n${out}nonsense\n`)
    await writeFile(join(folder, 'empty'), '')
    const results = await Promise.all([
      keys('check', 'list'),
      keys('check', 'list', '--keys', 'in.keys'),
      keys('check', 'list', '--keys', 'out.keys'),
      keys('check', 'list', '--keys', 'out.keys', '--json'),
      keys('check', 'empty'),
      keys('check', 'wrong'),
      keys('check', 'none'),
    ])
    assert.deepEqual(
      results.map(({ code, out }) => [code, out]),
      [
        [0, 'list has 1 key.\n'],
        [0, 'list has 1 key.\nThe key of in.keys is among them.\n'],
        [1, 'list has 1 key.\nThe key of out.keys is not among them.\n'],
        [1, '{"keys":1,"allowed":false}\n'],
        [0, 'empty has 0 keys, so nobody is let in.\n'],
        [1, ''],
        [1, ''],
      ],
    )
    assert.match(results[5]?.err ?? '', /line 3 of wrong is no public key \(40 characters of Z85\)/)
    assert.match(results[6]?.err ?? '', /none.*ENOENT/)
  })

  test('says what it needs', async () => {
    const cases: [args: string[], message: RegExp][] = [
      [[], /keys needs what to do: generate, show FILE or check LIST/],
      [['destroy', 'x'], /keys needs what to do/],
      [['show'], /keys show needs a file: sleuth keys show FILE/],
      [['show', 'none'], /keys show none can't be read: ENOENT/],
      [['generate', 'x'], /keys generate takes its file by -o x/],
      [['check', 'a', 'b'], /keys check takes one file, and not "b" as well/],
      [['generate', '--allow', "it's"], /--allow is a path without quotes/],
    ]
    await Promise.all(
      cases.map(async ([args, message]) => {
        const { code, out, err } = await keys(...args)
        assert.deepEqual([code, out], [2, ''], err)
        assert.match(err, message)
      }),
    )
  })
})

test('with --keys a command is in the closed network, and without in none of it', async (t) => {
  const lines = await Promise.all(
    ['service', 'me', 'stranger'].map((name) => keys('generate', '-o', `${name}.keys`)),
  )
  await writeFile(
    join(folder, 'allowed'),
    lines
      .slice(0, 2)
      .map(({ out }) => out)
      .join(''),
  )
  const service = await createSleuth({
    interface: 'loopback',
    port: ports.keys,
    service: 'closed-service',
    handler: (request, response) => void response.end(request.sleuthPeer?.publicKey),
    security: { ...(await pairOf('service.keys')), allow: join(folder, 'allowed') },
  })
  t.after(() => service.close())
  const run = (args: string[]) => sleuth(args, ports.keys, { cwd: folder })
  const [inside, outside, stranger, wrong] = await Promise.all([
    run(['call', 'closed-service/', '--keys', 'me.keys']),
    run(['ls', 'closed-service']),
    run(['ls', 'closed-service', '--keys', 'stranger.keys']),
    run(['ls', '--keys', 'allowed']),
  ])
  assert.deepEqual(inside, { code: 0, out: (await pairOf('me.keys')).publicKey, err: '' })
  assert.deepEqual([outside.code, outside.out], [6, ''])
  assert.deepEqual([stranger.code, stranger.out], [6, ''])
  assert.deepEqual([wrong.code, wrong.out], [2, ''])
  assert.match(wrong.err, /--keys allowed has no line SLEUTH_PUBLIC_KEY: see "sleuth keys --help"/)
})
