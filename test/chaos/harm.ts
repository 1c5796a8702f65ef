import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Sleuth } from '@sleuth/core'
import type { Fleet } from './fleet.js'

/** A time in which a process was not well. */
export interface Harm {
  readonly what: 'kill' | 'stall' | 'restart'
  readonly service: string
  readonly pid: number
  readonly from: number
  to: number
}

/** Milliseconds for which a process may be stopped. */
const SHORTEST_STALL_MS = 500
const LONGEST_STALL_MS = 3000

/** Kills, restarts and stops instances of several services: of each service one at a time. */
export class Harmer {
  readonly harms: Harm[] = []
  /** Instances that went without a reason. */
  readonly falseDeaths: string[] = []
  readonly #fleet: Fleet
  readonly #sleuth: Sleuth
  readonly #options: object
  readonly #instances = new Map<string, ChildProcess[]>()
  readonly #busy = new Map<string, Promise<void>>()
  #turn = 0

  /** `options`: more of each instance. */
  constructor(fleet: Fleet, sleuth: Sleuth, options: object) {
    this.#fleet = fleet
    this.#sleuth = sleuth
    this.#options = options
    sleuth.on('down', ({ service, instance, reason }) => {
      const pid = Number(instance.meta.pid)
      const now = performance.now()
      const known = this.harms.some((harm) => harm.pid === pid && harm.from <= now && now <= harm.to)
      if (!known && reason !== 'closed') this.falseDeaths.push(`${service} ${pid}: ${reason}`)
    })
  }

  async start(service: string, count: number): Promise<void> {
    const all = Array.from({ length: count }, () => this.#fleet.start({ ...this.#options, service }))
    this.#instances.set(service, await Promise.all(all))
    await this.#known(service)
  }

  /** Harms one instance of each service in turn, if all of its instances are well. */
  next(): void {
    const services = [...this.#instances.keys()].filter((service) => !this.#busy.has(service))
    const service = services[this.#turn % services.length]
    if (service === undefined) return
    const what = (['kill', 'restart', 'stall'] as const)[this.#turn++ % 3] as Harm['what']
    const done = this.#harm(service, what).finally(() => this.#busy.delete(service))
    this.#busy.set(service, done)
    // It is told by `settled`.
    done.catch(() => {})
  }

  /** Resolves when all that was harmed is well again. */
  async settled(): Promise<void> {
    await Promise.all(this.#busy.values())
  }

  async #harm(service: string, what: Harm['what']): Promise<void> {
    const instances = this.#instances.get(service) as ChildProcess[]
    const one = instances[this.#turn % instances.length] as ChildProcess
    const harm: Harm = { what, service, pid: one.pid as number, from: performance.now(), to: Infinity }
    this.harms.push(harm)
    if (what === 'stall') {
      one.kill('SIGSTOP')
      await sleep(SHORTEST_STALL_MS + Math.random() * (LONGEST_STALL_MS - SHORTEST_STALL_MS))
      one.kill('SIGCONT')
      await sleep(1000)
    } else {
      if (what === 'kill') await this.#fleet.kill(one)
      else await this.#fleet.stop(one)
      instances.splice(instances.indexOf(one), 1)
      while (this.#knows(service, harm.pid)) await sleep(5)
      harm.to = performance.now()
      instances.push(await this.#fleet.start({ ...this.#options, service }))
    }
    await this.#known(service)
    if (what === 'stall') harm.to = performance.now()
  }

  async #known(service: string): Promise<void> {
    for (const { pid } of this.#instances.get(service) as ChildProcess[])
      while (!this.#knows(service, pid as number)) await sleep(5)
  }

  #knows(name: string, pid: number): boolean {
    const { instances = [] } = this.#sleuth.services().find(({ service }) => service === name) ?? {}
    return instances.some(({ meta }) => meta.pid === String(pid))
  }
}
