import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it, type TestContext } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { generateKeys } from '@sleuth/zre'
import { FileAllowList, MAX_READ_MS, MAX_STALE_MS } from '#src/security/file-allow-list.js'
import { readKeys } from '#src/security/key-file.js'

const [alice, bob] = [generateKeys().publicKey, generateKeys().publicKey]
const hangs = () => new Promise<Set<string>>(() => {})

/** What was logged. */
let lines: string[]
const logger = {
  trace() {},
  debug() {},
  info: (_fields: object, text: string) => lines.push(`info ${text}`),
  warn: (_fields: object, text: string) => lines.push(`warn ${text}`),
  error: (_fields: object, text: string) => lines.push(`error ${text}`),
}
beforeEach(() => {
  lines = []
})

/** A list that is read as a test says, on a clock of the test's. */
class Bench {
  readonly #context: TestContext
  now = 0
  changes = 0
  readings = 0
  read: () => Promise<ReadonlySet<string>> = async () => new Set([alice])
  list!: FileAllowList

  constructor(context: TestContext) {
    this.#context = context
    context.mock.timers.enable({ apis: ['setTimeout'] })
    context.mock.method(performance, 'now', () => this.now)
  }

  async open(): Promise<void> {
    this.list = await FileAllowList.open(
      '/keys',
      logger,
      () => this.changes++,
      () => {
        this.readings++
        return this.read()
      },
    )
  }

  /** Looks again, and waits as long as that may take. */
  async refresh(after = 1000): Promise<void> {
    this.wait(after)
    const refreshed = this.list.refresh()
    await turn()
    this.wait(MAX_READ_MS)
    await refreshed
  }

  wait(duration: number): void {
    this.now += duration
    this.#context.mock.timers.tick(duration)
  }
}

describe('a list of keys whose reading does not end', () => {
  it('is read again, and it is told', async (context) => {
    const bench = new Bench(context)
    await bench.open()
    bench.read = hangs
    await bench.refresh()
    assert.match(
      lines.join('\n'),
      /^error zre: the list of allowed keys can't be read: the last good one counts for/,
    )
    assert.equal(bench.list.verdict(alice), true)
    bench.read = async () => new Set([bob])
    await bench.refresh()
    assert.deepEqual([bench.list.verdict(alice), bench.list.verdict(bob), bench.changes], [false, true, 1])
    assert.match(lines.join('\n'), /can be read again/)
  })

  it('takes no more than two threads, and goes on when one of them is free again', async (context) => {
    const bench = new Bench(context)
    await bench.open()
    let end = (_keys: Set<string>) => {}
    bench.read = () => new Promise((resolve) => (end = resolve))
    for (let count = 0; count < 10; count++) await bench.refresh()
    assert.equal(bench.readings, 3)
    end(new Set())
    bench.read = async () => new Set([bob])
    await turn()
    await bench.refresh()
    assert.equal(bench.list.verdict(bob), true)
  })

  it('counts for ten minutes, and then nobody is let in, until it can be read', async (context) => {
    const bench = new Bench(context)
    await bench.open()
    bench.read = () => Promise.reject(new Error('stale file handle'))
    while (bench.now < MAX_STALE_MS - 10_000) await bench.refresh()
    assert.deepEqual([bench.list.verdict(alice), bench.changes], [true, 0])
    await bench.refresh(60_000)
    assert.deepEqual(
      [bench.list.verdict(alice), await bench.list.ask(alice), bench.changes],
      [false, false, 1],
    )
    const errors = lines.filter((line) => line.startsWith('error'))
    assert.ok(errors.length >= 10 && errors.length <= 12, `${errors.length} lines in ten minutes`)
    assert.match(errors.at(-1) ?? '', /nobody is let in until it can/)
    bench.read = async () => new Set([alice])
    await bench.refresh()
    assert.deepEqual([bench.list.verdict(alice), bench.changes], [true, 2])
  })

  it('is an error at the start', async (context) => {
    const bench = new Bench(context)
    bench.read = hangs
    const opened = bench.open()
    bench.wait(MAX_READ_MS)
    await assert.rejects(opened, { code: 'ZRE_ALLOW', message: /no answer within 5000 ms/ })
  })
})

describe('a file of keys that becomes a FIFO', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sleuth-fifo-'))
  })
  after(() => rm(folder, { recursive: true }))

  it('is an error at once, in the place of the file and in a directory, and holds no thread', async () => {
    const path = join(folder, 'keys')
    await writeFile(path, alice)
    const list = await FileAllowList.open(path, logger, () => {})
    await rm(path)
    execFileSync('mkfifo', [path])
    await assert.rejects(readKeys(path), { code: 'ZRE_ALLOW', message: /neither a file nor a directory/ })
    for (let count = 0; count < 10; count++) await list.refresh()
    assert.equal(list.verdict(alice), true)
    assert.equal(lines.length, 1)
    await writeFile(join(folder, 'new'), bob)
    await rename(join(folder, 'new'), path)
    await list.refresh()
    assert.deepEqual([list.verdict(alice), list.verdict(bob)], [false, true])
  })
})
