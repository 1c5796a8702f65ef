import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { PIECE_BYTES, Pieces } from '#src/shared/pieces.js'
import { pattern } from '../transport/streams/harness.js'

/** All that is left, and in how many pieces. */
function emptied(pieces: Pieces): { bytes: Buffer; count: number } {
  const all: Buffer[] = []
  for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) all.push(piece)
  return { bytes: Buffer.concat(all), count: all.length }
}

describe('pieces', () => {
  it('come out as the bytes that went in, whatever their sizes', () => {
    const size = fc.oneof(fc.nat(3), fc.nat(300), fc.integer({ min: 4000, max: 5000 }), fc.nat(40_000))
    fc.assert(
      fc.property(fc.array(fc.oneof(size, fc.constant(-1)), { maxLength: 60, size: 'max' }), (steps) => {
        const source = pattern(60 * 40_000)
        const pieces = new Pieces()
        const out: Buffer[] = []
        let at = 0
        for (const step of steps) {
          const piece = step === -1 ? pieces.shift() : source.subarray(at, at + step)
          if (step === -1) out.push(piece ?? Buffer.alloc(0))
          else {
            pieces.push(piece as Buffer)
            at += step
          }
          assert.equal(pieces.size, at - out.reduce((sum, { length }) => sum + length, 0))
        }
        const { count } = pieces
        const rest = emptied(pieces)
        assert.equal(rest.count, count)
        assert.ok(Buffer.concat([...out, rest.bytes]).equals(source.subarray(0, at)))
        assert.deepEqual([pieces.size, pieces.count, pieces.cost], [0, 0, 0])
      }),
    )
  })

  it('single bytes are joined: 256 KiB of them are few pieces, and cost little more', () => {
    const pieces = new Pieces()
    const bytes = pattern(256 * 1024)
    for (let at = 0; at < bytes.length; at++) pieces.push(bytes.subarray(at, at + 1))
    assert.ok(pieces.cost < bytes.length * 1.1, `${pieces.cost} bytes`)
    const { count, bytes: out } = emptied(pieces)
    assert.ok(count <= 32, `${count} pieces`)
    assert.ok(out.equals(bytes))
  })

  it('of any size cost a tenth more than their bytes at most, but for the last', () => {
    for (const size of [1, 100, 1000, 4095, 4096, 5000, 20_000]) {
      const pieces = new Pieces()
      for (let count = 0; count < 300; count++) pieces.push(Buffer.alloc(size))
      assert.ok(pieces.cost <= 300 * size * 1.1 + PIECE_BYTES, `${size}: ${pieces.cost} bytes`)
    }
  })

  it('are copied when they are small: what they were cut from is not kept', () => {
    const pieces = new Pieces()
    const large = Buffer.alloc(100_000)
    pieces.push(large.subarray(0, 1))
    assert.notEqual(pieces.shift()?.buffer, large.buffer)
    pieces.push(large)
    assert.equal(pieces.shift(), large)
  })

  it('are taken as one', () => {
    const pieces = new Pieces()
    assert.equal(pieces.take().length, 0)
    for (const text of ['a', 'b', 'c'.repeat(5000), 'd']) pieces.push(Buffer.from(text))
    assert.equal(pieces.take().toString(), `ab${'c'.repeat(5000)}d`)
    assert.equal(pieces.size, 0)
  })
})
