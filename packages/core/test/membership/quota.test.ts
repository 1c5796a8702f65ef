import assert from 'node:assert/strict'
import { it, describe as suite } from 'node:test'
import type { MemberRecord } from '#src/membership/record.js'
import { drops, recordOf, Solo } from './records.js'

/** A member with two links, one of which has told of d and has used up what it may change. */
function exhausted(): Solo {
  const solo = new Solo({ maxRecords: 100 })
  for (const letter of ['b', 'l']) solo.link(letter)
  solo.link('g', { foreign: true, wire: 1 })
  solo.settle()
  solo.know('b', recordOf('d', { incarnation: 3 }))
  for (let count = 0; count < 200; count++) {
    const { incarnation } = solo.record('b') as MemberRecord
    solo.gone('l', 'b', incarnation)
  }
  return solo
}

suite('a member that has used up its changes', () => {
  const newer = { incarnation: 400 }
  const moved = { endpoint: 'tcp://10.6.6.6:6', incarnation: 400 }
  for (const [what, tell] of [
    ['a stranger', (solo: Solo) => solo.know('l', recordOf('e'))],
    ['a newer record of a linked node', (solo: Solo) => solo.know('l', recordOf('b', newer))],
    ['another record of a linked node', (solo: Solo) => solo.know('l', recordOf('b', moved))],
    ['itself', (solo: Solo) => solo.know('l', recordOf('l', newer))],
    ['a node that is known', (solo: Solo) => solo.know('l', recordOf('d', moved))],
    ['us', (solo: Solo) => solo.know('l', recordOf('a', newer))],
    ['the end of a node', (solo: Solo) => solo.gone('l', 'd', 3)],
    ['our end', (solo: Solo) => solo.gone('l', 'a')],
  ] as const) {
    it(`changes nothing by telling of ${what}`, () => {
      const solo = exhausted()
      const { digest } = solo.state
      assert.deepEqual(drops(tell(solo)), ['membership-quota'])
      assert.equal(solo.state.digest, digest)
      assert.equal(solo.state.suspects.size, 0)
      // It fills again.
      solo.pass(2000)
      assert.ok(!drops(tell(solo)).includes('membership-quota'))
    })
  }
})

suite('what is told twice', () => {
  it('is passed on once: a record that is known, older, or of the same incarnation', () => {
    const solo = new Solo()
    for (const letter of ['b', 'c']) solo.link(letter)
    solo.settle()
    solo.know('b', recordOf('d', { incarnation: 3 }))
    solo.pass(200)
    for (const record of [
      recordOf('d', { incarnation: 3 }),
      recordOf('d', { incarnation: 2 }),
      recordOf('d', { incarnation: 3, service: 'other' }),
      recordOf('c'),
      recordOf('c', { service: 'other' }),
    ])
      assert.deepEqual(solo.know('b', record), [])
    assert.equal(solo.record('d')?.service, 'comment-service')
    assert.equal(solo.record('c')?.service, 'comment-service')
    assert.ok(!solo.pass(200).some(({ type }) => type === 'send'))
  })

  it('about us is taken over when it is ours and newer: a member has defended us', () => {
    const solo = new Solo()
    for (const letter of ['b', 'c']) solo.link(letter)
    solo.settle()
    assert.deepEqual(solo.know('b', recordOf('a', { incarnation: 4 })), [])
    assert.equal(solo.state.self.incarnation, 4)
    assert.deepEqual(solo.know('b', recordOf('a', { incarnation: 4 })), [])
    assert.deepEqual(solo.know('b', recordOf('a', { incarnation: 2, service: 'other' })), [])
    assert.equal(solo.state.self.incarnation, 4)
  })

  it('is what a suspect is said to be: its time does not begin anew', () => {
    const solo = new Solo()
    for (const letter of ['b', 'c']) solo.link(letter)
    solo.settle()
    solo.know('b', recordOf('d'))
    solo.gone('b', 'd')
    solo.pass(600)
    assert.deepEqual(solo.gone('c', 'd'), [])
    assert.ok(solo.pass(600).some(({ type }) => type === 'down'))
    // Nobody knows it any more.
    assert.deepEqual(solo.gone('c', 'd'), [])
  })

  it('is older than what is known: the teller is told the newer', () => {
    const solo = new Solo()
    for (const letter of ['b', 'c']) solo.link(letter)
    solo.settle()
    solo.know('b', recordOf('d', { incarnation: 5 }))
    solo.pass(200)
    solo.gone('c', 'd', 2)
    const told = solo.pass(200)
    assert.equal(solo.state.suspects.size, 0)
    assert.equal(told.filter(({ type }) => type === 'send').length, 1)
  })

  it('as a sign of life counts once, and not for another incarnation', () => {
    const solo = new Solo()
    for (const letter of ['b', 'c']) solo.link(letter)
    solo.settle()
    solo.know('b', recordOf('d', { incarnation: 2 }))
    solo.pass(20_000)
    const alive = (incarnation: number, of = 'd') =>
      solo.hear('b', {
        type: 'alive',
        renewals: [{ id: recordOf(of).id, incarnation, age: 0 }],
      })
    alive(1)
    alive(1, 'z')
    assert.equal(solo.state.renewals.size, 0)
    alive(2)
    assert.equal(solo.state.renewals.size, 1)
    solo.pass(2000)
    alive(2)
    assert.equal(solo.state.renewals.size, 0)
  })
})
