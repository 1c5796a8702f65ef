import assert from 'node:assert/strict'
import { it, describe as suite } from 'node:test'
import fc from 'fast-check'
import { keyOf } from '#src/membership/format.js'
import { mayGreet } from '#src/membership/may-greet.js'
import { isOnRing, MAX_AHEAD, MAX_INCARNATION, type MemberRecord } from '#src/membership/record.js'
import type { Effect, Input } from '#src/membership/types.js'
import { describe, drops, greeted, idOf, knownTo, recordOf, Solo, toldTo } from './records.js'

function strangers(count: number, first = 0): MemberRecord[] {
  return Array.from({ length: count }, (_, index) =>
    recordOf('z', {
      id: (first + index).toString(16).toUpperCase().padStart(32, 'F'),
      endpoint: `tcp://10.1.${(index >> 8) & 0xff}.${index & 0xff}:9`,
    }),
  )
}

suite('a liar', () => {
  it('can not end a node that we hold a link to: others are told that it lives', () => {
    const solo = new Solo()
    for (const letter of ['b', 'c', 'l']) solo.link(letter)
    solo.settle()
    assert.deepEqual(drops(solo.gone('l', 'b')), ['membership-refuted'])
    const effects = solo.pass(5000)
    assert.equal(solo.record('b')?.incarnation, 2)
    for (const letter of ['c', 'l', 'b']) assert.deepEqual(knownTo(effects, letter), ['b'], letter)
  })

  it('is contradicted when the node has answered, once for all that say so, and not when the link to it breaks', () => {
    const solo = new Solo()
    for (const letter of ['b', 'c', 'l']) solo.link(letter)
    solo.settle()
    const asked = ['l', 'c'].flatMap((letter) => solo.gone(letter, 'b', 1, false))
    assert.deepEqual(asked, [{ type: 'ask', id: idOf('b') }])
    assert.equal(solo.record('b')?.incarnation, 1)
    assert.deepEqual(drops(solo.input({ type: 'answered', id: idOf('b') })), ['membership-refuted'])
    assert.deepEqual(solo.input({ type: 'answered', id: idOf('b') }), [])
    assert.equal(solo.record('b')?.incarnation, 2)
    solo.gone('l', 'b', 2, false)
    solo.unlink('b')
    assert.deepEqual(solo.input({ type: 'answered', id: idOf('b') }), [])
    const effects = solo.pass(2000)
    assert.deepEqual([knownTo(effects, 'c'), toldTo(effects, 'c', 'gone').length], [[], 1])
    assert.equal(solo.record('b'), undefined)
  })

  it('need not be contradicted by us when the node has done it itself', () => {
    const solo = new Solo()
    for (const letter of ['b', 'c', 'l']) solo.link(letter)
    solo.settle()
    solo.gone('l', 'b', 1, false)
    solo.know('b', recordOf('b', { incarnation: 2 }))
    assert.deepEqual(drops(solo.input({ type: 'answered', id: idOf('b') })), [])
    assert.deepEqual(knownTo(solo.pass(200), 'l'), ['b'])
    assert.equal(solo.record('b')?.incarnation, 2)
  })

  it('can not end us', () => {
    const solo = new Solo()
    for (const letter of ['b', 'l']) solo.link(letter)
    solo.settle()
    assert.deepEqual(drops(solo.gone('l', 'a')), ['membership-refuted'])
    assert.deepEqual(knownTo(solo.pass(200), 'b'), ['a'])
    assert.equal(solo.state.self.incarnation, 2)
  })

  it('ends a node that we have no link to only if nobody who has one objects', () => {
    const solo = new Solo()
    for (const letter of ['b', 'l']) solo.link(letter)
    solo.settle()
    solo.know('b', recordOf('d'))
    solo.pass(200)
    solo.gone('l', 'd')
    const effects = solo.pass(500)
    assert.equal(toldTo(effects, 'b', 'gone').length, 1)
    solo.know('b', recordOf('d', { incarnation: 2 }))
    assert.ok(!solo.pass(5000).some(({ type }) => type === 'down'))
    assert.equal(solo.record('d')?.incarnation, 2)
  })

  it('makes no network look large: a node counts once there was a link to it, or its beacon came in', () => {
    const solo = new Solo({ links: 'auto', maxRecords: 1000 })
    for (const letter of ['b', 'c', 'l']) solo.link(letter)
    solo.settle()
    const effects = [...solo.know('l', ...strangers(200)), ...solo.pass(50_000)]
    assert.equal(solo.state.entries.size, 203)
    assert.ok(!effects.some(({ type }) => type === 'show' || type === 'parting'))
    for (const { id } of strangers(61)) mayGreet(solo.state, id, 100, solo.now)
    solo.pass(5000)
    assert.equal(solo.state.isSparse, false)
    const [last] = strangers(1, 61)
    mayGreet(solo.state, last?.id as string, 100, solo.now)
    solo.pass(5000)
    assert.equal(solo.state.isSparse, true)
    // Those that go are not counted any more.
    solo.pass(70_000)
    assert.deepEqual([solo.state.entries.size, solo.state.provenCount], [3, 3])
    assert.equal(solo.state.isSparse, false)
  })

  it('has an instance called that is not there once only, until it is greeted no more', () => {
    const solo = new Solo({ links: 'used' })
    for (const letter of ['b', 'c', 'l']) solo.link(letter)
    solo.settle()
    const types = (effects: readonly Effect[]) =>
      effects.flatMap(({ type }) => (type === 'show' || type === 'hide' ? [type] : []))
    assert.deepEqual(types(solo.know('l', recordOf('d'))), ['show'])
    solo.input({ type: 'used', service: recordOf('d').service })
    assert.deepEqual(types(solo.input({ type: 'unreached', id: idOf('d') })), ['hide'])
    assert.deepEqual(types(solo.input({ type: 'unreached', id: idOf('d') })), [])
    assert.deepEqual(types(solo.know('l', recordOf('d', { incarnation: 2 }))), [])
    assert.deepEqual(types(solo.pass(30_000)), [])
    solo.link('d')
    assert.deepEqual(types(solo.unlink('d', 'parted')), [])
    assert.ok(solo.state.shown.has(idOf('d')))
    // What there is a link to, or what nobody knows, is as it was.
    for (const letter of ['b', 'y']) assert.deepEqual(solo.input({ type: 'unreached', id: idOf(letter) }), [])
    assert.equal(solo.state.entries.get(idOf('b'))?.isDoubtful, false)
  })

  it('can not use up incarnations', () => {
    const solo = new Solo()
    for (const letter of ['b', 'l']) solo.link(letter)
    solo.settle()
    solo.know('b', recordOf('d'))
    const far = { incarnation: MAX_AHEAD + 2 }
    for (const letter of ['a', 'b', 'd']) {
      assert.deepEqual(drops(solo.know('l', recordOf(letter, far))), ['membership-incarnation'], letter)
      assert.deepEqual(drops(solo.gone('l', letter, far.incarnation)), ['membership-incarnation'], letter)
    }
    assert.equal(solo.state.self.incarnation, 1)
  })

  it('is not believed about where we are', () => {
    const solo = new Solo()
    for (const letter of ['b', 'l']) solo.link(letter)
    solo.settle()
    assert.deepEqual(drops(solo.know('l', recordOf('a', { endpoint: 'tcp://6.6.6.6:6', incarnation: 5 }))), [
      'membership-refuted',
    ])
    const [told] = toldTo(solo.pass(200), 'b', 'know')
    assert.deepEqual(told?.told[0]?.record, recordOf('a', { incarnation: 6 }))
  })

  it('that goes on to tell where we are is contradicted three times, and then once in ten seconds: it may be a copy of us', () => {
    const solo = new Solo()
    for (const letter of ['b', 'l']) solo.link(letter)
    solo.settle()
    let told = 0
    for (let passed = 0; passed < 60_000; passed += 200) {
      const { incarnation } = solo.state.self
      solo.know('l', recordOf('a', { endpoint: 'tcp://6.6.6.6:6', incarnation: incarnation + 1 }))
      told += knownTo(solo.pass(200), 'b').filter((name) => name === 'a').length
    }
    assert.ok(told >= 8 && told <= 14, `told ${told} times`)
    solo.pass(60_000)
    solo.know(
      'l',
      recordOf('a', { endpoint: 'tcp://6.6.6.6:6', incarnation: solo.state.self.incarnation + 1 }),
    )
    assert.deepEqual(knownTo(solo.pass(200), 'b'), ['a'])
  })

  it('is not believed about a node of another library that we hold a link to', () => {
    const solo = new Solo()
    for (const letter of ['b', 'l']) solo.link(letter)
    solo.link('g', { foreign: true, wire: 1 })
    solo.settle()
    const lie = recordOf('g', { foreign: true, wire: 1, endpoint: 'tcp://6.6.6.6:6', incarnation: 2 })
    assert.deepEqual(drops(solo.know('l', lie)), ['membership-refuted'])
    assert.equal(solo.record('g')?.endpoint, describe('g').endpoint)
    assert.equal(solo.record('g')?.incarnation, 3)
  })

  it('that moves a node of ours is told off by the node itself', () => {
    const solo = new Solo()
    for (const letter of ['b', 'l']) solo.link(letter)
    solo.settle()
    const lie = recordOf('b', { endpoint: 'tcp://6.6.6.6:6', incarnation: 2 })
    solo.know('l', lie)
    assert.deepEqual(toldTo(solo.pass(200), 'b', 'know')[0]?.told[0]?.record, lie)
    solo.know('b', recordOf('b', { incarnation: 3 }))
    assert.deepEqual(knownTo(solo.pass(200), 'l'), ['b'])
    assert.deepEqual(solo.record('b'), recordOf('b', { incarnation: 3 }))
  })

  it('that was the first to tell of a node is not believed once the greeting was in vain', () => {
    const solo = new Solo()
    for (const letter of ['b', 'l']) solo.link(letter)
    solo.settle()
    solo.know('l', recordOf('d', { endpoint: 'tcp://10.6.6.6:6', incarnation: 900 }))
    assert.deepEqual(greeted(solo.pass(1000)), ['tcp://10.6.6.6:6'])
    solo.know('b', recordOf('d'))
    assert.equal(solo.record('d')?.endpoint, 'tcp://10.6.6.6:6')
    solo.pass(20_000)
    solo.know('b', recordOf('d'))
    assert.deepEqual(solo.record('d'), recordOf('d'))
    assert.deepEqual(greeted(solo.pass(1000)), [recordOf('d').endpoint])
  })

  it('that tells of very many keeps out none that others tell of', () => {
    const solo = new Solo({ maxRecords: 100 })
    for (const letter of ['b', 'l']) solo.link(letter)
    solo.settle()
    for (const record of strangers(150)) solo.know('l', record)
    assert.equal(solo.state.entries.size, 100)
    for (const letter of ['c', 'd', 'e']) solo.know('b', recordOf(letter))
    for (const letter of ['c', 'd', 'e']) assert.ok(solo.record(letter) !== undefined, letter)
    assert.equal(solo.state.entries.size, 100)
    assert.ok(drops(solo.know('l', ...strangers(1, 1000))).includes('membership-full'))
  })

  it('may change things only so often', () => {
    const solo = new Solo({ maxRecords: 100 })
    for (const letter of ['b', 'l']) solo.link(letter)
    solo.settle()
    const drop = Array.from({ length: 500 }, () => {
      const { incarnation } = solo.record('b') as MemberRecord
      return drops(solo.gone('l', 'b', incarnation))
    }).flat()
    assert.ok(drop.filter((reason) => reason === 'membership-refuted').length <= 200)
    assert.ok(drop.includes('membership-quota'))
  })

  it('can tell of a node with the last incarnation before it is met, and harms nobody by it', () => {
    for (const meet of [
      (solo: Solo) => solo.link('d', { foreign: true }),
      (solo: Solo) => [...solo.gone('l', 'd', MAX_INCARNATION), ...solo.link('d')],
      (solo: Solo) => [...solo.link('d'), ...solo.gone('l', 'd', MAX_INCARNATION)],
      (solo: Solo) => [...solo.gone('l', 'd', MAX_INCARNATION), ...solo.pass(2000), ...solo.link('d')],
    ]) {
      const solo = new Solo()
      solo.link('l')
      solo.settle()
      solo.know('l', recordOf('d', { incarnation: MAX_INCARNATION, service: 'x' }))
      meet(solo)
      solo.pass(5000)
      assert.ok(solo.record('d') !== undefined)
      solo.know('d', recordOf('d'))
      assert.deepEqual(solo.record('d'), recordOf('d'))
    }
  })

  it('may send only so many bytes', () => {
    const solo = new Solo()
    solo.link('l')
    const sizes = Array.from({ length: 100 }, () =>
      drops(solo.hear('l', { type: 'alive', renewals: [] }, 256 * 1024)),
    ).flat()
    assert.ok(sizes.length > 80)
  })

  it('has few nodes greeted at a time, wherever it says that they are', () => {
    const solo = new Solo({ maxRecords: 1000 })
    solo.link('l')
    solo.know('l', ...strangers(900))
    assert.ok(greeted(solo.pass(1000)).length <= 16 * 10)
  })

  it('is not heard when it is no peer', () => {
    const solo = new Solo()
    assert.deepEqual(solo.know('l', recordOf('d')), [])
    assert.equal(solo.state.entries.size, 0)
  })
})

const letter = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'l')
const incarnation = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(MAX_AHEAD, 0xffff_ffff))
const id = letter.map(idOf)
const told = fc.record({
  record: fc
    .tuple(letter, incarnation, fc.boolean(), fc.constantFrom('x', 'y'))
    .map(([name, number, foreign, service]) => recordOf(name, { incarnation: number, foreign, service })),
  age: fc.nat(255),
})
const input: fc.Arbitrary<Input | { type: 'pass'; time: number }> = fc.oneof(
  fc.record({ type: fc.constant('pass' as const), time: fc.constantFrom(10, 200, 2000, 30_000) }),
  letter
    .filter((name) => name !== 'a')
    .map((name) => ({
      type: 'linked' as const,
      node: describe(name),
      speaks: name !== 'e',
      parts: name !== 'd',
    })),
  fc.record({
    type: fc.constant('unlinked' as const),
    id,
    gone: fc.constantFrom('lost' as const, 'parted' as const, undefined),
  }),
  fc.record({
    type: fc.constant('message' as const),
    from: id,
    size: fc.nat(1000),
    invalid: fc.nat(1),
    message: fc.oneof(
      fc.record({ type: fc.constant('know' as const), told: fc.array(told) }),
      fc.record({
        type: fc.constant('gone' as const),
        gone: fc.array(fc.record({ id, incarnation, reason: fc.constant('lost' as const) })),
      }),
      fc.record({
        type: fc.constant('alive' as const),
        renewals: fc.array(fc.record({ id, incarnation, age: fc.nat(255) })),
      }),
      fc.record({ type: fc.constant('digest' as const), digest: fc.constant(3n) }),
      fc.record({ type: fc.constantFrom('have' as const, 'want' as const), keys: fc.constant([3n]) }),
      fc.record({
        type: fc.constant('part' as const),
        step: fc.constantFrom('ask' as const, 'agree' as const, 'refuse' as const),
      }),
    ),
  }),
  fc.record({ type: fc.constant('used' as const), service: fc.constantFrom('x', 'y') }),
)

suite('whatever a member is told', () => {
  it('its digest, counts and maps agree with its records', () => {
    fc.assert(
      fc.property(
        fc.array(input, { maxLength: 60 }),
        fc.constantFrom('all' as const, 'used' as const),
        (inputs, links) => {
          const solo = new Solo({ links, maxRecords: 4 })
          const shown = new Set<string>()
          for (const one of inputs) {
            if (one.type === 'linked' && solo.state.links.has(one.node.id)) continue
            if (one.type === 'unlinked' && one.gone === 'parted' && links === 'all') continue
            if (one.type === 'unlinked' && one.gone === 'parted' && solo.state.links.has(one.id))
              shown.add(one.id)
            const effects = one.type === 'pass' ? solo.pass(one.time) : solo.input(one)
            for (const effect of effects) {
              if (effect.type === 'show') shown.add(effect.record.id)
              if (effect.type === 'hide') shown.delete(effect.id)
            }
            const { state } = solo
            for (const name of state.links.keys()) shown.delete(name)
            assert.deepEqual([...shown].sort(), [...state.shown.keys()].sort())
            for (const name of shown) assert.ok(state.entries.has(name) && !state.links.has(name))
            if (links === 'all') assert.equal(shown.size, 0)
            const speakers = [...state.entries.values()].filter(({ record }) => isOnRing(record))
            assert.deepEqual(state.ring, speakers.map(({ record }) => record.id).sort())
            const entries = [...state.entries.values()]
            const digest = entries.reduce((sum, { record }) => sum ^ keyOf(record), keyOf(state.self))
            assert.equal(state.digest, digest)
            assert.equal(state.linkedCount, entries.filter(({ linked }) => linked).length)
            assert.equal(state.linkedCount, state.links.size)
            for (const name of state.suspects.keys()) assert.equal(state.entries.get(name)?.linked, false)
            for (const name of state.greetings.keys()) assert.equal(state.entries.get(name)?.linked, false)
            for (const name of state.owedDigests.keys()) assert.ok(state.links.has(name))
            for (const name of state.links.keys()) assert.ok(state.entries.get(name)?.linked)
            for (const name of state.tombstones.keys()) assert.ok(!state.entries.has(name))
            for (const [source, count] of state.sources) {
              assert.equal(count, entries.filter((entry) => entry.source === source).length)
            }
            assert.ok(!state.entries.has(state.self.id))
            assert.ok(entries.length <= 4 + state.links.size)
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})
