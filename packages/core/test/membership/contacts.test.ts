import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { contactsOf, neighboursOf, RANDOM_NEIGHBOURS, RING_NEIGHBOURS } from '#src/membership/contacts.js'
import { idOf, Solo } from './records.js'

const letters = [...'bcdefghijklmnopqrst']
const named = (names: string) => [...names].map((name) => ({ id: name }))
const names = (nodes: readonly { id: string }[]) => nodes.map(({ id }) => id).join('')

/** The letter of each contact. */
function contacts({ state }: Solo): string[] {
  return contactsOf(state).map(({ id }) => letters.find((letter) => idOf(letter) === id) ?? id)
}

function linked(config: ConstructorParameters<typeof Solo>[0] = {}): Solo {
  const solo = new Solo(config)
  for (const letter of letters) solo.link(letter)
  return solo
}

describe('neighbours on the ring of ids', () => {
  it('are the next two on each side, in either order of what is known', () => {
    for (const nodes of ['abcdeghi', 'ihgedcba', 'gaibhced'])
      assert.deepEqual([...names(neighboursOf('f', named(nodes)))].sort().join(''), 'degh', nodes)
  })

  it('go on at the other end of the ring', () => {
    assert.deepEqual([...names(neighboursOf('a', named('bcdefghi')))].sort().join(''), 'bchi')
    assert.deepEqual([...names(neighboursOf('h', named('abcdefgi')))].sort().join(''), 'afgi')
    assert.deepEqual([...names(neighboursOf('z', named('abcdefgi')))].sort().join(''), 'abgi')
  })

  it('are all when there are few', () => {
    assert.equal(names(neighboursOf('a', named('bcde'))), 'bcde')
  })
})

describe('contacts', () => {
  it('are the neighbours first, and some others at random on each side of the horizon', () => {
    const far = new Set(['f', 'g', 'h', 'i', 'j', 'k'].map(idOf))
    const solo = linked({ isHeard: (id) => !far.has(id) })
    const chosen = contacts(solo)
    assert.deepEqual(chosen.slice(0, 2 * RING_NEIGHBOURS).sort(), ['b', 'c', 's', 't'])
    const others = chosen.slice(2 * RING_NEIGHBOURS)
    assert.equal(others.filter((letter) => far.has(idOf(letter))).length, RANDOM_NEIGHBOURS)
    assert.equal(new Set(chosen).size, 2 * RING_NEIGHBOURS + 2 * RANDOM_NEIGHBOURS)
  })

  it('stay when another link comes or goes', () => {
    const solo = linked()
    const others = () =>
      contacts(solo)
        .slice(2 * RING_NEIGHBOURS)
        .sort()
    const before = others()
    solo.link('v')
    solo.unlink('v')
    assert.deepEqual(others(), before)
    const [gone, ...kept] = before
    solo.unlink(gone as string)
    const after = others()
    assert.equal(after.length, before.length)
    assert.deepEqual(
      kept.filter((letter) => !after.includes(letter)),
      [],
    )
  })

  it('are those only that read what they are told', () => {
    const solo = new Solo()
    solo.link('b')
    solo.link('g', { foreign: true, wire: 1 })
    assert.deepEqual(contacts(solo), ['b'])
  })
})
