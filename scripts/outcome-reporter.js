// What a test process writes for scripts/test.js: a line of JSON for each test or suite that has ended, so that nothing is
// lost when the process dies, and one for the processor time that it took.

import { relative } from 'node:path'
import { root } from './kinds.js'

/** @param {AsyncIterable<object>} events of node:test */
export default async function* outcomes(events) {
  for await (const { type, data } of events) {
    if (type === 'test:pass' || type === 'test:fail') yield line(outcomeOf(data, type === 'test:fail'))
  }
  const { user, system } = process.cpuUsage()
  yield line({ type: 'end', cpu: (user + system) / 1e6 })
}

/** Counts leaf tests only. A suite that holds tests counts when its own code fails. */
function outcomeOf(data, hasFailed) {
  const { name, skip, details } = data
  const isSuite = details?.type === 'suite'
  if (isSuite && (!hasFailed || details.error?.failureType === 'subtestsFailed'))
    return { type: 'suite', name }
  if (hasFailed) return { type: 'failed', name: isSuite ? name : undefined, text: described(data) }
  return { type: skip === undefined || skip === false ? 'passed' : 'skipped' }
}

/** Failures are repeated at the end, since people read a log from there. */
function described({ name, file, line, details }) {
  const { error } = details
  const stack = String(error?.cause?.stack ?? error?.cause ?? error).split('\n')
  return [`${name} (${relative(root, file ?? '')}:${line})`, ...stack.slice(0, 12)].join('\n    ')
}

function line(outcome) {
  return `${JSON.stringify(outcome)}\n`
}
