import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Dialler, type DialResult } from '#src/discovery/dialler.js'
import type { Identity } from '#src/wire/identify.js'
import { VirtualClock } from './clock.js'

const [us, peer, other] = ['1', '2', '3'].map((digit) => digit.repeat(32)) as [string, string, string]
const SEED = 'tcp://10.0.0.5:5670'
const POD = 'tcp://10.244.0.7:40000'

/** A dialler, and who answers where. */
class Bench {
  readonly clock = new VirtualClock()
  readonly answers = new Map<string, Identity>()
  readonly asked: string[] = []
  readonly found: object[] = []
  readonly present = new Set<string>()
  usable = true
  /** Whether answers come at once. */
  answering = true
  readonly unanswered: (() => void)[] = []
  readonly dialler = new Dialler({
    id: us,
    clock: this.clock,
    random: () => 1,
    identify: ({ endpoint }, answer) => {
      this.asked.push(endpoint)
      if (this.answering) answer(this.answers.get(endpoint))
      else this.unanswered.push(() => answer(this.answers.get(endpoint)))
    },
    isPresent: (id) => this.present.has(id),
    isUsable: () => this.usable,
    found: (node) => this.found.push(node),
  })

  async dial(endpoint = SEED): Promise<DialResult> {
    let result: DialResult
    this.dialler.dial({ endpoint, key: undefined }, (who) => {
      result = who
    })
    await this.clock.pass(0)
    return result
  }
}

describe('a dialler', () => {
  it('finds who is at an endpoint', async () => {
    const bench = new Bench()
    bench.answers.set(SEED, { id: peer, endpoint: SEED })
    assert.deepEqual(await bench.dial(), { id: peer })
    assert.deepEqual(bench.found, [{ id: peer, endpoint: SEED, key: undefined, alias: false, ours: true }])
  })

  it('finds nobody where nobody answers', async () => {
    const bench = new Bench()
    assert.equal(await bench.dial(), undefined)
    assert.deepEqual(bench.found, [])
  })

  it('knows itself', async () => {
    const bench = new Bench()
    bench.answers.set(SEED, { id: us, endpoint: POD })
    assert.equal(await bench.dial(), 'own')
    assert.deepEqual(bench.found, [])
  })

  it('leaves a node alone that is present', async () => {
    const bench = new Bench()
    bench.answers.set(SEED, { id: peer, endpoint: POD })
    bench.present.add(peer)
    assert.equal(((await bench.dial()) as { id: string }).id, peer)
    assert.deepEqual([bench.found, bench.asked], [[], [SEED]])
  })

  it('finds a node behind a virtual address where that is itself, if it answers there', async () => {
    const bench = new Bench()
    bench.answers.set(SEED, { id: peer, endpoint: POD })
    bench.answers.set(POD, { id: peer, endpoint: POD })
    await bench.dial()
    assert.deepEqual(bench.found, [{ id: peer, endpoint: POD, key: undefined, alias: false, ours: true }])
  })

  it('and else by the virtual address', async () => {
    const alias = [{ id: peer, endpoint: SEED, key: undefined, alias: true, ours: true }]
    const silent = new Bench()
    silent.answers.set(SEED, { id: peer, endpoint: POD })
    await silent.dial()
    assert.deepEqual(silent.found, alias)

    const elsewhere = new Bench()
    elsewhere.answers.set(SEED, { id: peer, endpoint: POD })
    elsewhere.answers.set(POD, { id: other, endpoint: POD })
    await elsewhere.dial()
    assert.deepEqual(elsewhere.found, alias, 'another is there')

    const offNetwork = new Bench()
    offNetwork.usable = false
    offNetwork.answers.set(SEED, { id: peer, endpoint: POD })
    await offNetwork.dial()
    assert.deepEqual([offNetwork.found, offNetwork.asked], [alias, [SEED]], 'nobody is asked there')
  })

  it('has four dials under way at most, and 50 ms between two', async () => {
    const bench = new Bench()
    bench.answering = false
    for (let at = 0; at < 10; at++) void bench.dial(`tcp://10.0.0.${at}:1`)
    await bench.clock.pass(10)
    assert.equal(bench.asked.length, 1)
    await bench.clock.pass(50)
    assert.equal(bench.asked.length, 2)
    await bench.clock.pass(1000)
    assert.equal(bench.asked.length, 4)
    bench.unanswered.shift()?.()
    await bench.clock.pass(50)
    assert.equal(bench.asked.length, 5)
  })

  it('goes on after a pause, and has nothing to do when all is done', async () => {
    const bench = new Bench()
    await bench.dial()
    await bench.clock.pass(1000)
    assert.equal(bench.clock.pending, 0)
    await bench.dial()
    assert.equal(bench.asked.length, 2)
  })

  it('lets 256 wait, and not more', async () => {
    const bench = new Bench()
    bench.answering = false
    const results: DialResult[] = []
    for (let at = 0; at < 300; at++) {
      bench.dialler.dial({ endpoint: SEED, key: undefined }, (result) => results.push(result))
    }
    assert.equal(results.length, 300 - 256 - 1)
  })

  it('that is closed does nothing more', async () => {
    const bench = new Bench()
    bench.answering = false
    bench.answers.set(SEED, { id: peer, endpoint: SEED })
    await bench.dial()
    await bench.dial()
    bench.dialler.close()
    bench.unanswered.shift()?.()
    await bench.dial()
    await bench.clock.pass(1000)
    assert.deepEqual([bench.found, bench.asked.length, bench.clock.pending], [[], 1, 0])
  })
})
