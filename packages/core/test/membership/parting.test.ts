import assert from 'node:assert/strict'
import { it, describe as suite } from 'node:test'
import { mayGreet } from '#src/membership/may-greet.js'
import type { PartStep } from '#src/membership/message.js'
import { LINGER_MS } from '#src/membership/part.js'
import { distanceOn } from '#src/membership/ring.js'
import { Strangers } from '#src/membership/strangers.js'
import type { Effect } from '#src/membership/types.js'
import { drops, idOf, recordOf, Solo, toldTo } from './records.js'

/** Those of the alphabet but `a`, who is the member that is looked at. */
const LETTERS = [...'bcdefghijklmnopqrstuvwxyz']

/** A member with links to all of them, of which it wants few. */
function crowd(config: ConstructorParameters<typeof Solo>[0] = {}): Solo {
  const solo = new Solo({ links: 'used', ...config })
  for (const letter of LETTERS) solo.link(letter, { service: `service-${letter}` })
  solo.settle()
  return solo
}

const steps = (effects: readonly Effect[], letter: string): PartStep[] =>
  toldTo(effects, letter, 'part').map(({ step }) => step)
const asked = (effects: readonly Effect[]) =>
  LETTERS.filter((letter) => steps(effects, letter).includes('ask'))
const say = (solo: Solo, letter: string, step: PartStep) => solo.hear(letter, { type: 'part', step })
const of = (effects: readonly Effect[], type: 'part' | 'parting' | 'stays') =>
  effects.flatMap((effect) => (effect.type === type ? [effect.id] : []))
const shownAs = (effects: readonly Effect[]) =>
  effects.flatMap((effect) =>
    effect.type === 'show'
      ? [`show ${effect.record.name}`]
      : effect.type === 'hide'
        ? [`hide ${effect.reason}`]
        : [],
  )

suite('links that nobody needs', () => {
  it('are asked about after a while, but for neighbours on the ring and some others', () => {
    const solo = crowd()
    assert.deepEqual(asked(solo.pass(LINGER_MS - 5000)), [])
    const letters = asked(solo.pass(20_000))
    for (const letter of ['b', 'c', 'y', 'z']) assert.ok(!letters.includes(letter), letter)
    for (const id of solo.state.chosen) assert.ok(!letters.map(idOf).includes(id))
    assert.equal(letters.length, LETTERS.length - 8)
  })

  it('are not closed by a member that wants a link to every node, nor if a call is under way', () => {
    const all = crowd({ links: 'all' })
    assert.deepEqual(asked(all.pass(90_000)), [])
    assert.deepEqual(steps(say(all, 'm', 'ask'), 'm'), ['refuse'])
    const busy = crowd({ isBusy: (id) => id === idOf('m') })
    busy.state.chosen.delete(idOf('m'))
    assert.deepEqual(steps(say(busy, 'm', 'ask'), 'm'), ['refuse'])
    assert.ok(!asked(busy.pass(90_000)).includes('m'))
  })

  /** A letter that is asked about, and the effects of that. */
  function asking(solo = crowd()): { solo: Solo; letter: string; effects: Effect[] } {
    const effects = solo.pass(LINGER_MS + 10_000)
    return { solo, letter: asked(effects)[0] as string, effects }
  }

  it('carry nothing from the question on, and are closed when the other end agrees', () => {
    const { solo, letter, effects } = asking()
    assert.ok(of(effects, 'parting').includes(idOf(letter)))
    assert.deepEqual(of(say(solo, letter, 'agree'), 'part'), [idOf(letter)])
    assert.deepEqual(shownAs(solo.unlink(letter, 'parted')), [])
    assert.ok(solo.state.shown.has(idOf(letter)))
    assert.ok(!solo.state.suspects.has(idOf(letter)))
    assert.deepEqual(asked(solo.pass(30_000)).includes(letter), false)
  })

  it('stay when the other end wants them, which asks in its turn some day', () => {
    const { solo, letter } = asking()
    const effects = say(solo, letter, 'refuse')
    assert.deepEqual([of(effects, 'stays'), of(effects, 'part')], [[idOf(letter)], []])
    assert.ok(!asked(solo.pass(90_000)).includes(letter))
    const closed = say(solo, letter, 'ask')
    assert.deepEqual([steps(closed, letter), of(closed, 'part')], [['agree'], [idOf(letter)]])
  })

  it('are asked about by the end that has refused', () => {
    const solo = crowd()
    solo.input({ type: 'used', service: 'service-m' })
    assert.deepEqual(steps(say(solo, 'm', 'ask'), 'm'), ['refuse'])
    assert.ok(asked(solo.pass(100_000)).includes('m') || solo.state.chosen.has(idOf('m')))
  })

  it('are closed without a further word when both ends ask', () => {
    const { solo, letter } = asking()
    const effects = say(solo, letter, 'ask')
    assert.deepEqual([steps(effects, letter), of(effects, 'part')], [[], [idOf(letter)]])
  })

  it('are asked about again when no answer comes', () => {
    const { solo, letter } = asking()
    const effects = solo.pass(10_000)
    assert.ok(asked(effects).includes(letter))
    assert.ok(!of(effects, 'parting').includes(idOf(letter)))
  })

  it('are not closed by an answer to no question', () => {
    const solo = crowd()
    for (const step of ['agree', 'refuse'] as const)
      assert.deepEqual(drops(say(solo, 'm', step)), ['membership-unasked'])
  })

  it('are kept when a new one could not be made, or the other end would not understand', () => {
    const solo = new Solo({ links: 'used' })
    for (const letter of LETTERS)
      solo.link(letter, letter < 'n' ? { foreign: true, wire: 1, service: '' } : {})
    solo.settle()
    assert.ok(asked(solo.pass(90_000)).every((letter) => letter >= 'n'))
  })

  it('are wanted while a service is called', () => {
    const solo = crowd()
    solo.input({ type: 'used', service: 'service-m' })
    assert.ok(!asked(solo.pass(50_000)).includes('m'))
    assert.ok(asked(solo.pass(60_000)).includes('m') || solo.state.chosen.has(idOf('m')))
  })
})

suite('services of nodes without a link', () => {
  function told(links: 'all' | 'used' = 'used') {
    const solo = new Solo({ links })
    for (const letter of ['l', 'm', 'n']) solo.link(letter)
    solo.settle()
    return solo
  }

  it('are shown when they are told of, unless there is to be a link to every node', () => {
    assert.deepEqual(shownAs(told().know('l', recordOf('d'))), ['show d'])
    assert.deepEqual(shownAs(told('all').know('l', recordOf('d'))), [])
    assert.deepEqual(shownAs(told().know('l', recordOf('d', { service: '' }))), [])
  })

  it('are shown anew when they are others, and hidden when they leave, end or expire', () => {
    const solo = told()
    solo.know('l', recordOf('d'))
    assert.deepEqual(shownAs(solo.know('l', recordOf('d', { incarnation: 2 }))), [])
    const moved = recordOf('d', { incarnation: 3, version: '2.0.0' })
    assert.deepEqual(shownAs(solo.know('l', moved)), ['show d'])
    assert.deepEqual(shownAs(solo.know('l', { ...moved, incarnation: 4, service: '' })), ['hide left'])
    solo.know('l', recordOf('e'))
    // A liar hides nobody who can defend itself.
    assert.deepEqual(shownAs(solo.gone('l', 'e')), [])
    assert.deepEqual(shownAs(solo.know('m', recordOf('e', { incarnation: 2 }))), [])
    assert.deepEqual(shownAs(solo.pass(2000)), [])
    solo.gone('l', 'e', 2)
    assert.deepEqual(shownAs(solo.pass(2000)), ['hide lost'])
  })

  it('are not shown where no connection may be made, until one may', () => {
    let mayConnect = false
    const solo = new Solo({ links: 'used', mayConnect: () => mayConnect })
    solo.link('l')
    solo.settle()
    assert.deepEqual(shownAs(solo.know('l', recordOf('d'))), [])
    mayConnect = true
    assert.deepEqual(shownAs(solo.pass(6000)), ['show d'])
  })

  it('are hidden when there is no sign of life', () => {
    const solo = crowd()
    solo.unlink('m', 'parted')
    solo.state.chosen.delete(idOf('m'))
    assert.deepEqual(shownAs(solo.pass(70_000)), ['hide expired'])
  })

  it('are not shown by others while their own link says more, and again when its end is refuted', () => {
    const solo = told()
    solo.link('d')
    assert.deepEqual(shownAs(solo.unlink('d')), [])
    assert.deepEqual(shownAs(solo.know('l', recordOf('d', { incarnation: 2 }))), ['show d'])
    assert.deepEqual(shownAs(solo.link('d')), [])
    assert.ok(!solo.state.shown.has(idOf('d')))
  })

  it('are hidden when they can not be reached, and shown when that is not known any more', () => {
    const solo = told()
    solo.know('l', recordOf('d'))
    solo.state.chosen.add(idOf('m')).add(idOf('n')).add(idOf('l')).add(idOf('x'))
    solo.input({ type: 'used', service: recordOf('d').service })
    const alive = () =>
      solo.hear('l', { type: 'alive', renewals: [{ id: idOf('d'), incarnation: 1, age: 0 }] })
    const events: string[] = []
    for (let time = 0; time < 40_000; time += 10_000) {
      alive()
      events.push(...shownAs(solo.pass(10_000)))
    }
    assert.deepEqual(events, ['hide lost'])
  })

  it('of a network that grows are shown once there are too many for a link to each', () => {
    const solo = new Solo({ links: 'auto', maxRecords: 1000 })
    solo.link('l')
    solo.settle()
    const records = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        recordOf('d', { id: index.toString(16).toUpperCase().padStart(32, 'C'), name: `n${index}` }),
      )
    assert.deepEqual(shownAs(solo.know('l', ...records(60))), [])
    assert.deepEqual(shownAs(solo.know('l', ...records(70))), [])
    // Their beacons come in: it is not only `l` that says so.
    for (const { id } of records(70)) mayGreet(solo.state, id, 100, solo.now)
    assert.equal(shownAs(solo.input({ type: 'flush' })).length, 70)
    for (const { id } of records(70).slice(40))
      solo.hear('l', { type: 'gone', gone: [{ id, incarnation: 1, reason: 'stopped' }] })
    const effects = shownAs(solo.pass(3000))
    assert.equal(effects.filter((effect) => effect === 'hide stopped').length, 30)
    assert.equal(solo.state.isSparse, false)
    assert.equal(solo.state.shown.size, 40)
  })
})

suite('nodes that are heard', () => {
  const hear = (solo: Solo, letter: string, heardOf = 100) =>
    mayGreet(solo.state, idOf(letter), heardOf, solo.now)

  it('are greeted while few are known, and all where there is to be a link to each', () => {
    assert.ok(hear(new Solo({ links: 'all' }), 'm', 5000))
    for (const [links, most] of [
      ['auto', 64],
      ['used', 4],
    ] as const) {
      const solo = crowd({ links })
      const far = `${idOf('m').slice(0, -1)}1`
      assert.ok(mayGreet(solo.state, far, most - 1, solo.now))
      assert.ok(!mayGreet(solo.state, far, most, solo.now))
    }
  })

  it('are greeted by their neighbours on the ring, and by others when nobody tells of them for a while', () => {
    const solo = crowd()
    const near = `${idOf('a').slice(0, -1)}1`
    const far = `${idOf('m').slice(0, -1)}1`
    assert.ok(mayGreet(solo.state, near, 100, solo.now))
    assert.ok(!mayGreet(solo.state, far, 100, solo.now))
    solo.pass(900)
    assert.ok(!mayGreet(solo.state, far, 100, solo.now))
    solo.pass(200)
    assert.ok(mayGreet(solo.state, far, 100, solo.now))
    // One in a second.
    assert.ok(!mayGreet(solo.state, far, 100, solo.now))
    solo.pass(1000)
    assert.ok(mayGreet(solo.state, far, 100, solo.now))
    solo.know('l', recordOf('z', { id: far }))
    assert.equal(solo.state.strangers.heardAt.size, 1)
    assert.ok(!mayGreet(solo.state, far, 100, solo.now) || solo.state.chosen.has(far))
  })

  it('count as neighbours of each other before any of them is known', () => {
    const solo = new Solo({ links: 'used' })
    const greeted = [...'mdwgtjqbzohxrelcvikyfpsnu'].filter((letter) => hear(solo, letter))
    assert.ok(greeted.length < 16, greeted.join())
    // While others are told of, one more may be on its way.
    solo.pass(5000)
    assert.ok(!hear(solo, 'm'))
    solo.pass(6000)
    assert.ok(hear(solo, 'm'))
  })

  const many = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      ((index * 2654435761) >>> 0).toString(16).padStart(32, 'A').toUpperCase(),
    )

  it('are greeted by `auto` while they are few, and in a crowd by their neighbours', () => {
    const solo = new Solo({ links: 'auto', maxRecords: 1000 })
    let begun = 0
    const greeted = many(400).map((id) => {
      const isGreeted = mayGreet(solo.state, id, begun, solo.now)
      if (isGreeted) begun++
      return isGreeted
    })
    const count = (from: number, to: number) => greeted.slice(from, to).filter(Boolean).length
    assert.equal(count(0, 64), 64)
    assert.ok(count(64, 400) < 20, `${count(64, 400)}`)
  })

  it('keep those waiting that others tell of, as long as they are a crowd', () => {
    const greets = (heard: number) => {
      const solo = new Solo({ links: 'auto', maxRecords: 1000 })
      solo.link('l')
      solo.settle()
      solo.pass(5000)
      for (const id of many(heard)) mayGreet(solo.state, id, 100, solo.now)
      solo.know('l', recordOf('d'))
      const greeted = (effects: readonly Effect[]) => effects.filter(({ type }) => type === 'greet').length
      return [greeted(solo.pass(1000)), greeted(solo.pass(2000))]
    }
    assert.deepEqual(greets(50), [1, 0])
    assert.deepEqual(greets(70), [0, 1])
  })

  it('are wanted or not when they are known', () => {
    const solo = crowd()
    solo.unlink('m', 'parted')
    solo.unlink('b', 'parted')
    solo.state.chosen.delete(idOf('m'))
    assert.deepEqual([hear(solo, 'm'), hear(solo, 'b')], [false, true])
  })

  it('are forgotten: the oldest after a time, and when they are too many', () => {
    const strangers = new Strangers()
    for (let count = 0; count < 1024; count++) strangers.add(`${count}`, count)
    strangers.sweep(1000)
    assert.equal(strangers.heardAt.size, 24)
    assert.equal(strangers.ring.length, 24)
    for (let count = 2000; count < 3001; count++) strangers.add(`${count}`, count)
    strangers.delete('no one')
    assert.equal(strangers.heardAt.size, 1024)
    assert.deepEqual([...strangers.ring].sort(), [...strangers.heardAt.keys()].sort())
    assert.deepEqual([strangers.heardAt.has('1000'), strangers.heardAt.has('1001')], [false, true])
  })

  it('are as far apart on the ring as others are between them', () => {
    const ring = ['b', 'd', 'f', 'h']
    assert.deepEqual(distanceOn(ring, 'c', 'g'), { up: 2, down: 2 })
    assert.deepEqual(distanceOn(ring, 'g', 'c'), { up: 2, down: 2 })
    assert.deepEqual(distanceOn(ring, 'b', 'h'), { up: 2, down: 0 })
    assert.deepEqual(distanceOn(ring, 'a', 'i'), { up: 4, down: 0 })
    assert.deepEqual(distanceOn([], 'a', 'b'), { up: 0, down: 0 })
  })
})
