import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Subnet } from '../membership/subnet.js'
import { countSent, isFormed, knows, type Member, resetCounts, World } from '../membership/world.js'

/** Adds members at random moments of a time. */
function populate(world: World, subnet: Subnet, count: number, time: number): void {
  for (let added = 0; added < count; added++) {
    world.schedule.after(world.random.between(0, time), () => subnet.add())
  }
}

function links(members: readonly Member[]): number {
  return members.reduce((sum, { links }) => sum + links.size, 0) / 2
}

describe('nodes of one subnet', () => {
  function formed(seed: number) {
    const world = new World({ seed, loss: 0.01 })
    const subnet = new Subnet(world, '10.0.0')
    populate(world, subnet, 50, 1000)
    world.run(1000)
    world.until(5000, () => links(subnet.members) === (50 * 49) / 2)
    world.run(5000)
    return { world, subnet }
  }

  it('are quiet: a packet in some minutes on each link', (t) => {
    const { world, subnet } = formed(1)
    assert.ok(isFormed(world))
    resetCounts(subnet.members)
    world.run(60_000)
    const packets = subnet.members.reduce((sum, member) => sum + member.packets, 0)
    t.diagnostic(`${packets} packets a minute on ${links(subnet.members)} links`)
    assert.ok(packets < links(subnet.members))
    for (const type of ['know', 'gone', 'alive', 'have', 'want'] as const)
      assert.equal(countSent(subnet.members, type), 0, type)
  })

  it('greet nobody that beacons lead to', () => {
    const { subnet } = formed(2)
    assert.equal(
      subnet.members.reduce((sum, { greetings }) => sum + greetings, 0),
      0,
    )
  })

  it('tell no news of one that comes, and of one that goes', (t) => {
    const { world, subnet } = formed(3)
    world.run(60_000)
    resetCounts(subnet.members)
    const newcomer = subnet.add()
    const others = subnet.members.filter((member) => member !== newcomer)
    world.until(2000, () => newcomer.links.size === others.length)
    world.run(5000)
    t.diagnostic(`${countSent(subnet.members, 'know')} messages for one that comes`)
    assert.ok(countSent(subnet.members, 'know') <= 4, 'it is told what it lacks by a few')
    resetCounts(subnet.members)
    world.crash(newcomer)
    world.run(5000)
    assert.ok(isFormed(world))
    assert.equal(countSent(subnet.members, 'gone'), 0)
  })
})

describe('two subnets of which one knows a node of the other', () => {
  function joined(seed: number, count = 20) {
    const world = new World({ seed, loss: 0.01 })
    const [here, there] = [new Subnet(world, '10.0.1'), new Subnet(world, '10.0.2')]
    for (let added = 0; added < count; added++) there.add('there')
    world.run(3000)
    const [seedNode] = there.members as [Member]
    const first = here.add('here')
    world.connect(first, seedNode)
    return { world, here, there, first, seedNode }
  }

  it('are one network at once', (t) => {
    const { world, here, there } = joined(1)
    const time = world.until(2000, () => isFormed(world))
    t.diagnostic(`one node knows another subnet after ${time} ms`)
    for (let added = 0; added < 20; added++) here.add('here')
    const all = here.members.length + there.members.length
    const linked = world.until(
      5000,
      () => links([...here.members, ...there.members]) === (all * (all - 1)) / 2,
    )
    t.diagnostic(`all are linked after ${linked} ms`)
    assert.ok(isFormed(world))
  })

  it('learn of one that comes, and of one that goes, in either', () => {
    const { world, here, there } = joined(2)
    for (let added = 0; added < 10; added++) here.add('here')
    world.run(5000)
    for (const subnet of [here, there]) {
      const newcomer = subnet.add('newcomer')
      world.until(1000, () => isFormed(world))
      world.crash(newcomer)
      world.until(2000, () => isFormed(world))
    }
  })

  it('go on without the node that brought them together', () => {
    const { world, here, there, seedNode } = joined(3)
    for (let added = 0; added < 5; added++) here.add('here')
    world.run(5000)
    world.crash(seedNode)
    world.run(2000)
    assert.ok(isFormed(world))
    there.add('later')
    world.until(1000, () => isFormed(world))
  })

  it('have nodes of another library introduced that they can only meet so', () => {
    const { world, here, there } = joined(4)
    for (let added = 0; added < 5; added++) here.add('here')
    world.run(5000)
    const go = there.add('go-service', { foreign: true, wire: 1 })
    world.until(2000, () => here.members.every(({ links }) => links.has(go.node.id)))
    world.crash(go)
    world.until(2000, () => isFormed(world))
  })

  it('forget each other when they are cut apart, and are one again once one link stands', (t) => {
    const { world, here, there, first, seedNode } = joined(5)
    for (let added = 0; added < 15; added++) here.add('here')
    world.run(5000)
    assert.ok(isFormed(world))
    const isHere = (member: Member) => here.members.includes(member)
    world.isReachable = (from, to) => isHere(from) === isHere(to)
    for (const one of here.members) for (const other of there.members) world.cut(one, other)
    world.run(3000)
    assert.ok(here.members.every(({ state }) => !knows(state, seedNode.node.id)))
    // New ones come, and others go, in the meantime.
    there.add('there')
    world.crash(here.members[3] as Member)
    world.run(30_000)
    world.isReachable = () => true
    resetCounts(world.members.values())
    world.connect(first, seedNode)
    const time = world.until(10_000, () => isFormed(world))
    t.diagnostic(`healed after ${time} ms`)
    const living = [...world.members.values()].filter(({ isAlive }) => isAlive)
    world.until(5000, () => living.every(({ links }) => links.size === living.length - 1))
    const packets = living.reduce((sum, member) => sum + member.packets, 0) / living.length
    t.diagnostic(`${packets} packets of each`)
  })
})

describe('a liar among many', () => {
  it('that says that all are gone ends nobody', () => {
    const world = new World({ seed: 9, loss: 0.01 })
    const subnet = new Subnet(world, '10.0.0')
    for (let added = 0; added < 20; added++) subnet.add()
    world.run(3000)
    const [liar, ...others] = subnet.members as [Member, ...Member[]]
    let downs = 0
    for (let round = 0; round < 20; round++) {
      for (const other of others) {
        const gone = others.map(({ node, state }) => ({
          id: node.id,
          incarnation: state.self.incarnation,
          reason: 'lost' as const,
        }))
        const message = { type: 'gone' as const, gone }
        const effects = world.input(other, {
          type: 'message',
          from: liar.node.id,
          message,
          size: 400,
          invalid: 0,
        })
        downs += effects.filter(({ type }) => type === 'down').length
      }
      world.run(500)
    }
    assert.equal(downs, 0)
    assert.ok(isFormed(world))
  })

  it('that makes up nodes has few of them greeted by each, and they are forgotten', () => {
    const world = new World({ seed: 10 })
    const subnet = new Subnet(world, '10.0.0')
    for (let added = 0; added < 10; added++) subnet.add()
    world.run(3000)
    const [liar, victim] = subnet.members as [Member, Member]
    const told = Array.from({ length: 300 }, (_, index) => ({
      record: {
        ...liar.node,
        id: world.random.hex(32).toUpperCase(),
        endpoint: `tcp://10.66.0.${index % 250}:7`,
        incarnation: 1,
      },
      age: 0,
    }))
    world.input(victim, {
      type: 'message',
      from: liar.node.id,
      message: { type: 'know', told },
      size: 30_000,
      invalid: 0,
    })
    world.run(90_000)
    assert.ok(isFormed(world))
    for (const { greetings } of subnet.members) assert.ok(greetings <= 300 * 4)
  })
})
