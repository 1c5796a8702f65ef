import assert from 'node:assert/strict'
import { Process } from './process.js'
import { inThread } from './thread.js'
import { World } from './world.js'

const { describe, it } = inThread(import.meta.url)

const SCHEDULES = Number(process.env.SLEUTH_CALL_SCHEDULES ?? 10)
const FIRST = Number(process.env.SLEUTH_SEED ?? 1)
const ROUNDS = 12
/** Milliseconds after which news of a check has arrived and is told on: a check a second, and a message. */
const SETTLED_MS = 1200

/** An instance that wants calls while `ready` says so. */
class Instance {
  /** What its option `ready` gives. */
  ready: 'yes' | 'no' | 'throws' | 'stuck' = 'yes'
  calls = 0
  readonly process: Process

  constructor(world: World, name: string) {
    const ready = (): boolean | Promise<boolean> => {
      if (this.ready === 'throws') throw new Error('no database')
      if (this.ready === 'stuck') return new Promise((resolve) => this.#stuck.push(resolve))
      return this.ready === 'yes'
    }
    this.process = new Process(world, name, { service: 'foo', ready, ...config }, (_req, res) => {
      this.calls++
      res.end()
    })
  }

  readonly #stuck: ((ready: boolean) => void)[] = []

  become(ready: Instance['ready']): void {
    this.ready = ready
    for (const resolve of this.#stuck.splice(0)) resolve(ready === 'yes')
  }

  get wants(): boolean {
    return this.ready === 'yes'
  }
}

const config = { go: false, maxQueueSize: 64 * 1024 * 1024 }

describe('instances that want calls now and then', () => {
  it('get them only then, as long as one wants them; no call fails', async (t) => {
    let [none, some] = [0, 0]
    for (let seed = FIRST; seed < FIRST + SCHEDULES; seed++) {
      const rounds = await live(seed)
      none += rounds.none
      some += rounds.some
    }
    t.diagnostic(`none wanted calls in ${none} rounds, and not all in ${some}`)
    if (SCHEDULES > 5) assert.ok(none > 0 && some > 0)
  })
})

/** Returns in how many rounds no instance wanted calls, and in how many some did and others did not. */
async function live(seed: number): Promise<{ none: number; some: number }> {
  const world = new World({ seed, beaconLoss: 0.2, messageDelay: 30 })
  const { random } = world.network
  const rounds = { none: 0, some: 0 }
  await world.inside(async () => {
    const instances = ['a', 'b', 'c'].map((name) => new Instance(world, name))
    const caller = new Process(world, 'caller', config, () => {})
    const failed: unknown[] = []
    let answered = 0
    const call = (method: 'GET' | 'POST') =>
      world.soon(caller, () => {
        caller.sleuth.request('sleuth://foo/', { method, timeout: 5000 }).then(
          () => answered++,
          (error: unknown) => failed.push(error),
        )
      })
    const again = `again with SLEUTH_SEED=${seed} SLEUTH_CALL_SCHEDULES=1`
    await world.run(3000)
    assert.equal(caller.sleuth.services()[0]?.instances.length, 3, again)
    let made = 0
    for (let round = 0; round < ROUNDS; round++) {
      for (const instance of instances)
        instance.become(random.pick(['yes', 'yes', 'no', 'throws', 'stuck'] as const))
      // Those that take no calls any more may get some meanwhile, and those refuse them or answer them.
      for (let calls = 0; calls < 10; calls++) {
        call(random.pick(['GET', 'POST'] as const))
        made++
        await world.run(SETTLED_MS / 5)
      }
      const wanting = instances.filter(({ wants }) => wants)
      if (wanting.length === 0) rounds.none++
      else if (wanting.length < instances.length) rounds.some++
      const [service] = caller.sleuth.services()
      const ready = new Map(service?.instances.map(({ id, ready }) => [id, ready]))
      for (const { process, wants } of instances)
        assert.equal(ready.get(process.id), wants, `${process.name} in round ${round}: ${again}`)
      const before = instances.map(({ calls }) => calls)
      for (let calls = 0; calls < 6; calls++) {
        call('POST')
        made++
        await world.run(10)
      }
      await world.run(200)
      const got = instances.map(({ calls }, at) => calls - (before[at] as number))
      const each = 6 / (wanting.length || 3)
      for (const [at, instance] of instances.entries()) {
        const wanted = wanting.length === 0 || instance.wants ? each : 0
        assert.equal(got[at], wanted, `${instance.process.name} in round ${round}: ${again}`)
      }
    }
    await world.run(10_000)
    assert.deepEqual(failed, [], again)
    assert.equal(answered, made, again)
    for (const process of world.processes) process.close()
    await world.run(10_000)
  })
  assert.deepEqual(world.violations, [])
  return rounds
}
