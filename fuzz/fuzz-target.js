// Fuzzes one target, in a process of its own: node fuzz-target.js NAME SECONDS SEED [keep]
import { countModules, countNew, forgetSeen, literalsFound, reached, reset } from './lib/coverage.js'
import { readInputs, writeCorpus } from './lib/inputs.js'
import { mutate } from './lib/mutate.js'
import { Random } from './lib/random.js'
import { report } from './lib/report.js'
import { Watchdog } from './lib/watchdog.js'

const LONGEST = 4096
/** What takes longer than this would hold up a service. */
const SLOW_MS = 100
/** What was queued for the end of a turn must run now and then. */
const INPUTS_A_TURN = 128
const MOST_FINDINGS = 5
/** Of the corpus that is kept, in bytes. */
const MOST_KEPT = 14_000

const [name, seconds, seed, keep] = process.argv.slice(2)
countModules()
const { default: target } = await import(`./targets/${name}.js`)
const random = new Random(Number(seed))
const watchdog = new Watchdog(name, LONGEST)
const corpus = []
let inputs = 0
let findings = 0

process.on('uncaughtException', (error) => found(current, error))
// With nothing left to wait for, Node gives up a promise that is awaited.
process.on('exit', () => {
  if (!finished) report(name, current, new Error('it waits for what never comes'))
})
let current = Buffer.alloc(0)
let finished = false

async function tryInput(bytes) {
  current = bytes
  inputs++
  watchdog.runs(bytes)
  reset()
  const began = performance.now()
  try {
    const running = target.run(bytes)
    if (running) await running
  } catch (error) {
    found(bytes, await traced(bytes, error))
    return
  }
  if (performance.now() - began > SLOW_MS && (await isSlow(bytes))) {
    found(bytes, new Error(`it takes more than ${SLOW_MS} ms`))
  }
  if (countNew() > 0) corpus.push(bytes)
  if (inputs % INPUTS_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve))
}

/** The same error with its stack: to note one for each that decoders throw takes longer than they do. */
async function traced(bytes, error) {
  Error.stackTraceLimit = 20
  try {
    await target.run(bytes)
    return error
  } catch (again) {
    return again
  } finally {
    Error.stackTraceLimit = 0
  }
}

/** The machine may have been busy with something else. */
async function isSlow(bytes) {
  for (let again = 0; again < 3; again++) {
    const began = performance.now()
    await target.run(bytes)
    if (performance.now() - began <= SLOW_MS) return false
  }
  return true
}

function found(bytes, error) {
  report(name, bytes, error)
  if (++findings >= MOST_FINDINGS) finish()
}

function finish() {
  finished = true
  const { blocks, of } = reached()
  process.stdout.write(`${JSON.stringify({ inputs, corpus: corpus.length, blocks, of, findings })}\n`)
  process.exit(findings > 0 ? 1 : 0)
}

/** Few and short ones that reach all that the whole corpus does, as far as there is room. */
async function minimised() {
  forgetSeen()
  const kept = []
  let room = MOST_KEPT
  for (const bytes of corpus.toSorted((a, b) => a.length - b.length)) {
    reset()
    await target.run(bytes)
    if (bytes.length > room || countNew() === 0) continue
    room -= bytes.length
    kept.push(bytes)
  }
  return kept
}

const given = [...target.seeds(), ...readInputs('corpus', name), ...readInputs('findings', name)]
for (const bytes of [Buffer.alloc(0), ...given]) await tryInput(bytes.subarray(0, LONGEST))
const words = [...literalsFound(), ...(target.words ?? [])]
if (corpus.length === 0) throw new Error(`${name} runs nothing that is counted`)

Error.stackTraceLimit = 0
const end = performance.now() + Number(seconds) * 1000
while (performance.now() < end) {
  // Half of the time what was found last: its neighbours are the least known.
  const recent = random.below(2) === 0 ? Math.max(0, corpus.length - 16) : 0
  const parent = corpus[recent + random.below(corpus.length - recent)]
  await tryInput(mutate(parent, corpus, words, random, LONGEST))
}
if (keep === 'keep') writeCorpus(name, await minimised())
finish()
