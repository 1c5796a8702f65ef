import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import type { Random } from '@sleuth/zre/testing'

/** What the code of a process is given in place of the machine's timers. */
export interface Timers {
  readonly now: number
  readonly random: Random
  set(delay: number, run: () => void): VirtualTimer
  immediate(run: () => void): void
}

/** As much of `NodeJS.Timeout` as is used. */
export class VirtualTimer {
  readonly #arm: (timer: VirtualTimer) => void
  /** Which of its settings is the one that counts: 0 when it is not set. */
  setting = 0
  refed = true
  #settings = 0

  constructor(arm: (timer: VirtualTimer) => void) {
    this.#arm = arm
    this.refresh()
  }

  refresh(): this {
    this.setting = ++this.#settings
    this.#arm(this)
    return this
  }

  clear(): void {
    this.setting = 0
  }

  ref(): this {
    this.refed = true
    return this
  }

  unref(): this {
    this.refed = false
    return this
  }

  hasRef(): boolean {
    return this.refed
  }
}

/** The day on which every simulation begins. */
const EPOCH = Date.UTC(2026, 0, 1)

/** Puts timers, clocks and chance of the simulation in the place of Node's. Returns what takes them out again. */
export function install(timers: Timers): () => void {
  const real = { setTimeout, clearTimeout, setImmediate, random: Math.random, dateNow: Date.now }
  const { randomInt } = crypto
  const patched = {
    setTimeout: (run: (...args: unknown[]) => void, delay = 1, ...args: unknown[]) =>
      timers.set(Math.max(1, Math.trunc(delay)), () => run(...args)),
    clearTimeout: (timer?: VirtualTimer) => timer?.clear(),
    setImmediate: (run: (...args: unknown[]) => void, ...args: unknown[]) =>
      timers.immediate(() => run(...args)),
  }
  Object.assign(globalThis, patched)
  Math.random = () => timers.random.next()
  Date.now = () => EPOCH + Math.floor(timers.now)
  Object.defineProperty(performance, 'now', { value: () => timers.now, configurable: true, writable: true })
  Object.assign(crypto, {
    randomInt: (most: number) => Math.floor(timers.random.next() * most),
  })
  syncBuiltinESMExports()
  return () => {
    Object.assign(globalThis, {
      setTimeout: real.setTimeout,
      clearTimeout: real.clearTimeout,
      setImmediate: real.setImmediate,
    })
    Math.random = real.random
    Date.now = real.dateNow
    Reflect.deleteProperty(performance, 'now')
    Object.assign(crypto, { randomInt })
    syncBuiltinESMExports()
  }
}
