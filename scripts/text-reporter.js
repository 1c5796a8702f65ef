// What a test process says on stdout, for people: as `spec` does, without the counts at its end. scripts/test.js adds them up.

import { Readable } from 'node:stream'
import { spec } from 'node:test/reporters'

const COUNTS = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /

/** @param {AsyncIterable<object>} events of node:test */
export default async function* text(events) {
  yield* Readable.from(withoutCounts(events)).compose(spec())
}

async function* withoutCounts(events) {
  for await (const event of events) {
    const { type, data } = event
    if (type !== 'test:diagnostic' || data.nesting > 0 || !COUNTS.test(data.message)) yield event
  }
}
