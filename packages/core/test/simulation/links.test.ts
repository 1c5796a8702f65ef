import assert from 'node:assert/strict'
import { Process } from './process.js'
import { inThread } from './thread.js'
import { World } from './world.js'

const { describe, it } = inThread(import.meta.url)

/** So many nodes: SLEUTH_LINKED_NODES=1000 for more. */
const NODES = Number(process.env.SLEUTH_LINKED_NODES ?? 300)
const SERVICES = 60
/** Four neighbours on the ring, four chosen at random, those that chose this one, and services that are called. */
const MAX_LINKS = 24

/** A network of services on hosts of their own, too many for a link between each two. */
class Crowd {
  readonly world: World
  answers = 0
  readonly failures: string[] = []
  #named = 0

  constructor(seed: number) {
    this.world = new World({ seed, beaconLoss: 0.01, beaconDoubling: 0.01 })
  }

  add(service: string | undefined, links: 'auto' | 'used'): Process {
    const options = { endpoint: undefined, go: false, maxQueueSize: 2 ** 30, drainTimeout: 500 }
    const name = `n${++this.#named}`
    return new Process(this.world, name, { ...options, service, links, retry: {} }, (req, res) => {
      res.end(req.url)
    })
  }

  get living(): Process[] {
    return this.world.processes.filter(({ awake }) => awake)
  }

  /** Why not all know the same: undefined if they do. */
  get difference(): string | undefined {
    const { living } = this
    const offered = living.filter(({ service }) => service !== undefined).map(({ id }) => id)
    for (const one of living) {
      const seen = new Set(one.sleuth.services().flatMap(({ instances }) => instances.map(({ id }) => id)))
      const missing = offered.filter((id) => id !== one.id && !seen.has(id))
      const surplus = seen.size + missing.length - offered.length + (one.service === undefined ? 0 : 1)
      if (missing.length > 0 || surplus > 0)
        return `${one.name}: ${missing.length} missing, ${surplus} too many`
    }
    return undefined
  }

  /** Runs until all know the same, and says how long that took. */
  async settle(limit: number, look = 100): Promise<number> {
    const start = this.world.now
    while (this.difference !== undefined) {
      if (this.world.now - start > limit) throw new Error(`not within ${limit} ms: ${this.difference}`)
      await this.world.run(look)
    }
    return this.world.now - start
  }

  call(caller: Process, service: string): void {
    this.world.soon(caller, () => {
      caller.sleuth.request(`sleuth://${service}/x`, { timeout: 500 }).then(
        () => this.answers++,
        (error) => this.failures.push(`${caller.name} → ${service}: ${error.code}`),
      )
    })
  }

  get links(): number[] {
    return this.living.map(({ sleuth }) => sleuth.stats().peers)
  }

  traffic(): { messages: number; bytes: number; beacons: number } {
    const sum = { messages: 0, bytes: 0, beacons: 0 }
    for (const { virtual } of this.living) {
      const { messagesSent, bytesSent, beaconsSent } = virtual.node.stats()
      sum.messages += messagesSent
      sum.bytes += bytesSent
      sum.beacons += beaconsSent
    }
    return sum
  }
}

describe('nodes with links on demand', () => {
  for (const [links, count] of [
    ['auto', NODES],
    ['used', 100],
  ] as const) {
    it(`${count} by \`${links}\` know each other, and call each other, by few links`, async (t) => {
      const crowd = new Crowd(11)
      const { world } = crowd
      await world.inside(async () => {
        for (let made = 0; made < count; made++) {
          const service = made % 10 === 0 ? undefined : `service-${made % SERVICES}`
          world.network.schedule.after(world.random.between(0, 1000), () => crowd.add(service, links))
        }
        await world.run(1000)
        t.diagnostic(
          `formed after ${await crowd.settle(10_000)} ms, by at most ${Math.max(...crowd.links)} links`,
        )
        await world.run(60_000)
        assert.equal(crowd.difference, undefined)
        const idle = crowd.links
        t.diagnostic(
          `${idle.reduce((sum, count) => sum + count) / idle.length} links, at most ${Math.max(...idle)}`,
        )
        assert.ok(Math.max(...idle) <= MAX_LINKS, `${Math.max(...idle)} links`)

        const before = crowd.traffic()
        await world.run(20_000)
        const after = crowd.traffic()
        const rate = (of: keyof typeof after) => (after[of] - before[of]) / count / 20
        t.diagnostic(
          `idle, a second: ${rate('messages')} messages, ${rate('bytes')} bytes, ${rate('beacons')} beacons of each`,
        )
        assert.ok(rate('messages') < 10 && rate('bytes') < 10_000 && rate('beacons') * count < 20)

        for (let made = 0; made < count; made++)
          crowd.call(world.random.pick(crowd.living), `service-${1 + (made % 9)}`)
        await world.run(1000)
        assert.deepEqual([crowd.answers, crowd.failures], [count, []])

        const newcomer = crowd.add('service-new', links)
        await world.run(100)
        t.diagnostic(`a newcomer is known to all after ${100 + (await crowd.settle(1500))} ms`)
        for (let made = 0; made < 20; made++)
          crowd.call(world.random.pick(crowd.living.filter((one) => one !== newcomer)), 'service-new')
        await world.run(1000)
        assert.deepEqual([crowd.answers, crowd.failures], [count + 20, []])

        for (let crashed = 0; crashed < 3; crashed++) {
          world.random.pick(crowd.living.filter((one) => one !== newcomer)).crash()
          t.diagnostic(`a crash is known to all after ${await crowd.settle(3000)} ms`)
        }
        newcomer.close()
        t.diagnostic(`a farewell is known to all after ${await crowd.settle(3000)} ms`)
        await world.run(1000)

        // Nobody has come or gone twice, and what was called lately keeps its links.
        await world.run(70_000)
        assert.equal(crowd.difference, undefined)
        assert.ok(Math.max(...crowd.links) <= MAX_LINKS, `${Math.max(...crowd.links)} links`)
        assert.deepEqual(world.violations, [])
        for (const { id, violations } of world.network.nodes) assert.deepEqual(violations, [], id)
      })
    })
  }
})
