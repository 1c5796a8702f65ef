import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MAX_AT_A_TIME } from '#src/machine/handshake-limit.js'
import type { Effect } from '#src/machine/types.js'
import { marked } from '#src/wire/identity.js'
import { Bench, find } from '../support/machine.js'

const idOf = (at: number) => marked((at + 1).toString(16).toUpperCase().padStart(4, '0').padEnd(32, '7'))
const endpointOf = (at: number) => `tcp://10.0.0.2:${50_000 + at}`
const greeted = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => (effect.type === 'send' && effect.message.type === 'hello' ? [effect.id] : []))

/** A node that is told of others by members, who say which of them are to be greeted. */
function member(greets: (id: string) => boolean = () => true): Bench {
  const bench = new Bench({ introduced: { count: () => 0, knows: () => false, greets } })
  bench.state.nextBeaconAt = Number.POSITIVE_INFINITY
  return bench
}

/** A discovery finds so many nodes at once. */
function discover(bench: Bench, count: number): string[] {
  return Array.from({ length: count }, (_, at) => at).flatMap((at) =>
    greeted(bench.do({ type: 'found', id: idOf(at), endpoint: endpointOf(at) })),
  )
}

describe('many nodes of this library that are found at once', () => {
  it('are greeted a few at a time: the next when one of them has answered', () => {
    const bench = member()
    const first = discover(bench, 50)
    assert.equal(first.length, MAX_AT_A_TIME)
    assert.deepEqual(greeted(bench.wait(400)), [])
    const [answered] = first
    const next = greeted(bench.hello(answered as string, { endpoint: endpointOf(0) }))
    assert.deepEqual(
      next.filter((id) => id !== answered),
      [idOf(MAX_AT_A_TIME)],
    )
  })

  it('are all greeted in time, though nobody answers', () => {
    const bench = member()
    const all = new Set(discover(bench, 30))
    for (const id of greeted(bench.wait(40_000))) all.add(id)
    assert.equal(all.size, 30)
  })

  it('wait longer where handshakes take long', () => {
    const [fast, slow] = [member(), member()]
    for (const [bench, took] of [
      [fast, 10],
      [slow, 1000],
    ] as const) {
      for (let at = 100; at < 120; at++) {
        bench.do({ type: 'found', id: idOf(at), endpoint: endpointOf(at) })
        bench.wait(took)
        bench.hello(idOf(at), { endpoint: endpointOf(at) })
      }
      discover(bench, 2 * MAX_AT_A_TIME)
    }
    assert.equal(greeted(fast.wait(600)).length, MAX_AT_A_TIME)
    assert.deepEqual(greeted(slow.wait(600)), [])
  })

  it('are not greeted any more, if others have told of them meanwhile', () => {
    let wanted = true
    const bench = member(() => wanted)
    const first = discover(bench, 50)
    wanted = false
    for (const [at, id] of first.entries()) bench.hello(id, { endpoint: endpointOf(at) })
    assert.deepEqual(greeted(bench.wait(1000)), [])
    assert.equal(bench.state.newcomers.size, 0)
  })

  it('do not wait if a call needs them, if they greet us, or if they are of another library', () => {
    const bench = member()
    discover(bench, 50)
    const urgent = { type: 'found', id: idOf(60), endpoint: endpointOf(60), urgent: true } as const
    assert.deepEqual(greeted(bench.do(urgent)), [idOf(60)])
    const greeter = bench.hello(idOf(40), { endpoint: endpointOf(40) })
    assert.equal(find(greeter, 'enter').peer.id, idOf(40))
    const foreign = 'AB'.repeat(16)
    assert.deepEqual(greeted(bench.beacon(foreign, 60_000)), [foreign])
  })

  it('are forgotten when whoever found them says that they are gone', () => {
    const bench = member()
    const first = discover(bench, 50)
    for (let at = 0; at < 50; at++) bench.do({ type: 'gone', id: idOf(at), endpoint: endpointOf(at) })
    assert.equal(first.length, MAX_AT_A_TIME)
    assert.equal(bench.state.newcomers.size, 0)
  })
})

describe('a node whose members tell it of nobody', () => {
  it('greets all nodes when they are found', () => {
    const bench = new Bench()
    assert.equal(discover(bench, 50).length, 50)
  })
})
