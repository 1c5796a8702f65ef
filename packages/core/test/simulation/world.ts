import process from 'node:process'
import { type NetworkOptions, type Random, VirtualNetwork } from '@sleuth/zre/testing'
import { install, type Timers, VirtualTimer } from './clock.js'
import type { Process } from './process.js'

const realImmediate = setImmediate

/** A turn of Node's own event loop: whatever was put off until its end has run then. */
function turnOfNode(): Promise<void> {
  return new Promise((resolve) => realImmediate(resolve))
}

/**
 * Processes on one virtual network, under one virtual clock. One runs at a time, until it has nothing more to do in
 * its turn: so whatever asks for a timer belongs to the process whose turn it is, and the seed alone decides what happens.
 */
export class World implements Timers {
  readonly network: VirtualNetwork
  readonly processes: Process[] = []
  /** What must never be. */
  readonly violations: string[] = []
  #running: Process | undefined
  readonly #immediates = new Set<Process>()
  #fingerprint = 0

  constructor(options: NetworkOptions) {
    this.network = new VirtualNetwork(options)
  }

  /** With the clocks of this world in place of Node's. */
  async inside(action: () => Promise<void>): Promise<void> {
    const leave = install(this)
    const thrown = (error: Error): void => this.blame(`uncaught: ${error.stack}`)
    process.on('uncaughtException', thrown)
    try {
      await action()
    } finally {
      process.off('uncaughtException', thrown)
      leave()
    }
  }

  get now(): number {
    return this.network.now
  }

  get random(): Random {
    return this.network.random
  }

  /** Stands for all that has happened until now. */
  get fingerprint(): string {
    return (this.#fingerprint >>> 0).toString(16).padStart(8, '0')
  }

  note(what: string): void {
    const text = `${this.now} ${what}`
    if (process.env.SLEUTH_TRACE) console.log(this.now.toFixed(2), what)
    let hash = this.#fingerprint
    for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0
    this.#fingerprint = hash
  }

  blame(what: string): void {
    this.violations.push(`${this.now.toFixed(1)} ms: ${what}`)
  }

  get running(): Process | undefined {
    return this.#running
  }

  /** It is the turn of this process, until what was begun has ended. */
  enter(process: Process): void {
    if (this.#running !== undefined && this.#running !== process)
      throw new Error(`two at a time: ${this.#running.name} and ${process.name}`)
    this.#running = process
  }

  /** Soon, in a turn of its own; never if the process is no more. */
  soon(process: Process, action: () => void): void {
    this.network.schedule.after(0, () => {
      if (process.gone) return
      this.enter(process)
      action()
    })
  }

  set(delay: number, run: () => void): VirtualTimer {
    const owner = this.#owner()
    return new VirtualTimer((timer) => {
      const { setting } = timer
      owner.timers.add(timer)
      // Node's timers know whole milliseconds only, and so may be a little early.
      this.network.schedule.at(Math.floor(this.now) + delay, () =>
        owner.ring(() => {
          if (timer.setting !== setting) return
          timer.clear()
          owner.timers.delete(timer)
          run()
        }),
      )
    })
  }

  immediate(run: () => void): void {
    const owner = this.#owner()
    owner.immediates.push(run)
    this.#immediates.add(owner)
  }

  async run(duration: number): Promise<void> {
    const { schedule } = this.network
    const end = this.now + duration
    while (schedule.runNext(end)) {
      if (this.#running !== undefined) {
        await turnOfNode()
        this.#running = undefined
      }
      if (this.#immediates.size > 0) await this.#runImmediates()
    }
    schedule.now = end
  }

  /** After what has come in already has been read, as in Node. */
  async #runImmediates(): Promise<void> {
    for (const process of this.#immediates) {
      if (process.behind) continue
      this.#immediates.delete(process)
      if (process.gone) continue
      for (const run of process.immediates.splice(0)) {
        this.enter(process)
        run()
        await turnOfNode()
      }
      this.#running = undefined
    }
  }

  #owner(): Process {
    if (this.#running === undefined) throw new Error('a timer of nobody')
    return this.#running
  }
}
