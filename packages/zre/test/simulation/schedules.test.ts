/**
 * Many nodes on one virtual network. What must hold:
 *
 * 1. Whole: within a bound after the last change all live nodes see exactly all live nodes, in the groups that they are in,
 *    and what they whisper arrives.
 * 2. No event twice: `enter` and `exit` of a peer take turns, and nothing is told of a peer that is not there.
 * 3. Numbers never skip: every message to a peer has the number after the one before, and HELLO is 1.
 * 4. Between `enter` and `exit` of a peer its whispers arrive each once and in order.
 * 5. Nothing is missed (`gap`) where no connection broke.
 * 6. HELLOs come to an end: two nodes that meet say one each, and a quiet network says none.
 * 7. A node that lives and is not stopped is never taken for dead, though a third of the beacons are lost.
 * 8. Nobody enters before our connection to it has shaken hands.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { VirtualNetwork, type VirtualNode } from '@sleuth/zre/testing'
import { Life } from '../support/life.js'
import { seeds, withSeed } from '../support/seeds.js'

/** A peer that vanished expires after 5 s, a HELLO that was lost is repeated after 5 s, and each waits a second to be seen. */
const BOUND = 15_000

const ROUGH = { beaconLoss: 0.3, beaconDoubling: 0.2, beaconDelay: 400, messageDelay: 30 }

describe('a hundred nodes', () => {
  it('that join at once see each other within 100 ms, with one HELLO each way', () => {
    const network = new VirtualNetwork({ seed: 1 })
    for (let count = 0; count < 100; count++) network.add()
    assert.ok(network.runUntil(() => isWhole(network), 100))
    network.run(3000)
    assert.equal(total(network, 'hello'), 100 * 99)
    assert.deepEqual(violations(network), [])
  })

  it('that join at once on a rough network see each other within 5 s, and lose nobody afterwards', () => {
    withSeed(seeds(1)[0] as number, (seed) => {
      const network = new VirtualNetwork({ seed, ...ROUGH })
      for (let count = 0; count < 100; count++) network.add()
      assert.ok(network.runUntil(() => isWhole(network), 5000))
      network.run(15_000)
      assert.deepEqual(exits(network), [])
      assert.equal(total(network, 'hello'), 100 * 99)
      assert.deepEqual(violations(network), [])
    })
  })

  it('of which a third stops, a third crashes, and as many join', () => {
    withSeed(seeds(1)[0] as number, (seed) => {
      const network = new VirtualNetwork({ seed, ...ROUGH })
      for (let count = 0; count < 100; count++) network.add()
      network.run(3000)
      for (const [index, node] of network.live.entries()) {
        if (index % 3 === 0) node.stop()
        if (index % 3 === 1) node.crash()
        if (index % 3 !== 2) network.add()
        network.run(5)
      }
      assert.ok(network.runUntil(() => isWhole(network), BOUND))
      assert.deepEqual(violations(network), [])
    })
  })

  it('of which some are busy for 35 s lose nobody: they are slow, and for the silence that was theirs blame none', () => {
    withSeed(seeds(1)[0] as number, (seed) => {
      const network = new VirtualNetwork({ seed })
      for (let count = 0; count < 100; count++) network.add()
      network.run(3000)
      const busy = network.live.slice(0, 10)
      for (const node of busy) node.stall()
      network.run(35_000)
      for (const node of busy) node.resume()
      network.run(10_000)
      assert.deepEqual(exits(network), [])
      assert.deepEqual(violations(network), [])
    })
  })

  it('of which some are busy for more than a minute are whole again within 500 ms when they go on', () => {
    withSeed(seeds(1)[0] as number, (seed) => {
      const network = new VirtualNetwork({ seed })
      for (let count = 0; count < 100; count++) network.add()
      network.run(3000)
      const busy = network.live.slice(0, 10)
      for (const node of busy) node.stall()
      network.run(62_000)
      assert.equal(network.live[50]?.peers.length, 89)
      for (const node of busy) node.resume()
      assert.ok(network.runUntil(() => isWhole(network), 500))
      assert.deepEqual(violations(network), [])
    })
  })

  for (const [duration, why] of [
    [1000, 'which nobody notices'],
    [8000, 'which nobody notices who does not call them'],
    [18_000, 'so that their connections are lost'],
    [30_000, 'so that they are forgotten'],
  ] as const) {
    it(`of which some are stopped for ${duration} ms, ${why}, are whole again within a second`, () => {
      withSeed(seeds(1)[0] as number, (seed) => {
        const network = new VirtualNetwork({ seed })
        for (let count = 0; count < 100; count++) network.add()
        network.run(3000)
        const stopped = network.live.slice(0, 10)
        for (const node of stopped) node.freeze()
        network.run(duration)
        assert.equal(network.live[50]?.peers.length, duration > 15_000 ? 89 : 99)
        for (const node of stopped) node.resume()
        assert.ok(network.runUntil(() => isWhole(network), 1000))
        network.run(10_000)
        assert.ok(isWhole(network))
        assert.deepEqual(violations(network), [])
      })
    })
  }
})

describe('a quiet network', () => {
  it('says no HELLO, whispers nothing, and pings nobody', () => {
    const network = new VirtualNetwork({ seed: 1 })
    for (let count = 0; count < 10; count++) network.add()
    network.run(1000)
    const before = network.nodes.map(({ sent }) => ({ ...sent }))
    network.run(60_000)
    assert.deepEqual(
      network.nodes.map(({ sent }) => ({ ...sent })),
      before,
    )
  })
})

describe('a firewall', () => {
  for (const [which, both] of [
    ['one way', false],
    ['both ways', true],
  ] as const) {
    it(`that lets beacons pass and no connection, ${which}: nobody enters, and nobody comes and goes`, () => {
      for (const seed of seeds(20)) {
        withSeed(seed, () => {
          const network = new VirtualNetwork({ seed })
          const [one, two] = [network.add(), network.add()]
          const takeAway = [network.firewall([one]), ...(both ? [network.firewall([two])] : [])]
          network.run(60_000)
          assert.deepEqual([...one.observed, ...two.observed], [])
          for (const act of takeAway) act()
          assert.ok(network.runUntil(() => isWhole(network), BOUND))
          network.run(5000)
          assert.deepEqual(exits(network), [])
          assert.deepEqual(violations(network), [])
        })
      }
    })
  }

  it('takes nothing from those whose connections stand', () => {
    const network = new VirtualNetwork({ seed: 1 })
    for (let count = 0; count < 10; count++) network.add()
    network.run(1000)
    network.firewall(network.live.slice(0, 5))
    network.run(60_000)
    assert.deepEqual(exits(network), [])
  })
})

describe('a node that stops', () => {
  it('has sent what it whispered before', () => {
    for (const seed of seeds(20)) {
      withSeed(seed, () => {
        const network = new VirtualNetwork({ seed, messageDelay: 40 })
        const [one, two] = [network.add(), network.add()]
        network.run(1000)
        for (let number = 0; number < 10; number++) one.whisper(two.id, Buffer.of(number))
        one.stop()
        network.run(200)
        assert.deepEqual(
          two.observed.map(({ type }) => type),
          ['enter', ...Array(10).fill('whisper'), 'exit'],
        )
      })
    }
  })
})

describe('a network that is split', () => {
  it('for a minute is whole again within an interval of the beacons of nodes that miss others, however rare the rest are', () => {
    for (const seed of seeds(1)) {
      withSeed(seed, () => {
        const network = new VirtualNetwork({ seed })
        for (let count = 0; count < 40; count++) network.add()
        network.run(60_000)
        const heal = network.split(network.live.slice(0, 20))
        network.run(60_000)
        assert.equal(network.live[0]?.peers.length, 19)
        heal()
        assert.ok(network.runUntil(() => isWhole(network), 6000))
        assert.deepEqual(violations(network), [])
      })
    }
  })
})

describe('a connection that breaks', () => {
  it('and loses messages is made good by a HELLO each way', () => {
    const network = new VirtualNetwork({ seed: 1 })
    const [one, two] = [network.add(), network.add()]
    network.run(100)
    one.join('g')
    network.disconnect(one, two)
    one.whisper(two.id, Buffer.from('x'))
    assert.ok(network.runUntil(() => exits(network).includes('lost'), 10))
    assert.ok(network.runUntil(() => isWhole(network), 300))
    network.run(5000)
    assert.deepEqual([...(two.node.peer(one.id)?.groups ?? [])], ['g'])
    assert.deepEqual(exits(network).sort(), ['lost', 'restarted'])
    assert.equal(total(network, 'hello'), 4)
    assert.deepEqual(violations(network), [])
  })

  it('in both directions as well, with each seen to leave once', () => {
    for (const seed of seeds(50)) {
      withSeed(seed, () => {
        const network = new VirtualNetwork({ seed })
        const [one, two] = [network.add(), network.add()]
        network.run(100)
        network.disconnect(one, two)
        network.run(network.random.between(0, 10))
        network.disconnect(two, one)
        network.run(10)
        assert.ok(network.runUntil(() => isWhole(network), 300))
        network.run(5000)
        assert.ok(isWhole(network))
        assert.deepEqual(exits(network), ['lost', 'lost'])
        assert.deepEqual(violations(network), [])
      })
    }
  })

  it('again and again, is made good within the time of two HELLOs', () => {
    const network = new VirtualNetwork({ seed: 1 })
    const [one, two] = [network.add(), network.add()]
    network.run(100)
    for (let times = 0; times < 10; times++) {
      one.whisper(two.id, Buffer.from('lost'))
      network.disconnect(one, two)
      one.whisper(two.id, Buffer.from('x'))
      network.run(50)
    }
    assert.ok(network.runUntil(() => isWhole(network), 600))
  })
})

describe('a node that dies', () => {
  it('is gone at once, and does not come back, whatever it said last', () => {
    for (const seed of seeds(100)) {
      withSeed(seed, () => {
        const network = new VirtualNetwork({ seed, ...ROUGH })
        const [one, two] = [network.add(), network.add()]
        assert.ok(network.runUntil(() => isWhole(network), 5000))
        for (let number = 0; number < 10; number++) {
          two.whisper(one.id, Buffer.of(number))
          network.run(network.random.between(0, 10))
        }
        two.crash()
        assert.ok(network.runUntil(() => one.peers.length === 0, 50))
        network.run(20_000)
        assert.deepEqual(exits(network), ['lost'])
        assert.deepEqual(violations(network), [])
        assert.equal(one.node.sightings().length, 0)
      })
    }
  })

  it('right after it came is gone as well', () => {
    for (const seed of seeds(100)) {
      withSeed(seed, () => {
        const network = new VirtualNetwork({ seed })
        const one = network.add()
        network.run(100)
        const two = network.add()
        network.run(network.random.between(0, 20))
        two.crash()
        network.run(400)
        assert.deepEqual(one.peers, [])
        network.run(10_000)
        assert.equal(one.node.sightings().length, 0)
        assert.deepEqual(violations(network), [])
      })
    }
  })

  for (const [which, rest, limit, use] of [
    ['that somebody calls, is gone within 1.5 s', 0, 1500, true],
    ['that somebody has called a while ago, is gone within 1.5 s', 5000, 1500, true],
    ['that is called after an hour, is gone within a second', 3_600_000, 1000, true],
    ['that nobody calls, is gone within 15 s', 0, 15_000, false],
  ] as const) {
    it(`with its whole host, ${which}`, () => {
      for (const seed of seeds(20)) {
        withSeed(seed, () => {
          const network = new VirtualNetwork({ seed })
          const [one, two] = [network.add(), network.add()]
          const call = () => one.whisper(two.id, 'x')
          network.run(1000)
          if (use) call()
          network.run(rest)
          two.vanish()
          if (rest > 10_000) call()
          assert.ok(network.runUntil(() => one.peers.length === 0, limit))
          network.run(10_000)
          assert.deepEqual(exits(network), ['lost'])
          assert.deepEqual(violations(network), [])
        })
      }
    })
  }
})

/** `SLEUTH_SCHEDULES` and `SLEUTH_LARGE_SCHEDULES`: how many of each are tried. */
const SCHEDULES = Number(process.env.SLEUTH_SCHEDULES ?? 100)
const LARGE_SCHEDULES = Number(process.env.SLEUTH_LARGE_SCHEDULES ?? 1)

describe('networks in which anything happens', () => {
  for (const [name, options] of [
    ['on a good network', {}],
    ['on a rough network', ROUGH],
    ['with connections that break', { ...ROUGH, cuts: true }],
    ['that is split now and then', { ...ROUGH, splits: true }],
    ['on which all of this happens', { ...ROUGH, cuts: true, splits: true }],
  ] as const) {
    it(`of 3 to 8 nodes, ${name}`, () => {
      for (const seed of seeds(SCHEDULES)) withSeed(seed, () => tryLife(new Life(seed, options), 3, 12))
    })

    it(`of 50 nodes, ${name}`, () => {
      for (const seed of seeds(LARGE_SCHEDULES))
        withSeed(seed, () => tryLife(new Life(seed, { ...options, most: 50 }), 45, 20))
    })
  }
})

/** What it began with is there at the end again, and all see each other. */
function tryLife(life: Life, least: number, acts: number): void {
  for (let first = 0; first < least; first++) life.network.add()
  for (let act = 0; act < acts; act++) life.act()
  while (life.network.live.length < least) life.network.add()
  // Those who stand still go on after 9 s at most. What was lost is noticed when something is said.
  life.network.run(9000)
  life.roundRobin()
  life.network.run(BOUND)
  assert.ok(life.isWhole(), 'not whole')
  const [hellos, whispers] = [total(life.network, 'hello'), life.whispersHeard()]
  life.roundRobin()
  life.network.run(20_000)
  assert.equal(total(life.network, 'hello'), hellos, 'HELLOs on a quiet network')
  const { length } = life.network.live
  assert.equal(life.whispersHeard() - whispers, length * (length - 1), 'whispers that did not arrive')
  assert.ok(life.isWhole(), 'no longer whole')
  life.check()
}

function isWhole(network: VirtualNetwork): boolean {
  const { live } = network
  return live.every((node) => {
    const peers = new Set(node.peers)
    return peers.size === live.length - 1 && live.every(({ id }) => id === node.id || peers.has(id))
  })
}

function total(network: VirtualNetwork, type: keyof VirtualNode['sent']): number {
  return network.nodes.reduce((sum, { sent }) => sum + (sent[type] ?? 0), 0)
}

function violations(network: VirtualNetwork): string[] {
  return network.nodes.flatMap((node) => [...node.violations, ...(node.dropped.gap ? ['gap'] : [])])
}

/** Why nodes were seen to leave. */
function exits(network: VirtualNetwork): string[] {
  return network.nodes.flatMap(({ observed }) =>
    observed.flatMap(({ type, detail = '' }) => (type === 'exit' ? detail : [])),
  )
}
