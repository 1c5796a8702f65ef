import assert from 'node:assert/strict'
import type { Difference } from '../harness/case.js'
import { comparable } from '../harness/compare.js'

/** The differences that remain on sleuth's wires: `noCut` only where each reply is one message. */

export const noCut: Difference = {
  why: 'a reply is one message and can not break off: the caller gets 502',
  check: ([answer]) => assert.equal(answer?.status, 502),
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
