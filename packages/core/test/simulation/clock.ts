import crypto from 'node:crypto'
import { EventEmitter } from 'node:events'
import { syncBuiltinESMExports } from 'node:module'
import timersPromises from 'node:timers/promises'
import zlib from 'node:zlib'
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

/** As much of `zlib.Gunzip` as is used. */
class GunzipAtOnce extends EventEmitter {
  destroy(error: Error): void {
    this.emit('error', error)
  }

  end(zipped: Buffer): void {
    let unzipped: Buffer
    try {
      unzipped = zlib.gunzipSync(zipped)
    } catch (error) {
      this.emit('error', error)
      return
    }
    this.emit('data', unzipped)
    this.emit('end')
  }
}

/** It can't be assigned to. */
function replaceGunzip(value: unknown): void {
  Object.defineProperty(zlib, 'createGunzip', { value, configurable: true, enumerable: true })
}

/** The day on which every simulation begins. */
const EPOCH = Date.UTC(2026, 0, 1)

/** Puts timers, clocks and chance of the simulation in the place of Node's. Returns what takes them out again. */
export function install(timers: Timers): () => void {
  const real = { setTimeout, clearTimeout, setImmediate, random: Math.random, dateNow: Date.now }
  const { randomInt } = crypto
  const { createGunzip } = zlib
  const turn = timersPromises.setImmediate
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
  // In another thread it would take time that this clock does not know.
  replaceGunzip(() => new GunzipAtOnce())
  Object.assign(timersPromises, {
    setImmediate: () => new Promise<void>((resolve) => timers.immediate(resolve)),
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
    replaceGunzip(createGunzip)
    Object.assign(timersPromises, { setImmediate: turn })
    syncBuiltinESMExports()
  }
}
