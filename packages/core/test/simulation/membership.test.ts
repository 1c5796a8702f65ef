import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFormed, type Member, resetCounts, World } from '../membership/world.js'

/** So many nodes: SLEUTH_MEMBERS=2000 for more. */
const MEMBERS = Number(process.env.SLEUTH_MEMBERS ?? 500)
const SEEDS = 5

/** Bytes and packets that each node sends in a second. */
function rates(members: readonly Member[], seconds: number) {
  const sum = members.reduce(
    (total, { packets, bytes }) => ({ packets: total.packets + packets, bytes: total.bytes + bytes }),
    { packets: 0, bytes: 0 },
  )
  const most = members.reduce((max, { bytes }) => Math.max(max, bytes), 0)
  return {
    packets: sum.packets / members.length / seconds,
    kib: sum.bytes / members.length / seconds / 1024,
    most: most / seconds / 1024,
  }
}

test(`${MEMBERS} nodes know each other by a few seeds, and a crash is known to all`, (t) => {
  const world = new World({ seed: 7, links: 'auto', loss: 0.01 })
  const members = Array.from({ length: MEMBERS }, (_, index) => world.add(`service-${index % 50}`))
  const seeds = members.slice(0, SEEDS)
  for (const member of members) {
    world.schedule.after(world.random.between(0, 1000), () => {
      for (const seed of [...seeds].sort(() => world.random.next() - 0.5).slice(0, 3))
        world.connect(member, seed)
    })
  }
  const formed = world.until(10_000, () => isFormed(world), 100)
  const forming = rates(members, formed / 1000)
  t.diagnostic(`formed after ${formed} ms; ${JSON.stringify(forming)}`)

  world.run(30_000)
  resetCounts(members)
  world.run(30_000)
  const idle = rates(members, 30)
  const links = members.reduce((sum, member) => sum + member.links.size, 0) / members.length
  t.diagnostic(`idle: ${JSON.stringify(idle)}; ${links} links each`)
  assert.ok(isFormed(world), 'somebody was forgotten')
  assert.ok(idle.packets <= 200 && idle.kib <= 20)

  const victims = members.slice(SEEDS, SEEDS + 3)
  for (const victim of victims) {
    world.crash(victim)
    const known = world.until(2000, () => isFormed(world))
    t.diagnostic(`a crash is known to all after ${known} ms`)
  }
})
