import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, it } from 'node:test'
import { setTimeout as pass } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createSleuth, type Sleuth, type SleuthOptions } from '@sleuth/core'
import { freePort } from '../port.js'

const program = fileURLToPath(new URL('subscriber.js', import.meta.url))
const children = new Set<ChildProcess>()
const nodes = new Set<Sleuth>()

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
  await Promise.all(Array.from(nodes, (node) => node.close()))
  nodes.clear()
})

/** A node that is closed even if its test fails. */
async function sender(options: SleuthOptions): Promise<Sleuth> {
  const sleuth = await createSleuth({ interface: 'loopback', ...options })
  nodes.add(sleuth)
  return sleuth
}

/** A subscriber in a process of its own, which tells the numbers that it has got. */
class Subscriber {
  readonly child: ChildProcess
  readonly got: number[] = []

  constructor(port: number) {
    this.child = fork(program, [String(port)], { execArgv: [] })
    children.add(this.child)
    this.child.on('message', (numbers: number[]) => this.got.push(...numbers))
  }
}

/** Milliseconds after which what does not hold never will. */
const GIVE_UP_MS = 30_000

async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + GIVE_UP_MS
  while (!holds()) {
    if (performance.now() > end) throw new Error(`never: ${holds}`)
    await pass(20)
  }
}

async function subscribed(sleuth: Sleuth, count: number): Promise<void> {
  while ((await sleuth.emit('ready', undefined, { to: 'all' })) < count) await pass(20)
}

const isIncreasing = (numbers: readonly number[]) =>
  numbers.every((number, at) => at === 0 || number > (numbers[at - 1] as number))

describe('events between processes', { timeout: 60_000 }, () => {
  it('kill -9 of one of two of a service loses what was under way to it, and nothing else', async () => {
    const port = await freePort()
    const sleuth = await sender({ port })
    const [victim, survivor] = [new Subscriber(port), new Subscriber(port)]
    await subscribed(sleuth, 2)
    let n = 0
    let handed = 0
    const emit = async (count: number) => {
      for (let left = count; left > 0; left--) handed += await sleuth.emit('n', n++)
    }
    await emit(1000)
    await until(() => victim.got.length + survivor.got.length === 1000)
    assert.equal(victim.got.length, 500)
    victim.child.kill('SIGKILL')
    const exited = once(victim.child, 'exit')
    await emit(1000)
    await exited
    await subscribed(sleuth, 1)
    while ((await sleuth.emit('ready', undefined, { to: 'all' })) > 1) await pass(20)
    const before = n
    await emit(1000)
    await until(() => survivor.got.filter((number) => number >= before).length === 1000)
    assert.equal(handed, 3000)
    assert.ok(isIncreasing(survivor.got))
    // Each went to one of the two, and those of the survivor came.
    assert.equal(new Set([...victim.got, ...survivor.got]).size, victim.got.length + survivor.got.length)
    assert.ok(survivor.got.length >= 2000)

    // One in its place is known again.
    const other = new Subscriber(port)
    await subscribed(sleuth, 2)
    await emit(100)
    await until(() => other.got.length === 50)
  })

  it('a subscriber that is stopped slows the sender down for a second, and is left out then', async () => {
    const port = await freePort()
    const limits = { eventQueue: 256 * 1024 }
    const sleuth = await sender({ port, limits, lostAfter: 60_000 })
    const [stopped, running] = [new Subscriber(port), new Subscriber(port)]
    await subscribed(sleuth, 2)
    stopped.child.kill('SIGSTOP')
    const text = 'x'.repeat(1000)
    for (let n = 0; n < 3000; n++) {
      await sleuth.emit('n', { n, text }, { to: 'all' })
      // A machine that stalls the running one for a second would make it slow, too.
      if (n % 100 === 99) await until(() => running.got.length === n + 1)
    }
    assert.ok((sleuth.stats().dropped['event-queue'] ?? 0) > 0)
    stopped.child.kill('SIGCONT')
    // Its queue is full until it has taken some of it.
    await subscribed(sleuth, 2)
    let last = 3000
    while ((await sleuth.emit('n', { n: last, text }, { to: 'all' })) < 2) last++
    await until(() => running.got.at(-1) === last && stopped.got.at(-1) === last)
    assert.ok(isIncreasing(stopped.got) && isIncreasing(running.got))
    assert.equal(running.got.length, last + 1)
    assert.ok(stopped.got.length < 3000)
  })
})
