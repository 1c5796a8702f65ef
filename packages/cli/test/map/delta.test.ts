import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
// @ts-expect-error The page has no types.
import { Store } from '#page/store.js'
import { Deltas, type Row } from '#src/map/delta.js'

const BUDGET = 400

/** The page's own copy of the rows, as it makes it of patches. */
class Page {
  readonly store = new Store()

  patch(patch: unknown): void {
    this.store.patch(JSON.parse(JSON.stringify(patch)))
  }

  get rows(): Record<string, Row> {
    return Object.fromEntries(this.store.rows)
  }
}

describe('patches', () => {
  test('have what is new, what has changed and what is gone', () => {
    const deltas = new Deltas(BUDGET)
    const next = (...rows: [string, Row][]) => deltas.next(new Map(rows))
    assert.deepEqual(next(['a', { x: 1, y: 2 }], ['b', { x: 1 }]), { a: { x: 1, y: 2 }, b: { x: 1 } })
    assert.deepEqual(next(['a', { x: 1, y: 3 }], ['b', { x: 1 }]), { a: { y: 3 } })
    assert.deepEqual(next(['a', { x: 1 }]), { b: null, a: { y: null } })
    assert.deepEqual(next(['a', { x: 1 }]), {})
  })

  test('compare lists by what they hold', () => {
    const deltas = new Deltas(BUDGET)
    deltas.next(new Map([['h', { more: ['a', 'b'] }]]))
    assert.deepEqual(deltas.next(new Map([['h', { more: ['a', 'b'] }]])), {})
    assert.deepEqual(deltas.next(new Map([['h', { more: ['b'] }]])), { h: { more: ['b'] } })
  })

  test('lead the page to the same rows, within the bytes, whatever happens', () => {
    let seed = 7
    const random = (n: number) => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % n
    }
    const deltas = new Deltas(BUDGET)
    const page = new Page()
    const rows = new Map<string, Row>()
    for (let turn = 0; turn < 400; turn++) {
      for (let i = 0; i < random(30); i++) {
        const key = `i:${random(40)}`
        if (random(8) === 0) rows.delete(key)
        else
          rows.set(key, { rate: random(9), words: `w${random(3)}`, ...(random(2) ? { p95: random(5) } : {}) })
      }
      const patch = deltas.next(rows)
      const bytes = Buffer.byteLength(JSON.stringify(patch))
      assert.ok(bytes <= BUDGET + 2, `${bytes} bytes`)
      page.patch(patch)
      assert.deepEqual(page.rows, Object.fromEntries(deltas.sent))
    }
    for (let turn = 0; turn < 40; turn++) page.patch(deltas.next(rows))
    assert.deepEqual(page.rows, Object.fromEntries(rows))
  })

  test('let no row wait for ever while others change', () => {
    const deltas = new Deltas(BUDGET)
    const rows = (n: number) =>
      new Map(Array.from({ length: 60 }, (_, i) => [`i:${i}`, { rate: n, words: 'works' }]))
    deltas.fill(rows(0))
    const seen = new Set<string>()
    for (let turn = 1; turn <= 5; turn++)
      for (const key of Object.keys(deltas.next(rows(turn)))) seen.add(key)
    assert.equal(seen.size, 60)
  })

  test('say first who came and went', () => {
    const deltas = new Deltas(60)
    const many = Array.from({ length: 50 }, (_, i): [string, Row] => [`i:${i}`, { rate: 1 }])
    deltas.fill(new Map(many))
    const changed = many.map(([key]): [string, Row] => [key, { rate: 2 }])
    const patch = deltas.next(new Map([...changed.slice(1), ['new', { rate: 0 }]]))
    assert.equal(patch['i:0'], null)
    assert.deepEqual(patch.new, { rate: 0 })
  })

  test('say what is wrong before all figures', () => {
    const deltas = new Deltas(120)
    const rows = (n: number): [string, Row][] => Array.from({ length: 50 }, (_, i) => [`i:${i}`, { rate: n }])
    deltas.fill(new Map([...rows(1), ['h', { words: 'well' }]]))
    for (let turn = 2; turn < 6; turn++) {
      assert.ok('h' in deltas.next(new Map([...rows(turn), ['h', { words: `bad ${turn}` }]])))
    }
  })

  test('with a row that is larger than all that is allowed still go on', () => {
    const deltas = new Deltas(20)
    const row = { words: 'x'.repeat(200) }
    assert.deepEqual(deltas.next(new Map([['h', row]])), { h: row })
  })
})
