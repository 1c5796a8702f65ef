import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { decodeZapRequest, encodeZapReply } from '#src/wire/zap.js'

const key = Buffer.alloc(32, 7)

function request(overrides: Record<number, string | Buffer> = {}): Buffer[] {
  const frames = ['1.0', '1', 'global', '127.0.0.1', 'id', 'CURVE', key]
  return frames.map((frame, index) => Buffer.from((overrides[index] ?? frame) as Buffer))
}

describe('a ZAP request', () => {
  it('of CURVE is read', () => {
    const requestId = Buffer.from('1')
    const expectedSequence = { requestId, domain: 'global', address: '127.0.0.1', key }
    assert.deepEqual(decodeZapRequest(request()), expectedSequence)
  })

  it('of another version or mechanism, or with a key of another size, is none', () => {
    assert.equal(decodeZapRequest(request({ 0: '1.1' })), undefined)
    assert.equal(decodeZapRequest(request({ 5: 'NULL' })), undefined)
    assert.equal(decodeZapRequest(request({ 5: 'PLAIN' })), undefined)
    assert.equal(decodeZapRequest(request({ 6: key.subarray(1) })), undefined)
    assert.equal(decodeZapRequest(request().slice(0, 6)), undefined)
    assert.equal(decodeZapRequest([...request(), key]), undefined)
  })

  it('never makes the decoder throw', () => {
    const frame = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom(...request()),
    )
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 9 }), (frames) => {
        const decoded = decodeZapRequest(frames)
        if (decoded !== undefined) assert.equal(decoded.key.length, 32)
      }),
    )
  })
})

describe('a ZAP reply', () => {
  it('has the six frames of RFC 27', () => {
    const texts = (frames: Buffer[]) => frames.map(String)
    assert.deepEqual(texts(encodeZapReply(Buffer.from('9'), 200, 'who')), [
      '1.0',
      '9',
      '200',
      'OK',
      'who',
      '',
    ])
    assert.deepEqual(texts(encodeZapReply(Buffer.from('9'), 400)), ['1.0', '9', '400', 'No access', '', ''])
  })
})
