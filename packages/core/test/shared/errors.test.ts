import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { codeTable, type SleuthErrorCode } from '#src/shared/error-codes.js'
import { SleuthError, sleuthError } from '#src/shared/errors.js'

describe('SleuthError', () => {
  it('has its code, its number as trace, and a sentence with the values filled in', () => {
    const error = sleuthError('SLEUTH_UNKNOWN_SERVICE', { service: 'foo', known: 'no other node is heard' })
    assert.equal(error.code, 'SLEUTH_UNKNOWN_SERVICE')
    assert.deepEqual(error.codes, [919])
    assert.match(error.message, /no instance of "foo" is known; no other node is heard: .*waitFor\("foo"\)/)
    assert.equal(error.name, 'SleuthError')
    assert.equal(error.retryable, false)
    assert.equal(error.mayHaveRun, false)
  })

  it('has the status that a gateway would answer with, else 500', () => {
    const status = (code: SleuthErrorCode) => sleuthError(code).statusCode
    for (const code of [
      'SLEUTH_UNKNOWN_SERVICE',
      'SLEUTH_OVERLOADED',
      'SLEUTH_DRAINING',
      'SLEUTH_NOT_JOINED',
    ] as const)
      assert.equal(status(code), 503)
    assert.equal(status('SLEUTH_TIMEOUT'), 504)
    for (const code of ['SLEUTH_CUT', 'SLEUTH_PEER_GONE', 'SLEUTH_RESPONSE_JSON'] as const)
      assert.equal(status(code), 502)
    for (const code of ['SLEUTH_ARGUMENT', 'SLEUTH_OPTION', 'SLEUTH_URL'] as const)
      assert.equal(status(code), 500)
  })

  it('lists the cause first when it is escalated', () => {
    const error = sleuthError('SLEUTH_UNZIP').escalate('SLEUTH_REQUEST_UNMARSHAL').escalate('SLEUTH_REPL')
    assert.deepEqual(error.codes, [932, 926, 922])
    assert.equal(error.code, 'SLEUTH_UNZIP')
  })

  it('does not share a trace that it was given', () => {
    const codes = [935]
    sleuthError('SLEUTH_CLOSED', {}, { codes }).escalate('SLEUTH_DO')
    assert.deepEqual(codes, [935])
  })

  it('keeps the cause', () => {
    const cause = new Error('below')
    assert.equal(sleuthError('SLEUTH_START', { why: 'x' }, { cause }).cause, cause)
    assert.equal('cause' in sleuthError('SLEUTH_START', { why: 'x' }), false)
  })

  it('recognises the errors of another copy of the package, and nothing else', async () => {
    const copy = (await import(new URL('../../../dist/shared/errors.js?copy', import.meta.url).href)) as {
      SleuthError: typeof SleuthError
      sleuthError: typeof sleuthError
    }
    assert.notEqual(copy.SleuthError, SleuthError)
    assert.ok(copy.sleuthError('SLEUTH_CLOSED') instanceof SleuthError)
    assert.ok(sleuthError('SLEUTH_CLOSED') instanceof copy.SleuthError)
    for (const other of [new Error('x'), { code: 'SLEUTH_CLOSED' }, null, 'SLEUTH_CLOSED', undefined]) {
      assert.equal(other instanceof SleuthError, false)
    }
  })

  it('leaves a subclass its own instanceof', () => {
    class Mine extends SleuthError {}
    assert.equal(sleuthError('SLEUTH_CLOSED') instanceof Mine, false)
    assert.ok(new Mine('SLEUTH_CLOSED', 'x') instanceof Mine)
    assert.ok(new Mine('SLEUTH_CLOSED', 'x') instanceof SleuthError)
  })
})

describe('the table of codes', () => {
  const rows = Object.entries(codeTable)

  it("has every number of Go's but those of its start, and each number once", () => {
    const numbers = rows.map(([, { number }]) => number)
    assert.equal(new Set(numbers).size, numbers.length)
    const goNumbers = numbers.filter((number) => number < 1000).sort((a, b) => a - b)
    const ofStart = [904, 906, 909, 910, 911, 912, 913]
    const all = [801, 802, 803, ...Array.from({ length: 36 }, (_, i) => 901 + i)]
    const wanted = all.filter((number) => !ofStart.includes(number))
    assert.deepEqual(goNumbers, wanted)
  })

  it('has no code that nothing raises, but for those in traces', () => {
    // From packages/core/build/test/shared.
    const folder = new URL('../../../src/', import.meta.url)
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('error-codes.ts'))
      .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    const isRaised = (code: string) => files.some((text) => text.includes(`'${code}'`))
    const unraised = rows.map(([code]) => code).filter((code) => !isRaised(code))
    assert.deepEqual(unraised, ['SLEUTH_NEW', 'SLEUTH_DO', 'SLEUTH_WAIT', 'SLEUTH_INSPECT', 'SLEUTH_EMIT'])
  })

  it('is told row by row in docs/errors.md, and docs/errors.md tells nothing else', () => {
    // From packages/core/build/test.
    const page = readFileSync(new URL('../../../../../docs/errors.md', import.meta.url), 'utf8')
    const told = new Map<string, number>()
    for (const [, code = '', number] of page.matchAll(/^\| `(SLEUTH_\w+)` \| (\d+) \|(?: [^|]+ \|){3}$/gm)) {
      assert.equal(told.has(code), false, `${code} has two rows`)
      told.set(code, Number(number))
    }
    const known = new Map(rows.map(([code, { number }]) => [code, number]))
    assert.deepEqual([...told].sort(), [...known].sort())
    const mentioned = page.match(/SLEUTH_\w+/g) ?? []
    const environment = ['SLEUTH_INTERFACE']
    for (const code of mentioned) {
      assert.ok(known.has(code as SleuthErrorCode) || environment.includes(code), `${code} is no code`)
    }
  })
})
