import assert from 'node:assert/strict'
import { type Case, type Difference, expected, type Framework } from './case.js'
import { comparable } from './compare.js'
import type { Answer } from './message.js'
import type { Wire } from './wire.js'

/** A reply that broke off, or never came. */
const cut: Answer = { status: 0, headers: {}, body: Buffer.alloc(0) }

let runs = 0

/** What HTTP answers in each case. It is asked once, and then once more as a wire: so an answer that changes is noticed. */
const references = new WeakMap<Wire, Map<Case, Promise<Answer[]>>>()

/** Runs one case over HTTP and over `wire`, and throws unless the answers are equal and as the case expects. */
export async function compareCase(test: Case, framework: Framework, http: Wire, wire: Wire): Promise<void> {
  const reference = await referenceOf(test, framework, http)
  expect(test, framework, http, reference)
  const answers = await play(test, framework, wire)
  const difference = differenceOn(test, wire)
  if (difference) return difference.check(answers, reference, framework)
  expect(test, framework, wire, answers)
  assert.deepEqual(
    answers.map((answer) => comparable(answer, test.blank, answer.statusText !== undefined)),
    reference.map((answer, index) =>
      comparable(answer, test.blank, answers[index]?.statusText !== undefined),
    ),
  )
}

/** Whether a case can be put to a wire. */
export function suits(test: Case, wire: Wire): boolean {
  return wire.exactPath || !test.exactPath
}

/** How a wire is known to differ from HTTP in this, if it does. */
export function differenceOn(test: Case, wire: Wire): Difference | undefined {
  return (wire.whole && test.whole) || (wire.sleuth && test.sleuth) || undefined
}

function referenceOf(test: Case, framework: Framework, http: Wire): Promise<Answer[]> {
  const known = references.get(http) ?? new Map<Case, Promise<Answer[]>>()
  references.set(http, known)
  const reference = known.get(test) ?? play(test, framework, http)
  known.set(test, reference)
  return reference
}

async function play(test: Case, framework: Framework, wire: Wire): Promise<Answer[]> {
  runs += 1
  const run = { id: `run-${String(runs).padStart(6, '0')}`, answers: [] as Answer[] }
  for (const [index, step] of test.steps.entries()) {
    const answer = wire.send(typeof step === 'function' ? step(run) : step)
    const mayBreak = expected(test.status, framework, index) === 'cut'
    run.answers.push(await (mayBreak ? answer.catch(() => cut) : answer))
  }
  return run.answers
}

function expect(test: Case, framework: Framework, wire: Wire, answers: readonly Answer[]): void {
  if (test.asHttp) return
  for (const [index, { status }] of answers.entries()) {
    const wanted = expected(test.status, framework, index)
    assert.equal(status, wanted === 'cut' ? cut.status : wanted, `step ${index + 1} over ${wire.name}`)
  }
  test.check?.(answers, framework)
}
