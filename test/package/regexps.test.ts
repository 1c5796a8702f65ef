import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { isSafe } from 'redos-detector'
import { type Found, regexpsIn, regexpsOf } from './regexps.js'
import { packages } from './workspace.js'

/** Characters of an input: more than any limit of ours lets one text have. */
const LENGTH = 100_000

/**
 * Bounds the steps back that an expression takes, whatever it is given: what exceeds this may take more than linear time. The
 * time is no bound: a busy machine takes long for as many steps.
 */
const limits = { maxScore: 200, timeout: 300_000, maxSteps: 1_000_000 }

/** What hostile texts are made of: a head that lets the expression begin, a pump, and a tail that makes it fail. */
function piecesFor(source: string) {
  const literal = [...new Set(source.replace(/\\[a-zA-Z]|[\\[\](){}^$?+|]/g, ''))].slice(0, 8)
  const characters = [...new Set([...literal, ' ', '\t', 'a', '0', '\u00e9'])]
  const pumps = characters.flatMap((one) => [one, ...literal.map((other) => one + other)])
  const head = /^\^?((?:[a-zA-Z:"=-]|\\\/)*)/.exec(source)?.[1]?.replaceAll('\\', '') ?? ''
  return { head, pumps, tails: ['', '\n', '!'] }
}

const work = `
  const { regexp, pieces: { head, pumps, tails }, length } = require('node:worker_threads').workerData
  for (const pump of pumps) {
    const body = head + pump.repeat(length / pump.length)
    for (const tail of tails) {
      regexp.lastIndex = 0
      const text = body + tail
      text.replace(regexp, '')
    }
  }
`

/** Whether the expression has been through all of the texts before somebody lost patience. */
async function ends(regexp: RegExp): Promise<boolean> {
  const workerData = { regexp, pieces: piecesFor(regexp.source), length: LENGTH }
  const worker = new Worker(work, { eval: true, workerData })
  const timer = setTimeout(() => void worker.terminate(), 60_000)
  const [code] = await once(worker, 'exit')
  clearTimeout(timer)
  return code === 0
}

describe('regular expressions', async () => {
  const found: Found[] = (await Promise.all(packages.map(regexpsOf))).flat()

  test('are found in the sources', () => {
    assert.ok(found.length > 20)
    const code = 'const a = /b\\/[/]+/gi; f({ a: /c/.test(d) })'
    assert.deepEqual(
      regexpsIn(code, 'x.ts').map(({ regexp, where }) => [String(regexp), where]),
      [
        ['/b\\/[/]+/gi', 'x.ts:1'],
        ['/c/', 'x.ts:1'],
      ],
    )
    assert.throws(() => regexpsIn("new RegExp('a')", 'x.ts'), /x\.ts:1 makes one of strings/)
  })

  test('that are not linear are told from those that are', () => {
    for (const slow of [/^(a+)+$/, /^\s+|\s+$/g, /a+b/, /^([a-z]+):[\t ]*([\t -~]*?)[\t ]*$/])
      assert.equal(isSafe(slow, limits).safe, false, String(slow))
    for (const fast of [/^[a-z]+$/, /^a*b*$/, /[^a]+/g, /(?:^|\W)close(?:$|\W)/i])
      assert.equal(isSafe(fast, limits).safe, true, String(fast))
  })

  test('of ours are linear: each takes a bounded number of steps back', () => {
    const slow = found.filter(({ regexp }) => !isSafe(regexp, limits).safe)
    assert.deepEqual(
      slow.map(({ regexp, where }) => `${where}: ${regexp}`),
      [],
    )
  })

  test(`of ours come to an end on ${LENGTH} hostile characters`, async () => {
    for (const { regexp, where } of found) assert.ok(await ends(regexp), `${where}: ${regexp}`)
  })
})
