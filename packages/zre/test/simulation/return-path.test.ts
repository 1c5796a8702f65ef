import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { VirtualNetwork, type VirtualNode } from '@sleuth/zre/testing'
import { seeds, withSeed } from '../support/seeds.js'

/** A connection is tried for a second, HELLO is repeated after five, and a peer that is silent expires. */
const BOUND = 15_000

interface Site {
  readonly network: VirtualNetwork
  readonly mesh: readonly VirtualNode[]
  readonly laptop: VirtualNode
}

/** The laptop connects to the others, and they can't connect to it. */
function site(seed: number): Site {
  const network = new VirtualNetwork({ seed, messageDelay: 30, beaconLoss: 0.3 })
  const mesh = Array.from({ length: 5 }, () => network.add({ networks: ['10.0.0.0/8'] }))
  const laptop = network.add()
  network.firewall(mesh)
  return { network, mesh, laptop }
}

/** As a seed or an introduction would. */
function tellLaptop({ mesh, laptop }: Site): void {
  for (const { id, endpoint, alive } of mesh) if (alive) laptop.node.found({ id, endpoint, ours: true })
}

function areMet({ mesh, laptop }: Site): boolean {
  const live = mesh.filter(({ alive }) => alive)
  return (
    laptop.peers.length === live.length &&
    live.every(({ node }) => node.peer(laptop.id)?.connections === 'theirs')
  )
}

/** Until they have met; the laptop is told again and again, as a seed is dialled again. */
function meet(on: Site): boolean {
  for (let waited = 0; waited < BOUND; waited += 1000) {
    tellLaptop(on)
    if (on.network.runUntil(() => areMet(on), 1000)) return true
  }
  return false
}

function assertSound({ mesh, laptop }: Site): void {
  assert.deepEqual(
    [...mesh, laptop].flatMap(({ violations }) => violations),
    [],
  )
}

describe('a node that the others can not connect to', () => {
  it('is met by all that it is told of, speaks with them, and is never lost', () => {
    for (const first of seeds(10)) {
      withSeed(first, (seed) => {
        const on = site(seed)
        assert.ok(meet(on))
        const before = on.laptop.observed.length
        for (const [at, node] of on.mesh.entries()) {
          node.whisper(on.laptop.id, `to ${at}`)
          on.laptop.whisper(node.id, `from ${at}`)
        }
        on.network.run(120_000)
        const heard = on.laptop.observed.slice(before)
        assert.deepEqual(heard.map(({ type, detail }) => `${type} ${detail}`).sort(), [
          'whisper to 0',
          'whisper to 1',
          'whisper to 2',
          'whisper to 3',
          'whisper to 4',
        ])
        for (const [at, { observed }] of on.mesh.entries()) {
          const whispers = observed.filter(({ type }) => type === 'whisper')
          assert.deepEqual(
            whispers.map(({ detail }) => detail),
            [`from ${at}`],
          )
          assert.deepEqual(
            observed.filter(({ type, peer }) => type === 'exit' && peer === on.laptop.id),
            [],
          )
        }
        assertSound(on)
      })
    }
  })

  it('is met again after its connections break, and is gone at once when it crashes', () => {
    for (const first of seeds(10)) {
      withSeed(first, (seed) => {
        const on = site(seed)
        assert.ok(meet(on))
        for (const node of on.mesh) on.network.disconnect(on.laptop, node)
        on.network.run(100)
        assert.ok(!areMet(on))
        assert.ok(meet(on))
        on.laptop.crash()
        const gone = () => on.mesh.every(({ peers }) => !peers.includes(on.laptop.id))
        assert.ok(on.network.runUntil(gone, 100))
        assertSound(on)
      })
    }
  })

  it('loses a node that crashes, and no other', () => {
    for (const first of seeds(10)) {
      withSeed(first, (seed) => {
        const on = site(seed)
        assert.ok(meet(on))
        on.mesh[0]?.crash()
        assert.ok(on.network.runUntil(() => on.laptop.peers.length === 4, BOUND))
        assertSound(on)
      })
    }
  })
})
