import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { deflateSync, gzipSync } from 'node:zlib'
import { SleuthError } from '#src/shared/errors.js'
import { decode, decodeLarge, isLarge, MAX_AT_ONCE } from '#src/transport/go/decode.js'
import { openEnvelope } from '#src/transport/go/envelope.js'
import { encodeRequest, requestFormat } from '#src/transport/go/request.js'
import { pattern } from '../streams/harness.js'

const MiB = 1024 * 1024
const limit = 64 * MiB

/** What was read, or the trace of the error. */
async function outcome(read: () => unknown): Promise<unknown> {
  try {
    return await read()
  } catch (error) {
    assert.ok(error instanceof SleuthError)
    return error.codes
  }
}

async function both(json: unknown) {
  const zipped = gzipSync(typeof json === 'string' ? json : JSON.stringify(json))
  const large = await outcome(() => decodeLarge(requestFormat, zipped, limit))
  const atOnce = await outcome(() => decode(requestFormat, zipped, limit))
  return { large, atOnce }
}

describe('a large message', { timeout: 60_000 }, () => {
  it('is read as a small one is, wherever its long texts stand', async () => {
    const long = 'é"\\/'.repeat(20_000)
    const plain = 'x'.repeat(100_000)
    for (const json of [
      { destination: 'A', handle: '1', url: '/', body: pattern(3 * MiB).toString('base64') },
      {
        destination: 'A',
        handle: '1',
        url: '/',
        body: pattern(100_001).toString('base64'),
        header: { a: ['b'] },
      },
      {
        destination: plain,
        handle: plain,
        url: plain,
        method: plain,
        header: { a: [plain, long, 'b'], b: null },
      },
      { destination: long, handle: '1', header: { a: [long] } },
      { Destination: plain, BODY: pattern(MiB).toString('base64') },
      {},
    ]) {
      const { large, atOnce } = await both(json)
      // Not `deepEqual`: it would print them.
      assert.ok(isDeepStrictEqual(large, atOnce))
      assert.ok(!Array.isArray(large))
    }
  })

  it('is refused as a small one is', async () => {
    const base64 = pattern(MiB).toString('base64')
    for (const json of [
      '',
      '[]',
      '{"body":"',
      `{"body":"${base64}`,
      { body: `${base64}!` },
      { body: `${base64.slice(0, -4)}ab-_` },
      { body: `${base64.slice(0, 1000)}====${base64.slice(1004)}` },
      { body: 'é'.repeat(100_000) },
      { body: [base64] },
      { body: { a: base64 } },
      { header: base64 },
      { header: { a: base64 } },
      { header: Array.from({ length: 200_000 }, () => '') },
      { url: 5 },
    ]) {
      const { large, atOnce } = await both(json)
      assert.deepEqual([large, atOnce], [[927], [927]])
    }
  })

  it('that JSON.parse would take long for is refused', async () => {
    for (const json of [
      `{"header":{"a":["${'\\u0041'.repeat(MiB)}"]}}`,
      `{"body":"${'\\"'.repeat(8 * MiB)}"}`,
      `{"body":${'"",'.repeat(8 * MiB)}""}`,
      `{"header":{"a":${'['.repeat(5 * MiB)}`,
      `{"url":"/${'x'.repeat(2 * MiB)}"}`,
      `{"header":{"a":["${'x'.repeat(0.9 * MiB)}","${'x'.repeat(0.9 * MiB)}"]}}`,
      `{"header":{${Array.from({ length: 20_000 }, (_, index) => `"${index}":null`)}}}`,
    ]) {
      const { large } = await both(json)
      assert.deepEqual(large, [927])
    }
  })

  it('is held to the limit, and is gzip to its end', async () => {
    const zipped = gzipSync(Buffer.alloc(2 * MiB))
    const refused = (bytes: Buffer, most: number) => decodeLarge(requestFormat, bytes, most)
    await assert.rejects(refused(zipped, MiB), { code: 'SLEUTH_TOO_LARGE' })
    await assert.rejects(refused(zipped.subarray(0, -20), limit), { code: 'SLEUTH_UNZIP_READ' })
    await assert.rejects(refused(deflateSync('{}'), limit), { code: 'SLEUTH_UNZIP_READ' })
  })

  it('is known by what it says of its size, if that can be', () => {
    assert.equal(isLarge(gzipSync(Buffer.alloc(MAX_AT_ONCE))), false)
    assert.equal(isLarge(gzipSync(Buffer.alloc(MAX_AT_ONCE + 1))), true)
    assert.equal(isLarge(Buffer.alloc(20, 255)), false)
    assert.equal(isLarge(Buffer.alloc(0)), false)
    const request = {
      destination: 'A',
      handle: '1',
      method: 'GET',
      url: '/',
      headers: [],
      body: pattern(MiB),
    }
    assert.equal(isLarge(openEnvelope('g', encodeRequest('g', request)).zipped), true)
  })
})
