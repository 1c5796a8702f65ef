import assert from 'node:assert/strict'
import type { Difference } from '../harness/case.js'
import { comparable } from '../harness/compare.js'

/** The differences that remain: some only on a wire that carries each reply as one message. */

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
