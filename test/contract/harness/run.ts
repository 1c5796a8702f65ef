import assert from 'node:assert/strict'
import { type Case, expected, type Framework } from './case.js'
import { comparable } from './compare.js'
import type { Answer } from './message.js'
import type { Wire } from './wire.js'

/** A reply that broke off, or never came. */
const cut: Answer = { status: 0, headers: {}, body: Buffer.alloc(0) }

let runs = 0

/** Runs one case over HTTP and over `wire`, and throws unless the answers are equal and as the case expects. */
export async function compareCase(test: Case, framework: Framework, http: Wire, wire: Wire): Promise<void> {
  const reference = await play(test, framework, http)
  const answers = await play(test, framework, wire)
  assert.deepEqual(
    answers.map((answer) => comparable(answer, test.blank)),
    reference.map((answer) => comparable(answer, test.blank)),
  )
}

async function play(test: Case, framework: Framework, wire: Wire): Promise<Answer[]> {
  runs += 1
  const run = { id: `run-${String(runs).padStart(6, '0')}`, answers: [] as Answer[] }
  for (const [index, step] of test.steps.entries()) {
    const status = expected(test.status, framework, index)
    const request = typeof step === 'function' ? step(run) : step
    const answer = status === 'cut' ? await broken(wire.send(request)) : await wire.send(request)
    if (status !== 'cut') assert.equal(answer.status, status, `step ${index + 1} over ${wire.name}`)
    run.answers.push(answer)
  }
  test.check?.(run.answers, framework)
  return run.answers
}

async function broken(answer: Promise<Answer>): Promise<Answer> {
  await assert.rejects(answer)
  return cut
}

/** Whether a case can be put to a wire. */
export function suits(test: Case, wire: Wire): boolean {
  return wire.exactPath || !test.exactPath
}
