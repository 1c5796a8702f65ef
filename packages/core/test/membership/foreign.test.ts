import assert from 'node:assert/strict'
import { it, describe as suite } from 'node:test'
import { MAX_INCARNATION } from '#src/membership/record.js'
import { EXPIRY_MS } from '#src/membership/state.js'
import { describe, drops, greeted, recordOf, Solo } from './records.js'
import { isFormed, type Member, resetCounts, World } from './world.js'

/** Milliseconds after which only what goes on for ever is still said. */
const SETTLED = 1_200_000
const MINUTE = 60_000

/** Members that know each other, and a foreign node that all have a link to. */
function withForeign(count: number): { world: World; members: Member[]; foreign: Member } {
  const world = new World({ seed: 1 })
  const members = Array.from({ length: count }, () => world.add())
  const foreign = world.add('go-service', { foreign: true, wire: 1 })
  for (const member of members) {
    for (const other of [...members, foreign]) if (other !== member) world.connect(member, other)
  }
  world.until(5000, () => isFormed(world))
  return { world, members, foreign }
}

function packetsInAMinute(world: World, members: readonly Member[]): number {
  resetCounts(members)
  world.run(MINUTE)
  return members.reduce((sum, { packets }) => sum + packets, 0)
}

const incarnationsOf = (members: readonly Member[], { node }: Member) =>
  new Set(members.map(({ state }) => state.entries.get(node.id)?.record.incarnation))

suite('a foreign node', () => {
  it('of which members know different endpoints is contradicted less and less often', () => {
    const { world, members, foreign } = withForeign(4)
    const quiet = packetsInAMinute(world, members)
    // Older members told where they had found it, and one whose link is old knows its HELLO of then.
    const [one] = members as [Member]
    const elsewhere = { ...foreign.node, endpoint: 'tcp://10.9.9.9:9' }
    world.input(one, { type: 'unlinked', id: foreign.node.id, gone: undefined })
    world.input(one, { type: 'linked', node: elsewhere, speaks: false, parts: false })
    const first = packetsInAMinute(world, members)
    world.run(SETTLED)
    const later = packetsInAMinute(world, members)
    assert.ok(first > quiet && first <= 400, `${first} packets in the first minute, ${quiet} before`)
    assert.ok(later <= quiet + 60, `${later} packets in a later minute, ${quiet} before`)
  })

  it('whose incarnation nobody else believes has the one of the others soon, once there is a link to it', () => {
    const { world, members, foreign } = withForeign(3)
    const quiet = packetsInAMinute(world, members)
    const liar = world.add()
    const newcomer = world.add()
    world.isReachable = (from, to) => newcomer !== from || to === liar
    world.connect(newcomer, liar)
    world.run(1000)
    const known = [...members][0]?.state.entries.get(foreign.node.id)?.record
    assert.ok(known !== undefined)
    const record = { ...known, incarnation: MAX_INCARNATION - 1 }
    world.input(newcomer, {
      type: 'message',
      from: liar.node.id,
      message: { type: 'know', told: [{ record, age: 0 }] },
      size: 100,
      invalid: 0,
    })
    assert.deepEqual(incarnationsOf([newcomer], foreign), new Set([MAX_INCARNATION - 1]))
    world.crash(liar)
    world.isReachable = () => true
    for (const other of [...members, foreign]) world.connect(newcomer, other)
    world.run(5000)
    const all = [...members, newcomer]
    assert.equal(incarnationsOf(all, foreign).size, 1)
    world.run(MINUTE)
    const later = packetsInAMinute(world, all)
    assert.ok(later <= 2 * quiet + 60, `${later} packets in a minute, ${quiet} before`)
  })

  it('whose incarnation nobody else believes is forgotten without a link to it, though others speak of it', () => {
    const solo = new Solo()
    for (const letter of ['b', 'l']) solo.link(letter)
    solo.settle()
    const foreign = { foreign: true, wire: 1 }
    solo.know('l', recordOf('g', { ...foreign, incarnation: MAX_INCARNATION }))
    for (let passed = 0; passed <= EXPIRY_MS; passed += 5000) {
      solo.know('b', recordOf('g', foreign))
      solo.pass(5000)
    }
    solo.pass(5000)
    solo.know('b', recordOf('g', foreign))
    assert.equal(solo.record('g')?.incarnation, 1)
  })

  it('begins anew with the incarnations when a liar has used them up', () => {
    const solo = new Solo()
    for (const letter of ['b', 'l']) solo.link(letter)
    solo.settle()
    solo.know('l', recordOf('g', { foreign: true, wire: 1, incarnation: MAX_INCARNATION, service: 'x' }))
    solo.link('g', { foreign: true, wire: 1 })
    assert.equal(solo.record('g')?.incarnation, 1)
    assert.deepEqual(drops(solo.gone('l', 'g')), ['membership-refuted'])
    assert.equal(solo.record('g')?.incarnation, 2)
  })
})

suite('a node that can not be reached', () => {
  it('is introduced, and greeted by nobody: it greets the others', () => {
    const world = new World({ seed: 2 })
    const members = Array.from({ length: 8 }, () => world.add())
    const away = world.add('laptop-service', { unreachable: true })
    world.isReachable = (_from, to) => to !== away
    const [first] = members as [Member]
    for (const member of [...members, away]) if (member !== first) world.connect(member, first)
    world.until(10_000, () => isFormed(world))
    world.until(10_000, () => away.links.size === members.length)
    assert.ok(away.greetings > 0)
    const other = world.add()
    world.connect(other, first)
    const [second] = members.slice(1) as [Member]
    world.cut(away, second)
    world.until(10_000, () => away.links.size === members.length + 1)
    world.run(SETTLED)
    for (const member of [...members, other]) {
      const vain = member.greeted.filter((id) => id === away.node.id)
      assert.deepEqual(vain, [])
    }
  })

  it('is greeted by one that can not be reached either: they may be behind the same router', () => {
    const solo = new Solo({ self: describe('a', { unreachable: true }) })
    solo.link('b')
    solo.settle()
    solo.know('b', recordOf('d', { unreachable: true }))
    assert.deepEqual(greeted(solo.pass(1000)), [recordOf('d').endpoint])
  })

  it('is greeted as soon as it says that it can be reached', () => {
    const solo = new Solo()
    solo.link('b')
    solo.settle()
    solo.know('b', recordOf('d', { unreachable: true }))
    assert.deepEqual(greeted(solo.pass(20_000)), [])
    solo.know('b', recordOf('d', { incarnation: 2 }))
    assert.deepEqual(greeted(solo.pass(1000)), [recordOf('d').endpoint])
  })
})
