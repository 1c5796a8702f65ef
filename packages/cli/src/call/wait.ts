import type { Sleuth } from '@sleuth/core'

/**
 * Waits until an instance of the service is known, and no longer than `wait` milliseconds. Without one the call itself fails, and
 * says which services are known.
 */
export async function found(
  sleuth: Sleuth,
  service: string,
  wait: number,
  signal: AbortSignal,
): Promise<void> {
  if (wait < 1) return
  try {
    await sleuth.waitFor(service, { timeout: wait, signal })
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'SLEUTH_TIMEOUT') throw error
  }
}
