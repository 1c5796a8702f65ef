import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ZreNode } from '@sleuth/zre'
import { Acknowledgements } from '#src/machine/acknowledgements.js'
import type { Effect } from '#src/machine/types.js'
import { Bench, PEER } from '../support/machine.js'
import { event, Nodes, whispers } from '../support/nodes.js'

const peer = 'A'.repeat(32)

describe('acknowledgements', () => {
  it('come with the answer to the last PING, not to one before it', async () => {
    const acknowledgements = new Acknowledgements(() => 0)
    const settled: string[] = []
    acknowledgements.sent(peer, 'ping')
    const first = acknowledgements.next(peer).then((received) => settled.push(`first ${received}`))
    acknowledgements.sent(peer, 'whisper')
    acknowledgements.sent(peer, 'ping')
    const second = acknowledgements.next(peer).then((received) => settled.push(`second ${received}`))
    acknowledgements.answered(peer)
    await first
    assert.deepEqual(settled, ['first true'])
    acknowledgements.answered(peer)
    await second
    assert.deepEqual(settled, ['first true', 'second true'])
  })

  it('do not come for what a HELLO came after, nor from a peer that is gone', async () => {
    const acknowledgements = new Acknowledgements(() => 0)
    for (const end of [() => acknowledgements.sent(peer, 'hello'), () => acknowledgements.gone(peer)]) {
      acknowledgements.sent(peer, 'ping')
      const next = acknowledgements.next(peer)
      end()
      assert.equal(await next, false)
    }
  })

  it('show the time of a round trip: that of a PING with no other under way, until the count begins anew', () => {
    let now = 100
    const acknowledgements = new Acknowledgements(() => now)
    assert.equal(acknowledgements.roundTrip(peer), undefined)
    acknowledgements.sent(peer, 'ping')
    now += 3
    acknowledgements.sent(peer, 'ping')
    now += 4
    acknowledgements.answered(peer)
    assert.equal(acknowledgements.roundTrip(peer), 7)
    // The second left while the first was timed.
    acknowledgements.answered(peer)
    assert.equal(acknowledgements.roundTrip(peer), 7)
    acknowledgements.sent(peer, 'ping')
    now += 2
    acknowledgements.answered(peer)
    assert.equal(acknowledgements.roundTrip(peer), 2)
    acknowledgements.sent(peer, 'hello')
    assert.equal(acknowledgements.roundTrip(peer), undefined)
  })

  it('do not count an answer to nothing', async () => {
    const acknowledgements = new Acknowledgements(() => 0)
    acknowledgements.sent(peer, 'hello')
    acknowledgements.sent(peer, 'ping')
    acknowledgements.answered(peer)
    acknowledgements.answered(peer)
    assert.equal(await acknowledgements.next(peer), false)
    acknowledgements.sent(peer, 'ping')
    const next = acknowledgements.next(peer)
    acknowledgements.gone(peer)
    assert.equal(await next, false)
  })
})

describe('the acknowledgements of a peer whose connection broke', () => {
  it('come, though it never answers what it was asked before it greeted us anew', async () => {
    const acknowledgements = new Acknowledgements(() => 0)
    const bench = Bench.withPeer()
    const observe = (effects: Effect[]) => {
      for (const effect of effects) acknowledgements.observe(effect)
    }
    observe(bench.do({ type: 'disconnected', id: PEER, interfaceDown: false }))
    observe(bench.do({ type: 'connected', id: PEER }))
    observe(bench.hello())
    observe(bench.do({ type: 'ping', to: PEER }))
    const next = acknowledgements.next(PEER)
    acknowledgements.answered(PEER)
    acknowledgements.close()
    assert.equal(await next, true)
  })
})

describe('a node', { timeout: 60_000 }, () => {
  it('knows what a peer has read, and when it last spoke', async () => {
    await using nodes = await Nodes.open()
    const [one, two] = (await nodes.group(2)) as [ZreNode, ZreNode]
    const touch = whispers(two)
    const asked = performance.now()
    for (let i = 0; i < 100; i++) one.whisper(two.id, Buffer.alloc(10_000))
    assert.equal(await one.acknowledged(two.id), true)
    assert.equal(touch.texts.length, 100)
    const answered = one.heardAt(two.id) as number
    assert.ok(answered > asked && answered <= performance.now())
    one.ping(two.id)
    while (one.heardAt(two.id) === answered) await new Promise((resolve) => setImmediate(resolve))
  })

  it('does not wait for a peer that is gone, or never was', async () => {
    await using nodes = await Nodes.open()
    const [one, two] = (await nodes.group(2)) as [ZreNode, ZreNode]
    const exit = event(one, 'exit')
    await two.close()
    const pending = one.acknowledged(two.id)
    await exit
    assert.equal(await pending, false)
    assert.equal(await one.acknowledged(two.id), false)
    assert.equal(one.heardAt(two.id), undefined)
    one.ping(two.id)
    await one.close()
    one.ping(two.id)
    assert.equal(await one.acknowledged(two.id), false)
  })
})
