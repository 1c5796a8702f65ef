import assert from 'node:assert/strict'
import type { EmittedEvent } from '#src/types.js'
import { Process } from './process.js'
import { inThread } from './thread.js'
import { World } from './world.js'

const { describe, it } = inThread(import.meta.url)

const SCHEDULES = Number(process.env.SLEUTH_CALL_SCHEDULES ?? 20)
const FIRST = Number(process.env.SLEUTH_SEED ?? 1)
const ROUNDS = 30

interface Tally {
  /** Events that were handed over, and those that came. */
  handed: number
  came: number
  lost: number
}

/** What a process has heard: the numbers of the events of each topic, by their source. */
class Listener {
  readonly heard = new Map<string, number[]>()
  readonly process: Process
  readonly #again: string

  constructor(process: Process, again: string) {
    this.process = process
    this.#again = again
  }

  subscribe(): void {
    this.process.sleuth.subscribe('all.*', (event) => this.#take(event))
    this.process.sleuth.subscribe('each.*', (event) => this.#take(event))
  }

  #take({ topic, source, data, id }: EmittedEvent): void {
    const key = `${topic} of ${source.id}`
    const numbers = this.heard.get(key) ?? []
    this.heard.set(key, numbers)
    const { n, pad } = data as { n: number; pad: string }
    // Each is there once, whole, and after those before it.
    if (numbers.length > 0 && n <= (numbers.at(-1) as number))
      this.process.world.blame(`${this.process.name} gets ${id} after ${numbers.at(-1)}: ${this.#again}`)
    assert.equal(pad.length % 100, 0)
    numbers.push(n)
  }
}

const config = { go: false, maxQueueSize: 64 * 1024 * 1024, endpoint: undefined }

describe('events where processes stall, crash, vanish, are cut off and come back', () => {
  it('come at most once, in the order of their sender, and to one instance of a service', async (t) => {
    const tally: Tally = { handed: 0, came: 0, lost: 0 }
    for (let seed = FIRST; seed < FIRST + SCHEDULES; seed++) await live(seed, tally, true)
    t.diagnostic(`${tally.came} of ${tally.handed} came`)
    assert.ok(tally.came > 0 && tally.came <= tally.handed)
    if (SCHEDULES > 5) assert.ok(tally.came < tally.handed, 'nothing was ever lost, so nothing was tried')
  })

  it('are all there where no process ends', async () => {
    const tally: Tally = { handed: 0, came: 0, lost: 0 }
    for (let seed = FIRST; seed < FIRST + SCHEDULES; seed++) await live(seed, tally, false)
    assert.equal(tally.came, tally.handed)
    assert.ok(tally.handed > 1000)
  })
})

async function live(seed: number, tally: Tally, isRough: boolean): Promise<void> {
  const world = new World({ seed, beaconLoss: 0.2, messageDelay: 30 })
  const { random } = world.network
  const again = `again with SLEUTH_SEED=${seed} SLEUTH_CALL_SCHEDULES=1`
  await world.inside(async () => {
    const listeners: Listener[] = []
    let named = 0
    const add = async (service: string | undefined) => {
      const process = new Process(
        world,
        `${service ?? 'client'}-${++named}`,
        { service, ...config },
        () => {},
      )
      await world.run(1)
      const listener = new Listener(process, again)
      listeners.push(listener)
      world.soon(process, () => listener.subscribe())
    }
    for (const service of ['foo', 'foo', 'bar', undefined]) await add(service)
    await world.run(4000)
    let n = 0
    const emit = (emitter: Process, topic: 'all.x' | 'each.x', number: number, size: number) =>
      world.soon(emitter, () => {
        const to = topic === 'all.x' ? 'all' : 'each'
        emitter.sleuth.emit(topic, { n: number, pad: 'x'.repeat(size) }, { to }).then(
          (handed) => void addTo(tally, handed),
          (error) => world.blame(`${emitter.name} can not emit: ${error}`),
        )
      })
    for (let round = 0; round < ROUNDS; round++) {
      for (let emitted = random.between(0, 20); emitted >= 1; emitted--) {
        const emitter = random.pick(listeners.map(({ process }) => process).filter(({ awake }) => awake))
        emit(emitter, random.pick(['all.x', 'each.x'] as const), n++, random.pick([0, 100, 20_000]))
        if (random.chance(0.5)) await world.run(random.between(0, 20))
      }
      const victims = listeners.map(({ process }) => process).filter(({ awake }) => awake)
      if (isRough && victims.length > 2 && random.chance(0.4)) {
        const victim = random.pick(victims)
        const how = random.pick(['stall', 'stop', 'split', 'unheard', 'crash', 'vanish', 'close'] as const)
        if (how === 'stall' || how === 'stop') {
          victim.stall(how === 'stop')
          await world.run(random.between(10, 3000))
          victim.resume()
        } else if (how === 'split' || how === 'unheard') {
          const heal = world.network.split([victim.virtual], how === 'unheard')
          await world.run(random.between(10, 30_000))
          heal()
        } else {
          if (how === 'crash') victim.crash()
          else if (how === 'vanish') victim.vanish()
          else victim.close()
          await add(victim.service)
        }
      }
      await world.run(random.between(10, 1000))
    }
    await world.run(20_000)
    const foos = listeners.filter(({ process }) => process.service === 'foo')
    const seen = new Set<string>()
    for (const { heard } of foos)
      for (const [key, numbers] of heard)
        for (const number of numbers) {
          if (!key.startsWith('each')) continue
          assert.ok(!seen.has(`${key} ${number}`), `two instances got ${number}: ${again}`)
          seen.add(`${key} ${number}`)
        }
    for (const { heard } of listeners) for (const numbers of heard.values()) tally.came += numbers.length

    // Whatever was before, all who are there hear the next one.
    const living = listeners.filter(({ process }) => process.awake)
    const emitter = random.pick(living).process
    const last = n++
    emit(emitter, 'all.x', last, 0)
    await world.run(1000)
    for (const { heard, process } of living) {
      assert.equal(heard.get(`all.x of ${emitter.id}`)?.at(-1), last, `${process.name}: ${again}`)
      tally.came++
    }
    for (const { process } of living) process.close()
    await world.run(10_000)
  })
  assert.deepEqual(world.violations, [])
}

function addTo(tally: Tally, handed: number): void {
  tally.handed += handed
}
