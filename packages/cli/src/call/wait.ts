import type { Sleuth } from '@sleuth/core'
import type { Selection } from './routing.js'

/**
 * Waits until an instance of the service is known that may be called, and no longer than `wait` milliseconds. Without one the call itself fails, and
 * says which services are known.
 */
export async function found(
  sleuth: Sleuth,
  service: string,
  wait: number,
  signal: AbortSignal,
  { version, where }: Selection,
): Promise<void> {
  if (wait < 1) return
  try {
    await sleuth.waitFor({ service, version, where }, { timeout: wait, signal })
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'SLEUTH_TIMEOUT') throw error
  }
}
