import assert from 'node:assert/strict'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSleuth, type Sleuth } from '@sleuth/core'
import { freePort } from '../hosts/port.js'
import { Fleet } from './fleet.js'
import { codesOf, Load, type Outcome, stopLoads } from './load.js'

/** Calls at a time: far more than are under way where the processors have time. */
const MOST = 100
/** Milliseconds for a call. It is to be answered, however slow the machine is. */
const PATIENCE = 30_000

let fleet: Fleet
let sleuth: Sleuth

beforeEach(async () => {
  const port = await freePort()
  fleet = new Fleet(port)
  sleuth = await createSleuth({ interface: 'loopback', port })
})

afterEach(async () => {
  await stopLoads()
  await sleuth.close()
  await fleet.close()
})

/** Resolves when that many instances are known. */
async function known(count: number): Promise<void> {
  const instances = () => sleuth.services().find(({ service }) => service === 'chaos')?.instances.length ?? 0
  const end = performance.now() + PATIENCE
  while (instances() !== count) {
    assert.ok(performance.now() < end, `${instances()} instances are known, and not ${count}`)
    await sleep(5)
  }
}

/** What always holds: no call got another's answer, and none that is not to be repeated ran twice. */
function assertSound(outcomes: readonly Outcome[], repeatable: boolean): void {
  assert.deepEqual(
    outcomes.filter(({ wrong }) => wrong),
    [],
  )
  if (!repeatable) assert.deepEqual(fleet.twice(), [])
}

const failed = (outcomes: readonly Outcome[]) => outcomes.filter(({ status }) => status !== 200)

describe('an instance of two that is killed', () => {
  test('fails no GET', async () => {
    const [first] = [await fleet.start(), await fleet.start()]
    await known(2)
    const load = new Load(sleuth, { method: 'GET', rate: 500, most: MOST, timeout: PATIENCE })
    await sleep(500)
    await fleet.kill(first)
    await known(1)
    await sleep(500)
    const outcomes = await load.stop()
    assertSound(outcomes, true)
    assert.deepEqual(codesOf(failed(outcomes)), {})
  })

  test('fails only those POSTs that were with it, and says that they may have run', async () => {
    const [first] = [await fleet.start(), await fleet.start()]
    await known(2)
    const load = new Load(sleuth, { method: 'POST', rate: 500, most: MOST, timeout: PATIENCE, work: 5 })
    await sleep(500)
    await fleet.kill(first)
    await known(1)
    await sleep(500)
    const outcomes = await load.stop()
    assertSound(outcomes, false)
    for (const { error } of failed(outcomes)) assert.equal(error?.mayHaveRun, true, error?.code)
  })
})

test('the only instance that is killed is missed at once, and its successor is found', async () => {
  const only = await fleet.start()
  await known(1)
  const load = new Load(sleuth, { method: 'GET', rate: 200, most: MOST, timeout: PATIENCE })
  await sleep(300)
  await fleet.kill(only)
  await known(0)
  await assert.rejects(sleuth.request('sleuth://chaos/?id=none'), { code: 'SLEUTH_UNKNOWN_SERVICE' })
  const next = await fleet.start()
  await known(1)
  await sleep(300)
  const outcomes = await load.stop()
  assertSound(outcomes, true)
  assert.equal(outcomes.at(-1)?.pid, next.pid)
})

test('a rolling restart of three fails no POST', async () => {
  const fleetNow = [await fleet.start(), await fleet.start(), await fleet.start()]
  await known(3)
  const load = new Load(sleuth, { method: 'POST', rate: 300, most: MOST, timeout: PATIENCE, work: 20 })
  await sleep(300)
  for (const old of fleetNow) {
    await fleet.start()
    await known(4)
    await fleet.stop(old)
    await known(3)
  }
  await sleep(300)
  const outcomes = await load.stop()
  assertSound(outcomes, false)
  assert.deepEqual(codesOf(failed(outcomes)), {})
})

test('an instance that is stopped for a while fails no GET, and comes back', async () => {
  const [first] = [await fleet.start(), await fleet.start()]
  await known(2)
  const load = new Load(sleuth, { method: 'GET', rate: 200, most: MOST, timeout: PATIENCE })
  await sleep(300)
  first.kill('SIGSTOP')
  await known(1)
  await sleep(500)
  first.kill('SIGCONT')
  await known(2)
  await sleep(500)
  const outcomes = await load.stop()
  assertSound(outcomes, true)
  assert.deepEqual(codesOf(failed(outcomes)), {})
  assert.ok(outcomes.slice(-50).some(({ pid }) => pid === first.pid))
})

for (const seconds of [2, 6]) {
  test(`an instance whose loop is blocked for ${seconds} s is slow, not gone`, async () => {
    const first = await fleet.start()
    await known(1)
    let downs = 0
    sleuth.on('down', () => downs++)
    fleet.block(first, seconds * 1000)
    const answer = await sleuth.request('sleuth://chaos/?id=slow', { method: 'POST', timeout: 30_000 })
    assert.equal(answer.body.toString(), 'slow')
    assert.equal(downs, 0)
    assert.deepEqual(fleet.twice(), [])
  })
}

test('what is more than an instance takes is refused at once, and nothing piles up', async () => {
  const only = await fleet.start({ maxInflight: 20 })
  await known(1)
  // 20 at a time, each 20 ms: 1,000 a second. Five times that is asked.
  // A caller whose own process is busy must not give up a call that has begun.
  const load = new Load(sleuth, { method: 'POST', rate: 5000, work: 20, timeout: 30_000 })
  await sleep(2000)
  const outcomes = await load.stop()
  assertSound(outcomes, false)
  const served = outcomes.filter(({ status }) => status === 200)
  assert.ok(served.length > 0)
  for (const { error } of failed(outcomes)) assert.equal(error?.mayHaveRun, false, error?.code)
  only.send(['close'])
  await once(only, 'exit')
})
