import { setTimeout as sleep } from 'node:timers/promises'
import { createSleuth, type SleuthOptions } from '@sleuth/core'
import { freePort } from '../hosts/port.js'
import { Fleet } from './fleet.js'
import { type Harm, Harmer } from './harm.js'
import { broken } from './judge.js'
import { type Ended, Traffic } from './traffic.js'

const SERVICES = ['chaos-a', 'chaos-b', 'chaos-c']
/** Milliseconds from one harm to the next. */
const HARM_MS = 1000
/** Milliseconds for what a service answers when it is told to stop. On a busy machine a stream takes long. */
const DRAIN_MS = 30_000

export interface Mixed {
  readonly calls: readonly Ended[]
  readonly harms: readonly Harm[]
  /** A line for each promise that was not kept. */
  readonly broken: readonly string[]
}

/**
 * Calls of all kinds to three services of two instances each, while each second one of them is killed, restarted or stopped for a
 * while. `options`: more of each node.
 */
export async function mixed(seconds: number, options: Pick<SleuthOptions, 'security'> = {}): Promise<Mixed> {
  const port = await freePort()
  const fleet = new Fleet(port)
  const sleuth = await createSleuth({ interface: 'loopback', port, ...options })
  try {
    const harmer = new Harmer(fleet, sleuth, { drainTimeout: DRAIN_MS, ...options })
    for (const service of SERVICES) await harmer.start(service, 2)
    const traffic = new Traffic(sleuth, SERVICES)
    const end = performance.now() + seconds * 1000
    while (performance.now() < end) {
      await sleep(HARM_MS)
      harmer.next()
    }
    await harmer.settled()
    const calls = await traffic.stop()
    const { harms, falseDeaths } = harmer
    return { calls, harms, broken: [...broken(calls, fleet.ran(), harms), ...falseDeaths] }
  } finally {
    await sleuth.close()
    await fleet.close()
  }
}
