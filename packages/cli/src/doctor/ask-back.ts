import { setTimeout as sleep } from 'node:timers/promises'
import { createSleuth, type Sleuth, type SleuthOptions } from '@sleuth/core'

/** Milliseconds to meet a peer, between two looks, and for its answer. */
const MEET_MS = 3000
const LOOK_MS = 50
const ANSWER_MS = 4000

/** Asks peers to connect to us, by a node of its own, which joins with the first question. */
export class BackAsker {
  readonly #options: () => Promise<SleuthOptions>
  readonly #signal: AbortSignal
  #sleuth: Promise<Sleuth> | undefined

  constructor(options: () => Promise<SleuthOptions>, signal: AbortSignal) {
    this.#options = options
    this.#signal = signal
  }

  /**
   * Why a peer can't connect to us. Undefined if it can, or if it can't be asked: it is of another library or an earlier version, or
   * does not answer such questions.
   */
  async ask(id: string): Promise<string | undefined> {
    const signal = this.#signal
    try {
      this.#sleuth ??= this.#open()
      const sleuth = await this.#sleuth
      const end = performance.now() + MEET_MS
      while (!isMet(sleuth, id) && performance.now() < end) await sleep(LOOK_MS, undefined, { signal })
      const { reached, why } = await sleuth.inspect(id, 'probe', { timeout: ANSWER_MS, signal })
      return reached || typeof why !== 'string' ? undefined : why
    } catch {
      return undefined
    }
  }

  async close(): Promise<void> {
    const sleuth = await this.#sleuth?.catch(() => undefined)
    await sleuth?.close()
  }

  async #open(): Promise<Sleuth> {
    return createSleuth({ ...(await this.#options()), logLevel: 'silent' })
  }
}

function isMet(sleuth: Sleuth, id: string): boolean {
  return sleuth.peers().some((peer) => peer.id === id && peer.state === 'connected')
}
