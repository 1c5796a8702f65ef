import { syncBuiltinESMExports } from 'node:module'
import { type Clock, install } from '@sinonjs/fake-timers'
import { sleuthError } from '@sleuth/core/adapter'
import { quiet } from './quiet.js'

/** Not immediates, ticks and microtasks: what takes no time happens by itself. */
const FAKED = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] as const

let isInstalled = false

/** The clock of the process, for all of its code, in the hands of a test. */
export class VirtualClock {
  readonly #clock: Clock

  constructor() {
    if (isInstalled) {
      const problem =
        'can be "virtual" for one open network of a process only: it stops the clock of the process'
      throw sleuthError('SLEUTH_ARGUMENT', { argument: 'options.clock', problem })
    }
    // Timers that were set before are cleared as always.
    this.#clock = install({ now: Date.now(), toFake: [...FAKED], shouldClearNativeTimers: true })
    syncBuiltinESMExports()
    isInstalled = true
  }

  /** Lets time pass. After each timer, all that it sets off comes to its end before the next one rings. */
  async advance(milliseconds: number): Promise<void> {
    await quiet()
    let isThere = false
    setTimeout(() => {
      isThere = true
    }, milliseconds)
    while (!isThere) {
      this.#clock.next()
      await quiet()
    }
    // What was set meanwhile may be due at this very moment.
    this.#clock.tick(0)
    await quiet()
  }

  uninstall(): void {
    this.#clock.uninstall()
    syncBuiltinESMExports()
    isInstalled = false
  }
}
