import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { fittedJson } from '#src/introspection/fit.js'
import {
  type Answer,
  decodeAnswer,
  decodeQuestion,
  encodeAnswer,
  encodeQuestion,
  InspectKind,
  MAX_REPORT,
  parseReport,
} from '#src/introspection/format.js'
import { inspections } from '../vectors.js'

describe('questions and answers about a node', () => {
  for (const { case: title, kind, payload, question, answer, malformed, readOnly } of inspections) {
    it(`vector: ${title}`, () => {
      const bytes = Buffer.from(payload.replaceAll(' ', ''), 'hex')
      const isQuestion = kind === InspectKind.inspect
      assert.equal(kind, isQuestion ? InspectKind.inspect : InspectKind.report)
      const read = isQuestion ? decodeQuestion(bytes) : decodeAnswer(bytes)
      assert.deepEqual(read, malformed ? undefined : (question ?? answer))
      if (malformed || readOnly) return
      const written = question ? encodeQuestion(question) : encodeAnswer(answer as Answer)
      assert.equal(written.toString('hex'), bytes.toString('hex'))
    })
  }

  it('has at most 64 KiB of report', () => {
    const answer = (bytes: number): Buffer => encodeAnswer({ id: 1, status: 'ok', json: 'x'.repeat(bytes) })
    assert.equal(decodeAnswer(answer(MAX_REPORT))?.json.length, MAX_REPORT)
    assert.equal(decodeAnswer(answer(MAX_REPORT + 1)), undefined)
  })

  it('is no report if it is no object, or nested deeply', () => {
    assert.deepEqual(parseReport('{"a":[1,{"b":null}]}'), { a: [1, { b: null }] })
    for (const json of [
      '',
      '{',
      '1',
      'null',
      '"a"',
      '[]',
      `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
    ]) {
      assert.equal(parseReport(json), undefined, json.slice(0, 20))
    }
  })
})

describe('a report that is too large', () => {
  const entry = fc.record({ name: fc.string({ minLength: 20, maxLength: 60 }), value: fc.nat() })
  const report = fc.record({
    about: fc.record({ id: fc.string({ maxLength: 20 }), count: fc.nat() }),
    list: fc.array(entry, { minLength: 5, maxLength: 40, size: 'max' }),
    table: fc.dictionary(fc.string(), entry, { maxKeys: 40, size: 'max' }),
  })

  it('loses the last entries of its largest lists and tables, and says how many', () => {
    let shortened = 0
    fc.assert(
      fc.property(report, fc.integer({ min: 800, max: 3000 }), (given, max) => {
        const json = fittedJson(given, max) as string
        assert.ok(Buffer.byteLength(json) <= max)
        const cut = JSON.parse(json)
        const whole = JSON.parse(JSON.stringify(given))
        assert.deepEqual(cut.list, whole.list.slice(0, cut.list.length))
        assert.deepEqual(
          Object.entries(cut.table),
          Object.entries(whole.table).slice(0, Object.keys(cut.table).length),
        )
        if (Buffer.byteLength(JSON.stringify(given)) <= max) assert.deepEqual(cut, whole)
        else {
          const missing = whole.list.length - cut.list.length
          assert.equal(cut.truncated.list ?? 0, missing)
          const rows = Object.keys(whole.table).length - Object.keys(cut.table).length
          assert.equal(cut.truncated.table ?? 0, rows)
          assert.ok(missing + rows > 0)
          shortened++
        }
      }),
    )
    assert.ok(shortened > 0, 'nothing was shortened')
  })

  it('is not given if nothing of it can be left out', () => {
    assert.equal(fittedJson({ text: 'x'.repeat(2000) }, 1000), undefined)
  })
})
