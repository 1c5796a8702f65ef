import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { generateKeys, type ZreError } from '@sleuth/zre'
import { openAllowList } from '#src/security/allow-lists.js'
import { readKeys } from '#src/security/key-file.js'

const logger = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }
const [alice, bob, carol] = [generateKeys().publicKey, generateKeys().publicKey, generateKeys().publicKey]

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sleuth-keys-'))
})
after(() => rm(folder, { recursive: true }))

async function file(text: string, name = 'keys'): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

describe('a file of keys', () => {
  it('has one in each line, and comments', async () => {
    const path = await file(`# who may\n\n  ${alice}  \r\n${bob} # bob's\n#${carol}\n`)
    assert.deepEqual(await readKeys(path), new Set([alice, bob]))
    assert.deepEqual(await readKeys(await file('')), new Set())
  })

  it('with a line that is no key is refused, with its number', async () => {
    const path = await file(`${alice}\nnonsense\n`)
    await assert.rejects(readKeys(path), (error: ZreError) => {
      assert.equal(error.code, 'ZRE_ALLOW')
      assert.match(error.message, /line 2 of .* is no public key/)
      return true
    })
  })

  it('that is not there is refused', async () => {
    await assert.rejects(readKeys(join(folder, 'interfaceDown')), { name: 'ZreError', code: 'ZRE_ALLOW' })
  })
})

describe('a directory of keys', () => {
  it('has them in its files, hidden ones left out, and knows the certificates of CZMQ', async () => {
    const path = join(folder, 'certificates')
    await mkdir(path)
    await writeFile(join(path, 'alice'), alice)
    await writeFile(join(path, '.swap'), 'nonsense')
    await mkdir(join(path, 'inner'))
    const certificate = `#   ****  Generated  ****\n\nmetadata\n    name = "bob"\ncurve\n    public-key = "${bob}"\n`
    await writeFile(join(path, 'bob.txt'), certificate)
    assert.deepEqual(await readKeys(path), new Set([alice, bob]))
    await writeFile(join(path, 'bad.txt'), 'metadata\ncurve\n')
    await assert.rejects(readKeys(path), /is a certificate without a public key/)
  })
})

describe('who is let in', () => {
  it('by a file is who is in it now; a file that is wrong changes nothing, and is told once', async () => {
    const path = await file(`${alice}\n${bob}\n`)
    let changes = 0
    let errors = 0
    const told = { ...logger, error: () => errors++ }
    const allowList = await openAllowList(path, told, () => changes++)
    assert.deepEqual(
      [alice, bob, carol].map((key) => allowList.verdict(key)),
      [true, true, false],
    )
    await allowList.refresh([])
    assert.equal(changes, 0)
    await file(`${bob}\n${carol}\n`)
    await allowList.refresh([])
    assert.equal(changes, 1)
    assert.deepEqual(
      [alice, bob, carol].map((key) => allowList.verdict(key)),
      [false, true, true],
    )
    await file('nonsense')
    await allowList.refresh([])
    await allowList.refresh([])
    assert.deepEqual([changes, errors], [1, 1])
    assert.equal(await allowList.ask(bob), true)
  })

  it('by a function is who it says, asked again for those who are there', async () => {
    const allowed = new Set([alice])
    let changes = 0
    const allowList = await openAllowList(
      async (key) => allowed.has(key),
      logger,
      () => changes++,
    )
    assert.equal(allowList.verdict(alice), undefined)
    assert.deepEqual([await allowList.ask(alice), await allowList.ask(bob)], [true, false])
    assert.deepEqual([allowList.verdict(alice), allowList.verdict(bob)], [true, false])
    allowed.clear()
    await allowList.refresh([alice, bob])
    assert.deepEqual([allowList.verdict(alice), changes], [false, 1])
  })

  it('by a function is nobody whose key was taken back, however many others were asked about meanwhile', async () => {
    const allowed = new Set([alice])
    let changes = 0
    const allowList = await openAllowList(
      (key) => allowed.has(key),
      logger,
      () => changes++,
    )
    await allowList.ask(alice)
    for (let index = 0; index < 5000; index++) await allowList.ask(`key ${index}`)
    allowed.clear()
    await allowList.refresh([alice])
    assert.deepEqual([allowList.verdict(alice), changes], [false, 1])
  })

  it('by a function is asked about those who are there, however many others wait to be asked about', async () => {
    const allowed = new Set([alice])
    const never = new Promise<boolean>(() => {})
    let changes = 0
    const allowList = await openAllowList(
      (key) => (key.startsWith('key') ? never : allowed.has(key)),
      logger,
      () => changes++,
    )
    await allowList.ask(alice)
    for (let index = 0; index < 256; index++) void allowList.ask(`key ${index}`)
    assert.equal(await allowList.ask(bob), false)
    assert.equal(allowList.verdict(bob), undefined)
    allowed.clear()
    await allowList.refresh([alice])
    assert.deepEqual([allowList.verdict(alice), changes], [false, 1])
  })

  it('by a function that fails, or says something else than true, is nobody', async () => {
    const answers = [
      () => {
        throw new Error('now')
      },
      () => Promise.reject(new Error('later')),
      () => 'yes' as never,
    ]
    for (const allow of answers) {
      const allowList = await openAllowList(allow, logger, () => {})
      assert.equal(await allowList.ask(alice), false)
      assert.equal(await allowList.ask(alice), false)
    }
  })

  it('by a function that never answers is nobody, and it is asked again', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] })
    const answers = [new Promise<boolean>(() => {}), true]
    let errors = 0
    const told = { ...logger, error: () => errors++ }
    const allowList = await openAllowList(
      () => answers.shift() ?? false,
      told,
      () => {},
    )
    const asked = allowList.ask(alice)
    context.mock.timers.tick(5000)
    assert.deepEqual([await asked, errors], [false, 1])
    assert.equal(await allowList.ask(alice), true)
  })

  it('is asked once at a time about one key, and about 256 at most', async () => {
    let asked = 0
    const { promise, resolve } = deferred()
    const allowList = await openAllowList(
      () => {
        asked++
        return promise
      },
      logger,
      () => {},
    )
    const keys = Array.from({ length: 256 }, (_, index) => `key ${index}`)
    const answers = [...keys, ...keys].map((key) => allowList.ask(key))
    assert.equal(asked, 256)
    assert.equal(await allowList.ask(alice), false)
    resolve(true)
    assert.ok((await Promise.all(answers)).every((answer) => answer))
    assert.equal(await allowList.ask(alice), true)
  })
})

/** `Promise.withResolvers` is not in Node 20. */
function deferred(): { promise: Promise<boolean>; resolve: (value: boolean) => void } {
  let resolve: (value: boolean) => void = () => {}
  const promise = new Promise<boolean>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
