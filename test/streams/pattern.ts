import assert from 'node:assert/strict'

/** A prime number of bytes, so that parts of other sizes that are lost, doubled or swapped do not fit. */
export const chunk = Buffer.from(Uint8Array.from({ length: 65_521 }, (_, i) => (i * 31) % 251))

const twice = Buffer.concat([chunk, chunk])

/** Holds bytes that begin at `at` of chunk after chunk against what they should be. Where the next begin. */
export function check(bytes: Uint8Array, at: number): number {
  for (let from = 0; from < bytes.length; from += chunk.length) {
    const part = bytes.subarray(from, from + chunk.length)
    const start = (at + from) % chunk.length
    assert.equal(twice.compare(part, 0, part.length, start, start + part.length), 0)
  }
  return at + bytes.length
}
