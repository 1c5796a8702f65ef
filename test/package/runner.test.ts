import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { root } from './workspace.js'

interface Ran {
  readonly outcome: {
    readonly passed: number
    readonly failed: number
    readonly skipped: number
    readonly failures: readonly string[]
  }
  readonly output: string
}

const { runProcess } = (await import(pathToFileURL(join(root, 'scripts/test-process.js')).href)) as {
  runProcess(path: string, options: object): Promise<Ran>
}

const folder = mkdtempSync(join(tmpdir(), 'sleuth-runner-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** What scripts/test.js makes of a file with this code. */
async function ran(code: string, { timeout = 60_000, sources = ['a.test.ts'] } = {}): Promise<Ran> {
  const path = join(folder, 'a.test.mjs')
  writeFileSync(path, `import { describe, test } from 'node:test'\n${code}`)
  return runProcess(path, { sources, timeout, env: process.env, isLive: false, folder })
}

function counts({ outcome: { passed, failed, skipped } }: Ran): number[] {
  return [passed, failed, skipped]
}

test('the runner counts tests and no suites, and shows what failed', async () => {
  const result = await ran(`
    describe('suite', () => {
      test('well', () => {})
      test('left out', { skip: true }, () => {})
      test('badly', () => { throw new Error('what is wrong') })
    })`)
  assert.deepEqual(counts(result), [1, 1, 1])
  assert.equal(result.outcome.failures.length, 1)
  assert.match(result.outcome.failures[0] ?? '', /^badly [\s\S]*what is wrong/)
  assert.match(result.output, /✔ well/)
})

for (const [what, code, why] of [
  ['without a test', '', /no test ran/],
  ['that throws when it is loaded', 'throw new Error("at once")', /a\.test/],
  ['that ends in the middle', `test('one', () => {}); test('two', () => process.exit(3))`, /the code 3/],
  ['that ends well in the middle', `test('one', () => {}); test('two', () => process.exit(0))`, /./],
  ['that is killed', `test('one', () => process.kill(process.pid, 'SIGKILL'))`, /SIGKILL/],
  ['that fails after its last test', `test('one', () => {}); process.on('exit', () => process.exit(5))`, /5/],
  ['whose suite throws', `describe('one', () => { throw new Error('in the suite') })`, /in the suite/],
  ['whose test waits for nothing', `test('one', () => new Promise(() => {}))`, /./],
] as const) {
  test(`a file ${what} fails`, async () => {
    const { outcome } = await ran(code)
    assert.ok(outcome.failed > 0)
    assert.match(outcome.failures.join('\n'), why)
  })
}

test('a file that does not end is killed, and the file of its group is named', async () => {
  const code = `describe('a.test.ts', () => test('one', () => {})); setInterval(() => {}, 1000)`
  const { outcome } = await ran(code, { timeout: 3000, sources: ['a.test.ts', 'b.test.ts'] })
  assert.equal(outcome.failed, 1)
  assert.match(outcome.failures[0] ?? '', /did not end within 3 s\n +b\.test\.ts had not ended/)
})
