import assert from 'node:assert/strict'
import { it, describe as suite } from 'node:test'
import { keyOf } from '#src/membership/format.js'
import type { Link } from '#src/membership/link-state.js'
import type { MemberRecord } from '#src/membership/record.js'
import { USED_MS } from '#src/membership/wanted.js'
import { describe, drops, greeted, idOf, knownTo, recordOf, Solo, toldTo } from './records.js'

/** Records of so many nodes of a service. */
function nodes(count: number, service = 'comment-service', first = 0): MemberRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const id = (first + index).toString(16).toUpperCase().padStart(32, 'C')
    return recordOf('z', { id, service, endpoint: `tcp://10.2.${(first + index) >> 8}.${index & 0xff}:9` })
  })
}

suite('links are wanted', () => {
  it('to all nodes by `auto` while there are at most 64, and to few beyond that are heard', () => {
    const greetings = (count: number) => {
      const solo = new Solo({ links: 'auto', maxRecords: 1000 })
      solo.link('b')
      solo.settle()
      for (const { id } of nodes(count)) solo.state.strangers.add(id, solo.now)
      solo.know('b', ...nodes(count))
      return new Set(greeted(solo.pass(3000))).size
    }
    assert.equal(greetings(60), 60)
    const few = greetings(200)
    assert.ok(few >= 4 && few <= 8, `${few} greetings`)
  })

  it('to few of many that come at once, however slowly they are told of, and to all that are left when nobody is new', () => {
    const solo = new Solo({ links: 'auto', maxRecords: 1000 })
    const strangers = nodes(100)
    const known = strangers.slice(0, 40)
    solo.link('b')
    solo.settle()
    for (const { id } of strangers) solo.state.strangers.add(id, solo.now)
    const early = known.flatMap((node) => {
      solo.know('b', node)
      return greeted(solo.pass(500))
    })
    assert.ok(new Set(early).size <= 10, `${new Set(early).size} greetings`)
    const late = greeted(solo.pass(8000))
    assert.deepEqual(new Set([...early, ...late]), new Set(known.map(({ endpoint }) => endpoint)))
  })

  it('to nodes that are known for long, though others come all the time', () => {
    const solo = new Solo({ links: 'auto', maxRecords: 1000 })
    const strangers = nodes(100)
    solo.link('b')
    solo.settle()
    solo.know('b', ...nodes(20))
    const greetings = nodes(60, 'other', 500).flatMap((node) => {
      for (const { id } of strangers) solo.state.strangers.add(id, solo.now)
      solo.know('b', node)
      return greeted(solo.pass(1000))
    })
    assert.ok(nodes(20).every(({ endpoint }) => greetings.includes(endpoint)))
  })

  it('to random contacts once nobody is new, or at once where there are too few links', () => {
    for (const linked of [1, 4]) {
      const solo = new Solo({ links: 'used', maxRecords: 1000 })
      for (const letter of 'bcde'.slice(0, linked)) solo.link(letter)
      solo.settle()
      solo.know('b', ...nodes(30))
      solo.pass(50)
      assert.equal(solo.state.chosen.size, linked === 1 ? 4 : 0)
      solo.pass(1500)
      assert.equal(solo.state.chosen.size, 4)
    }
  })

  it('by `used` to a service that is called, for a minute', () => {
    const solo = new Solo({ links: 'used', maxRecords: 1000 })
    solo.link('b')
    solo.settle()
    solo.know('b', ...nodes(20), ...nodes(3, 'called', 500))
    solo.pass(3000)
    const before = [...solo.state.greetings.keys()]
    const called = nodes(3, 'called', 500).map(({ id }) => id)
    assert.ok(!called.every((id) => before.includes(id)))
    solo.input({ type: 'used', service: 'called' })
    solo.input({ type: 'used', service: 'called' })
    solo.pass(100)
    assert.ok(called.every((id) => solo.state.greetings.has(id)))
    // Signs of life, so that they do not expire.
    for (let time = 0; time <= USED_MS; time += 20_000) {
      solo.hear('b', {
        type: 'alive',
        renewals: [...nodes(20), ...nodes(3, 'called', 500)].map(({ id }) => ({
          id,
          incarnation: 1,
          age: 0,
        })),
      })
      solo.pass(20_000)
    }
    solo.know('b', recordOf('e'))
    solo.pass(1000)
    assert.ok(!called.every((id) => solo.state.greetings.has(id)))
    assert.equal(solo.state.used.size, 0)
  })

  it('by `used` to a node of another library that offers a service: it hears of us by a link only', () => {
    const solo = new Solo({ links: 'used', maxRecords: 1000 })
    solo.link('b')
    solo.settle()
    solo.know(
      'b',
      ...nodes(20),
      recordOf('g', { foreign: true, wire: 1 }),
      recordOf('h', { foreign: true, wire: 1, service: '' }),
    )
    const endpoints = greeted(solo.pass(3000))
    assert.ok(endpoints.includes(describe('g').endpoint))
    assert.ok(!endpoints.includes(describe('h').endpoint))
  })

  it('by `used` to all nodes of this library while this one subscribes to events', () => {
    const solo = new Solo({ links: 'used', maxRecords: 1000 })
    solo.link('b')
    solo.settle()
    solo.know('b', ...nodes(30), recordOf('h', { foreign: true, wire: 1, service: '' }))
    solo.pass(3000)
    const few = solo.state.greetings.size
    solo.input({ type: 'subscribes', subscribes: true })
    solo.pass(1000)
    assert.deepEqual([few < 10, solo.state.greetings.size], [true, 30])
    solo.input({ type: 'subscribes', subscribes: true })
    solo.input({ type: 'subscribes', subscribes: false })
    solo.pass(1000)
    assert.equal(solo.state.greetings.size, few)
  })

  it('not to a node that has just left, until somebody says that it is there', () => {
    const solo = new Solo()
    for (const letter of ['b', 'c']) solo.link(letter)
    solo.settle()
    solo.unlink('c', 'stopped')
    // In a rolling restart another comes at the same time.
    solo.know('b', recordOf('d'))
    assert.deepEqual(greeted(solo.pass(500)), [describe('d').endpoint])
    solo.know('b', recordOf('c', { incarnation: 2 }))
    assert.deepEqual(greeted(solo.pass(500)), [describe('c').endpoint])
  })

  it('not to a node that another says is gone: what was planned is given up', () => {
    const solo = new Solo()
    solo.link('b')
    solo.know('b', recordOf('c'), recordOf('d'))
    solo.pass(100)
    assert.ok(solo.state.greetings.has(idOf('c')))
    solo.gone('b', 'c')
    assert.deepEqual(greeted(solo.pass(900)), [describe('d').endpoint])
  })

  it('to another node when one that was chosen can not be reached', () => {
    const solo = new Solo({ links: 'used', maxRecords: 1000 })
    solo.link('b')
    solo.settle()
    solo.know('b', ...nodes(40))
    solo.pass(3000)
    const before = [...solo.state.chosen]
    const signs = nodes(40).map(({ id }) => ({ id, incarnation: 1, age: 0 }))
    for (let time = 0; time < 60_000; time += 10_000) {
      solo.hear('b', { type: 'alive', renewals: signs })
      solo.pass(10_000)
    }
    solo.know('b', recordOf('e'))
    solo.pass(1000)
    assert.equal(solo.state.chosen.size, before.length)
    assert.notDeepEqual([...solo.state.chosen], before)
  })

  it('to services that were called lately: the oldest of many is forgotten', () => {
    const solo = new Solo({ links: 'used' })
    for (let count = 0; count < 300; count++) solo.input({ type: 'used', service: `service-${count}` })
    assert.equal(solo.state.used.size, 256)
    assert.ok(!solo.state.used.has('service-0') && solo.state.used.has('service-299'))
  })

  it('to so many of their instances: the oldest services are forgotten, and never the last one', () => {
    const solo = new Solo({ links: 'used', maxRecords: 2000 })
    solo.link('b')
    solo.settle()
    solo.know('b', ...nodes(200, 'old', 0), ...nodes(100, 'new', 300), ...nodes(50, 'newer', 500))
    solo.know('b', ...nodes(400, 'largest', 1000))
    const used = (...services: string[]) => {
      for (const service of services) solo.input({ type: 'used', service })
      return [...solo.state.used.keys()]
    }
    assert.deepEqual(used('old', 'newer'), ['old', 'newer'])
    assert.deepEqual(used('new'), ['newer', 'new'])
    assert.deepEqual(used('largest'), ['largest'])
    assert.deepEqual(used('newer'), ['newer'])
  })
})

suite('members compare what they know', () => {
  const digest = { type: 'digest' as const, digest: 7n }

  it('with what the other lacks, what it does not know to be gone, and what it asks for', () => {
    const solo = new Solo()
    for (const letter of ['b', 'c', 'd']) solo.link(letter)
    solo.settle()
    const dead = keyOf(solo.record('d') as MemberRecord)
    solo.unlink('d')
    solo.pass(2000)
    solo.link('e')
    const asked = toldTo(solo.pass(3000), 'e', 'digest')
    assert.ok(asked.length > 0)
    const effects = solo.hear('e', { type: 'have', keys: [keyOf(solo.state.self), dead, 5n] })
    assert.deepEqual(knownTo(effects, 'e').sort(), ['b', 'c', 'e'])
    assert.deepEqual(
      toldTo(effects, 'e', 'gone')[0]?.gone.map(({ id }) => id),
      [idOf('d')],
    )
    assert.deepEqual(toldTo(effects, 'e', 'want'), [{ type: 'want', keys: [5n] }])
  })

  it('tells of itself to one that does not know it', () => {
    const solo = new Solo()
    solo.link('b')
    assert.equal(toldTo(solo.pass(10), 'b', 'digest').length, 1)
    const effects = solo.hear('b', { type: 'have', keys: [keyOf(solo.record('b') as MemberRecord)] })
    assert.deepEqual(
      effects.map(({ type }) => type),
      ['send'],
    )
    assert.deepEqual(knownTo(effects, 'b'), ['a'])
  })

  it('tells what it is asked for, once', () => {
    const solo = new Solo()
    for (const letter of ['b', 'c']) solo.link(letter)
    solo.settle()
    solo.pass(1000)
    assert.equal(toldTo(solo.hear('b', digest), 'b', 'have').length, 1)
    const keys = [keyOf(solo.state.self), keyOf(solo.record('c') as MemberRecord)]
    assert.deepEqual(knownTo(solo.hear('b', { type: 'want', keys }), 'b').sort(), ['a', 'c'])
    assert.deepEqual(drops(solo.hear('b', { type: 'want', keys })), ['membership-unasked'])
    solo.pass(1000)
    solo.hear('b', digest)
    assert.deepEqual(solo.hear('b', { type: 'want', keys: [99n] }), [])
  })

  it('and leave out one that has gone meanwhile', () => {
    const solo = new Solo()
    for (const letter of ['b', 'c']) solo.link(letter)
    solo.settle()
    solo.link('d')
    solo.unlink('d')
    assert.equal(toldTo(solo.pass(3000), 'd', 'digest').length, 0)
  })
})

suite('what is kept of nodes that are gone', () => {
  it('is bounded, and forgotten after a minute', () => {
    const solo = new Solo({ maxRecords: 5 })
    solo.link('b')
    solo.settle()
    for (const letter of ['c', 'd', 'e', 'f', 'g', 'h', 'i']) {
      solo.link(letter)
      solo.unlink(letter)
      solo.pass(1500)
    }
    assert.equal(solo.state.tombstones.size, 5)
    assert.ok(!solo.state.tombstones.has(idOf('c')) && solo.state.tombstones.has(idOf('i')))
    solo.pass(70_000)
    assert.equal(solo.state.tombstones.size, 0)
  })

  it('makes no room for a stranger where every record is proven', () => {
    const solo = new Solo({ maxRecords: 3 })
    for (const letter of ['b', 'c', 'd']) solo.link(letter)
    solo.settle()
    assert.deepEqual(drops(solo.know('b', recordOf('e'))), ['membership-full'])
    assert.equal(solo.record('e'), undefined)
  })
})

suite('signs of life', () => {
  const alive = (solo: Solo) =>
    solo.hear('b', { type: 'alive', renewals: [{ id: idOf('y'), incarnation: 1, age: 0 }] })
  const receivers = (solo: Solo) =>
    solo
      .pass(1500)
      .flatMap((effect) => (effect.type === 'send' && effect.message.type === 'alive' ? [effect.to] : []))

  function crowd(): Solo {
    const solo = new Solo()
    for (const letter of 'bcdefghijklmnopqrst') solo.link(letter)
    solo.settle()
    solo.know('b', recordOf('y'))
    solo.pass(20_000)
    return solo
  }

  it('go to the neighbours on the ring and to two others', () => {
    const solo = crowd()
    alive(solo)
    const told = receivers(solo)
    assert.equal(told.length, 6)
    for (const letter of ['b', 'c', 's', 't']) assert.ok(told.includes(idOf(letter)))
  })

  it('wait longer for each other where there are many nodes', () => {
    for (const [many, sent] of [
      [30, 6],
      [200, 0],
    ] as const) {
      const solo = new Solo({ maxRecords: 1000 })
      for (const letter of 'bcdefghijk') solo.link(letter)
      solo.settle()
      solo.know('b', recordOf('y'), ...nodes(many))
      solo.pass(24_000)
      alive(solo)
      assert.equal(receivers(solo).length, sent)
      assert.equal(receivers(solo).length, 6 - sent)
    }
  })

  it('of a node that has ended before they leave are not sent', () => {
    const solo = crowd()
    solo.gone('b', 'y')
    solo.pass(500)
    alive(solo)
    assert.deepEqual(receivers(solo), [])
    assert.equal(solo.record('y'), undefined)
  })

  it('are not missed from one that was never asked for any', () => {
    const solo = new Solo({ isHeard: () => true })
    for (const letter of ['b', 'c', 'd']) solo.link(letter)
    solo.settle()
    solo.link('e')
    solo.unlink('b')
    solo.link('b')
    solo.pass(60_000)
    const { askedAt, speaks } = solo.state.links.get(idOf('b')) as Link
    assert.deepEqual([askedAt, speaks], [Number.NEGATIVE_INFINITY, true])
  })
})

suite('a subnet on which many are heard of whom nothing is known yet', () => {
  const hearing = (strangers: number) => {
    const solo = new Solo({ links: 'auto', isHeard: () => true, maxRecords: 1000 })
    solo.link('b')
    solo.settle()
    for (const { id } of nodes(strangers)) solo.state.strangers.add(id, solo.now)
    return solo
  }

  it('is one where members compare what they know over each link: who is told of a node need not greet it', () => {
    for (const [strangers, digests] of [
      [10, 0],
      [100, 1],
    ] as const) {
      const solo = hearing(strangers)
      solo.link('c')
      assert.equal(toldTo(solo.pass(200), 'c', 'digest').length, digests)
    }
  })

  it('is one where a node may answer late: it is out of reach after a second greeting in vain', () => {
    for (const [strangers, doubtful] of [
      [10, [true, true]],
      [100, [false, true]],
    ] as const) {
      const solo = hearing(strangers)
      solo.know('b', recordOf('c'))
      const isDoubtful = () => solo.state.entries.get(idOf('c'))?.isDoubtful
      const signs = () =>
        solo.hear('b', { type: 'alive', renewals: [{ id: idOf('c'), incarnation: 1, age: 0 }] })
      solo.pass(16_000)
      const first = isDoubtful()
      signs()
      solo.pass(25_000)
      assert.deepEqual([first, isDoubtful()], doubtful)
    }
  })

  it('is one where they tell each other of whom they met, though all hear it', () => {
    for (const [strangers, known] of [
      [10, []],
      [100, ['d']],
    ] as const) {
      const solo = hearing(strangers)
      solo.link('d')
      assert.deepEqual(knownTo(solo.pass(150), 'b'), known)
    }
  })
})
