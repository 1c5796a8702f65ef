import type { Clock } from '../transport.js'

/** The clock of the machine. */
export const systemClock: Clock<NodeJS.Timeout> = {
  now: () => performance.now(),
  setTimeout: (run, delay) => setTimeout(run, delay),
  clearTimeout: (timer) => clearTimeout(timer),
}
