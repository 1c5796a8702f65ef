import assert from 'node:assert/strict'
import { it, describe as suite } from 'node:test'
import { keyOf } from '#src/membership/format.js'
import type { Link } from '#src/membership/link-state.js'
import { describe, drops, greeted, idOf, knownTo, recordOf, Solo, toldTo } from './records.js'

suite('a member', () => {
  it('tells its contacts of a node that it meets, and not the node itself', () => {
    const solo = new Solo()
    solo.link('b')
    solo.settle()
    solo.link('c')
    const effects = solo.pass(200)
    assert.deepEqual(knownTo(effects, 'b'), ['c'])
    assert.deepEqual(knownTo(effects, 'c'), [])
  })

  it('tells nothing of nodes whose beacons the others hear as well', () => {
    const solo = new Solo({ isHeard: (id) => id !== idOf('f') })
    for (const letter of ['b', 'f']) solo.link(letter)
    solo.settle()
    solo.link('c')
    const effects = solo.pass(200)
    assert.deepEqual(knownTo(effects, 'b'), [])
    assert.deepEqual(knownTo(effects, 'f'), ['c'])
    solo.unlink('c')
    const later = solo.pass(200)
    assert.equal(toldTo(later, 'b', 'gone').length, 0)
    assert.equal(toldTo(later, 'f', 'gone').length, 1)
  })

  it('passes on what it is told, once, and greets the node', () => {
    const solo = new Solo()
    for (const letter of ['b', 'c']) solo.link(letter)
    solo.settle()
    assert.deepEqual(solo.know('b', recordOf('d')), [{ type: 'up', record: recordOf('d') }])
    const effects = solo.pass(200)
    assert.deepEqual(knownTo(effects, 'c'), ['d'])
    assert.deepEqual(knownTo(effects, 'b'), [])
    assert.deepEqual(greeted(effects), ['tcp://10.0.0.100:5670'])
    assert.deepEqual(solo.know('c', recordOf('d')), [])
    assert.deepEqual(knownTo(solo.pass(200), 'b'), [])
  })

  it('does not tell one what that one tells at the same time', () => {
    const solo = new Solo()
    for (const letter of ['b', 'c']) solo.link(letter)
    solo.settle()
    solo.know('b', recordOf('d'))
    solo.know('c', recordOf('d'))
    const effects = solo.pass(200)
    assert.deepEqual([knownTo(effects, 'b'), knownTo(effects, 'c')], [[], []])
  })

  it('greets again, later each time, as long as there is no link', () => {
    const solo = new Solo()
    solo.link('b')
    solo.know('b', recordOf('d'))
    const greetings = () => {
      // Somebody says that it lives.
      solo.hear('b', { type: 'alive', renewals: [{ id: idOf('d'), incarnation: 1, age: 0 }] })
      return greeted(solo.pass(10_000)).length
    }
    const counts = Array.from({ length: 16 }, greetings)
    assert.equal(counts[0], 1)
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      5,
    )
    solo.link('d')
    assert.equal(greetings(), 0)
  })

  it('forgets a node of which nobody has heard for a minute, without a word', () => {
    const solo = new Solo()
    for (const letter of ['b', 'c']) solo.link(letter)
    solo.settle()
    solo.know('b', recordOf('d'))
    const effects = solo.pass(70_000)
    assert.deepEqual(
      effects.filter(({ type }) => type === 'down'),
      [{ type: 'down', record: recordOf('d'), reason: 'expired' }],
    )
    assert.equal(toldTo(effects, 'c', 'gone').length, 0)
  })

  it('keeps a node that gives a sign of life, and passes the sign on', () => {
    const solo = new Solo()
    for (const letter of ['b', 'c']) solo.link(letter)
    solo.settle()
    solo.know('b', recordOf('d'))
    let passed = 0
    for (let time = 0; time < 120_000; time += 20_000) {
      solo.hear('b', { type: 'alive', renewals: [{ id: idOf('d'), incarnation: 1, age: 1 }] })
      const renewals = toldTo(solo.pass(20_000), 'c', 'alive').flatMap(({ renewals }) => renewals)
      passed += renewals.filter(({ id }) => id === idOf('d')).length
    }
    assert.deepEqual(solo.record('d'), recordOf('d'))
    assert.ok(passed >= 5)
  })

  it('gives signs of life only while somebody that it knows has no link to it', () => {
    const solo = new Solo()
    for (const letter of ['b', 'c']) solo.link(letter)
    solo.settle()
    assert.equal(toldTo(solo.pass(100_000), 'b', 'alive').length, 0)
    solo.know('b', recordOf('d'))
    const renewals = toldTo(solo.pass(30_000), 'b', 'alive').flatMap(({ renewals }) => renewals)
    assert.ok(renewals.some(({ id }) => id === idOf('a')))
  })

  it('gives signs of life of a node of another library that it holds a link to', () => {
    const solo = new Solo()
    solo.link('b')
    solo.link('g', { foreign: true, wire: 1 })
    solo.settle()
    solo.know('b', recordOf('d'))
    const renewals = toldTo(solo.pass(40_000), 'b', 'alive').flatMap(({ renewals }) => renewals)
    assert.ok(renewals.some(({ id, age }) => id === idOf('g') && age === 0))
  })

  it('says that a node is gone when its link to it broke, and buries it when nobody objects', () => {
    const solo = new Solo()
    for (const letter of ['b', 'c']) solo.link(letter)
    solo.settle()
    solo.unlink('c', 'stopped')
    const effects = solo.pass(2000)
    assert.deepEqual(toldTo(effects, 'b', 'gone'), [
      { type: 'gone', gone: [{ id: idOf('c'), incarnation: 1, reason: 'stopped' }] },
    ])
    assert.ok(effects.some(({ type }) => type === 'down'))
    assert.equal(solo.record('c'), undefined)
  })

  it('says nothing of a node that is about to come back', () => {
    const solo = new Solo()
    for (const letter of ['b', 'c']) solo.link(letter)
    solo.settle()
    solo.input({ type: 'unlinked', id: idOf('c'), gone: undefined })
    assert.equal(toldTo(solo.pass(500), 'b', 'gone').length, 0)
  })

  /** Another member has said of a node that it is gone, and the node was asked. Then the link to it ends. */
  function accused(gone: 'parted' | undefined, links: 'all' | 'used' = 'all'): Solo {
    const solo = new Solo({ links })
    for (const letter of ['b', 'c']) solo.link(letter)
    solo.settle()
    solo.gone('b', 'c', 3, false)
    solo.input({ type: 'unlinked', id: idOf('c'), gone })
    return solo
  }

  it('believes others that a node is gone when its link to it ends before the node has answered', () => {
    for (const solo of [accused(undefined), accused(undefined, 'used'), accused('parted', 'used')]) {
      const effects = solo.pass(2000)
      assert.deepEqual(toldTo(effects, 'b', 'gone'), [
        { type: 'gone', gone: [{ id: idOf('c'), incarnation: 3, reason: 'lost' }] },
      ])
      assert.ok(effects.some(({ type }) => type === 'down'))
      assert.equal(solo.record('c'), undefined)
    }
  })

  it('takes back that others were believed when the link stands again, or when the node has refuted it before', () => {
    const back = accused(undefined)
    back.link('c')
    assert.equal(toldTo(back.pass(200), 'b', 'know')[0]?.told[0]?.record.incarnation, 4)
    const solo = new Solo()
    for (const letter of ['b', 'c']) solo.link(letter)
    solo.settle()
    solo.gone('b', 'c', 1, false)
    solo.know('c', recordOf('c', { incarnation: 2 }))
    solo.input({ type: 'unlinked', id: idOf('c'), gone: undefined })
    assert.equal(toldTo(solo.pass(5000), 'b', 'gone').length, 0)
    assert.equal(solo.record('c')?.incarnation, 2)
  })

  it('takes the word back when the link stands again', () => {
    const solo = new Solo()
    for (const letter of ['b', 'c']) solo.link(letter)
    solo.settle()
    solo.unlink('c')
    solo.pass(200)
    solo.link('c')
    const [told] = toldTo(solo.pass(200), 'b', 'know')
    assert.equal(told?.told[0]?.record.incarnation, 2)
    solo.pass(5000)
    assert.equal(solo.record('c')?.incarnation, 2)
  })

  it('does not take back a node that is gone because a slow one tells of it', () => {
    const solo = new Solo()
    for (const letter of ['b', 'c']) solo.link(letter)
    solo.settle()
    solo.unlink('c')
    solo.pass(2000)
    solo.know('b', recordOf('c'))
    assert.equal(solo.record('c'), undefined)
    assert.equal(toldTo(solo.pass(200), 'b', 'gone').length, 1)
    solo.know('b', recordOf('c', { incarnation: 2 }))
    assert.equal(solo.record('c')?.incarnation, 2)
  })

  it('that has lost all its links forgets the others, and does not say later that they are gone', () => {
    const solo = new Solo()
    for (const letter of ['b', 'c']) solo.link(letter)
    solo.settle()
    for (const letter of ['b', 'c']) solo.unlink(letter)
    solo.pass(2000)
    assert.equal(solo.state.entries.size, 0)
    solo.link('b')
    solo.know('b', recordOf('c'))
    assert.deepEqual(solo.record('c'), recordOf('c'))
    assert.equal(toldTo(solo.pass(2000), 'b', 'gone').length, 0)
  })

  it('tells what has changed about itself', () => {
    const solo = new Solo()
    solo.link('b')
    solo.settle()
    solo.input({ type: 'self', self: describe('a', { endpoint: 'tcp://10.9.9.9:5670' }) })
    const [told] = toldTo(solo.pass(200), 'b', 'know')
    assert.deepEqual(told?.told, [
      { record: recordOf('a', { endpoint: 'tcp://10.9.9.9:5670', incarnation: 2 }), age: 0 },
    ])
    solo.input({ type: 'self', self: describe('a', { endpoint: 'tcp://10.9.9.9:5670' }) })
    assert.equal(toldTo(solo.pass(200), 'b', 'know').length, 0)
  })

  it('stops asking a node that passes all of this over', () => {
    const solo = new Solo()
    solo.link('b')
    const digests = toldTo(solo.pass(300_000), 'b', 'digest').length
    assert.ok(digests >= 1 && digests <= 4, `${digests} digests`)
  })
})

suite('two members compare what they know', () => {
  it('by a digest, a list of keys, and what either lacks', () => {
    const solo = new Solo()
    const other = new Solo({ self: describe('b') })
    solo.know('x', recordOf('c'))
    for (const letter of ['c', 'd']) solo.link(letter)
    for (const letter of ['d', 'e', 'f']) other.link(letter)
    solo.settle()
    other.settle()
    solo.link('b')
    other.link('a')
    const queue = [
      ...solo.pass(1100).map((effect) => ({ by: 'a', effect })),
      ...other.pass(100).map((effect) => ({ by: 'b', effect })),
    ]
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { by, effect } = next
      const [to, at] = by === 'a' ? ['b', other] : ['a', solo]
      if (effect.type !== 'send' || effect.to !== idOf(to as string)) continue
      const answers = (at as Solo).hear(by, effect.message)
      queue.push(...answers.map((answer) => ({ by: to as string, effect: answer })))
    }
    assert.deepEqual(
      [...solo.state.entries.keys(), idOf('a')].sort(),
      [...other.state.entries.keys(), idOf('b')].sort(),
    )
    assert.equal(solo.state.digest, other.state.digest)
  })

  it('answers a digest that is its own once, so that it is known to speak', () => {
    const solo = new Solo()
    solo.link('b')
    const link = solo.state.links.get(idOf('b')) as Link
    link.wasTold = false
    const digest = { type: 'digest' as const, digest: solo.state.digest }
    assert.equal(toldTo(solo.hear('b', digest), 'b', 'digest').length, 1)
    assert.equal(solo.hear('b', digest).length, 0)
  })

  it('does not answer one node without end', () => {
    const solo = new Solo()
    solo.link('b')
    const digest = { type: 'digest' as const, digest: 7n }
    assert.equal(toldTo(solo.hear('b', digest), 'b', 'have').length, 1)
    assert.deepEqual(drops(solo.hear('b', digest)), ['membership-quota'])
  })

  it('tells with a record that its node is said to be gone, so that nobody greets it', () => {
    const solo = new Solo()
    for (const letter of ['b', 'c']) solo.link(letter)
    solo.settle()
    solo.unlink('c', 'stopped')
    assert.equal(toldTo(solo.hear('b', { type: 'digest', digest: 7n }), 'b', 'have').length, 1)
    const keys = [keyOf(recordOf('c')), keyOf(recordOf('a'))]
    const told = solo.hear('b', { type: 'want', keys })
    assert.deepEqual(knownTo(told, 'b').sort(), ['a', 'c'])
    const gone = [{ type: 'gone', gone: [{ id: idOf('c'), incarnation: 1, reason: 'stopped' }] }]
    assert.deepEqual(toldTo(told, 'b', 'gone'), gone)

    const other = new Solo({ self: describe('b') })
    other.link('a')
    const message = { type: 'digest' as const, digest: 9n }
    assert.equal(toldTo(other.hear('a', message), 'a', 'have').length, 1)
    for (const effect of told) if (effect.type === 'send') other.hear('a', effect.message)
    assert.deepEqual(greeted(other.pass(5000)), [])
    assert.equal(other.record('c'), undefined)
  })

  it('takes no list and no wishes that it did not ask for', () => {
    const solo = new Solo()
    solo.link('b')
    assert.deepEqual(drops(solo.hear('b', { type: 'have', keys: [1n] })), ['membership-unasked'])
    assert.deepEqual(drops(solo.hear('b', { type: 'want', keys: [1n] })), ['membership-unasked'])
  })
})
