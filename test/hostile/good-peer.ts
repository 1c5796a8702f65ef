import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSleuth, type Sleuth, type SleuthOptions } from '@sleuth/core'

const CALLERS = 4
/** Milliseconds between calls, and after one that has failed. */
const PAUSE = 2
const PAUSE_FAILED = 20
/** Milliseconds for the attacked node to be there again. */
const PATIENCE = 10_000

/** What a node logs of itself when it has joined. */
interface Joined {
  readonly id: string
  readonly endpoint: string
}

/** It calls the attacked node all the while. */
export class GoodPeer {
  readonly sleuth: Sleuth
  readonly id: Buffer
  readonly port: number
  calls = 0
  readonly failures: unknown[] = []
  readonly #load: Promise<unknown>
  #calling = true

  private constructor(sleuth: Sleuth, { id, endpoint }: Joined) {
    this.sleuth = sleuth
    this.id = Buffer.from(id, 'hex')
    this.port = portOf(endpoint)
    this.#load = Promise.all(Array.from({ length: CALLERS }, () => this.#call()))
  }

  static async join(port: number, options: SleuthOptions): Promise<GoodPeer> {
    let joined: Joined | undefined
    const ignore = () => {}
    const info = (fields: object) => {
      if ('id' in fields && 'endpoint' in fields) joined ??= fields as Joined
    }
    const logger = { trace: ignore, debug: ignore, warn: ignore, error: ignore, info }
    const sleuth = await createSleuth({ interface: 'loopback', port, logger, ...options })
    await sleuth.waitFor('target', { timeout: 20_000 })
    assert.ok(joined)
    return new GoodPeer(sleuth, joined)
  }

  /** Whether a peer answers what goes over the link to it. */
  async isHeardBy(id: Buffer): Promise<boolean> {
    const info = this.sleuth.inspect(id.toString('hex').toUpperCase(), 'info')
    return info.then(
      () => true,
      () => false,
    )
  }

  async leave(): Promise<void> {
    this.#calling = false
    await this.#load
    await this.sleuth.close()
  }

  async #call(): Promise<void> {
    while (this.#calling) {
      try {
        const { body } = await this.sleuth.request('sleuth://target/', { timeout: 5000 })
        assert.equal(body.toString(), 'here')
        this.calls++
        await sleep(PAUSE)
      } catch (error) {
        this.failures.push(error)
        await sleep(PAUSE_FAILED)
        // How many calls fail is not to depend on how long it takes until there is somebody to call again.
        await this.sleuth.waitFor('target', { timeout: PATIENCE }).catch(() => {})
      }
    }
  }
}

export function portOf(endpoint: string): number {
  return Number(endpoint.slice(endpoint.lastIndexOf(':') + 1))
}
