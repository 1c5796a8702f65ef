import type { Clock } from '../transport.js'

/** The parts that a time is waited in, one after the other. */
const PARTS = 15
/** Milliseconds by which a timer may be late while the process runs. */
const MAX_LATE_MS = 100
/** After so many times as long there is no more waiting. */
export const LONGEST = 10

/**
 * Calls back after a time for which our own process ran. Where all processors are busy it has its turn late, time and again, and
 * what others say waits unread: that silence is ours. So a part that ends a little late counts as one that ends in time, and one
 * that ends much later does not count. `ran`: false if there were too few parts that count. Returns how to stop.
 */
export function waitPatiently(
  clock: Clock,
  milliseconds: number,
  callback: (ran: boolean) => void,
): () => void {
  const part = milliseconds / PARTS
  const end = clock.now() + milliseconds * LONGEST
  let left = PARTS
  let timer: unknown
  const wait = () => {
    const due = clock.now() + part
    timer = clock.setTimeout(() => {
      const now = clock.now()
      if (now - due < MAX_LATE_MS) left--
      if (left > 0 && now < end) wait()
      else callback(left === 0)
    }, part)
  }
  wait()
  return () => clock.clearTimeout(timer)
}
