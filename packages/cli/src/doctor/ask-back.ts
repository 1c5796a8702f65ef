import { setTimeout as sleep } from 'node:timers/promises'
import { createSleuth, type Sleuth, type SleuthOptions } from '@sleuth/core'

/** Milliseconds to meet a peer, between two looks, and for its answer. */
const MEET_MS = 3000
const LOOK_MS = 50
const ANSWER_MS = 4000

/**
 * Asks a peer to connect to us, and gives why it can't. Undefined if it can, or if it can't be asked: it is of another library or an
 * earlier version, or does not answer such questions.
 */
export async function askBack(
  options: SleuthOptions,
  id: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  let sleuth: Sleuth | undefined
  try {
    sleuth = await createSleuth({ ...options, logLevel: 'silent' })
    const end = performance.now() + MEET_MS
    while (!isMet(sleuth, id) && performance.now() < end) await sleep(LOOK_MS, undefined, { signal })
    const { reached, why } = await sleuth.inspect(id, 'probe', { timeout: ANSWER_MS, signal })
    return reached ? undefined : why
  } catch {
    return undefined
  } finally {
    await sleuth?.close()
  }
}

function isMet(sleuth: Sleuth, id: string): boolean {
  return sleuth.peers().some((peer) => peer.id === id && peer.state === 'connected')
}
