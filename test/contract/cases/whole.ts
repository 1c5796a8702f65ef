import assert from 'node:assert/strict'
import type { Difference } from '../harness/case.js'
import { comparable } from '../harness/compare.js'

/** The differences that remain on sleuth's wires: `noCut` only where each reply is one message. */

export const noCut: Difference = {
  why: 'a reply is one message and can not break off: the caller gets 502, or 500 for a fetch handler',
  check: ([answer], _reference, framework) => assert.equal(answer?.status, framework === 'hono' ? 500 : 502),
}

export const noTrailers: Difference = {
  why: 'trailers are not carried: none are sent, and none announced',
  check: ([answer], [reference]) => {
    assert.ok(answer && reference)
    const { trailer, ...rest } = reference.headers
    assert.equal(trailer, 'x-checksum')
    assert.deepEqual(comparable(answer, undefined), comparable({ ...reference, headers: rest }, undefined))
  },
}

/** What no handler of the app answers for is answered by the server of an app, and over sleuth by sleuth. */
export const failed: Difference = {
  why: 'an error that reaches nobody in the app is answered by sleuth, in its words',
  check: ([answer], [reference]) => {
    assert.deepEqual([answer?.status, reference?.status], [500, 500])
    assert.equal(answer?.headers['x-sleuth-error'], 'failed')
  },
}

/** `status`: of the last answer, which would be another one for the host that the caller says. */
export function ownHost(status: number): Difference {
  return {
    why: 'the host is the service, whatever the caller says',
    check: (answers) => {
      assert.equal(answers.at(-1)?.status, status)
      assert.doesNotMatch(String(answers.at(-1)?.body), /example\.test/)
    },
  }
}
