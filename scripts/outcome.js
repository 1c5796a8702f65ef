// What became of the tests of a kind, from the events of node:test.

import { relative } from 'node:path'
import { root } from './kinds.js'

/** Counts leaf tests only: a suite that holds tests is not one. */
export class Outcome {
  passed = 0
  failed = 0
  skipped = 0
  /** One text for each failure. */
  failures = []
  #processes
  #finished = new Set()

  /** @param {Map<string, string[]>} processes the sources that each path runs */
  constructor(processes) {
    this.#processes = processes
  }

  follow(stream) {
    stream.on('test:pass', (event) => this.#add(event, 'passed'))
    stream.on('test:fail', (event) => {
      this.#add(event, 'failed')
      if (!isContainer(event)) this.failures.push(described(event) + this.#unfinished(event.name))
    })
  }

  #add(event, outcome) {
    if (event.details?.type === 'suite') this.#finished.add(event.name)
    if (isContainer(event)) return
    if (event.skip !== undefined && event.skip !== false) this.skipped++
    else this[outcome]++
  }

  /** A process that is killed, or does not end, fails as a whole: which of its files did not come to their end? */
  #unfinished(path) {
    const sources = this.#processes.get(path) ?? []
    if (sources.length < 2) return ''
    const left = sources.filter((source) => !this.#finished.has(source))
    if (left.length === 0)
      return `\n    All of its files had ended. Run each alone:\n    ${sources.join('\n    ')}`
    return `\n    ${left[0]} had not ended${left.length > 1 ? `, and ${left.length - 1} after it had not begun` : ''}.`
  }
}

/** A suite counts only when its own code fails: the tests in it count by themselves. */
function isContainer({ details }) {
  const { type, error } = details ?? {}
  return type === 'suite' && (error === undefined || error.failureType === 'subtestsFailed')
}

/** Failures are repeated at the end, since people read a log from there. */
function described({ name, file, line, details }) {
  const { error } = details
  const stack = String(error?.cause?.stack ?? error?.cause ?? error).split('\n')
  return [`${name} (${relative(root, file ?? '')}:${line})`, ...stack.slice(0, 12)].join('\n    ')
}
