import { EventEmitter } from 'node:events'
import type { DownReason, Instance, PeerInfo, Service } from '@sleuth/core'
import type { MapSource } from '#src/map/source.js'

export interface Traffic {
  /** A service, or undefined: nodes that only call. */
  readonly from?: string
  readonly to: string
  /** Calls a second of the whole service. */
  rate: number
  /** The share of answers that say that it failed (5xx). */
  failed?: number
  /** The share of calls that get no answer. */
  lost?: number
  /** How long most take, in milliseconds. */
  ms?: number
}

interface Node {
  readonly id: string
  readonly name: string
  readonly service: string | undefined
  readonly instance: Instance
  readonly served: Counters
  readonly calls: Map<string, Counters>
  readonly callers: Map<string, Counters>
  refused: number
  /** Milliseconds. */
  readonly loop: { active: number; idle: number }
}

interface Counters {
  count: number
  failed: number
  slots: number[]
}

const counters = (): Counters => ({ count: 0, failed: 0, slots: Array.from({ length: 18 }, () => 0) })

/** A network that is not there: it has the traffic that it is given, and time passes when it is told. */
export class FakeNetwork extends EventEmitter implements MapSource {
  readonly nodes = new Map<string, Node>()
  readonly #gone = new Map<string, Node>()
  readonly traffic: Traffic[] = []
  readonly strangers: PeerInfo[] = []
  /** How many nodes are asked now, the most there ever were, and how many in all. */
  readonly asked = { now: 0, most: 0, all: 0 }
  /** What goes wrong with a question, by the id. */
  readonly errors = new Map<string, Error>()
  /** Calls to other names are counted together. */
  readonly #known = new Set<string>()
  #ids = 0

  add(service: string | undefined, version = '1.0.0'): Node {
    this.#ids += 1
    const id = (this.#ids * 0x9e3779b1).toString(16).padStart(32, '7').toUpperCase().slice(-32)
    const endpoint = `tcp://10.0.${this.#ids >> 8}.${this.#ids & 255}:${40_000 + ((this.#ids * 137) % 20_000)}`
    const instance = { id, name: id.slice(-6), version, endpoint, wire: 2, meta: {}, ready: true }
    const own = {
      served: counters(),
      calls: new Map(),
      callers: new Map(),
      refused: 0,
      loop: { active: 0, idle: 0 },
    }
    const node: Node = { id, name: instance.name, service, instance, ...own }
    this.nodes.set(id, node)
    if (service !== undefined) this.#known.add(service)
    if (service !== undefined) this.emit('up', { service, instance })
    return node
  }

  remove(id: string, reason: DownReason): void {
    const node = this.nodes.get(id)
    this.nodes.delete(id)
    if (node !== undefined) this.#gone.set(id, node)
    if (node?.service !== undefined)
      this.emit('down', { service: node.service, instance: node.instance, reason })
  }

  of(service: string | undefined): Node[] {
    return [...this.nodes.values()].filter((node) => node.service === service)
  }

  services(): Service[] {
    const names = new Set([...this.nodes.values()].map(({ service }) => service))
    return [...names].flatMap((service) =>
      service === undefined ? [] : [{ service, instances: this.of(service).map(({ instance }) => instance) }],
    )
  }

  peers(): PeerInfo[] {
    const met = [...this.nodes.values()].map(({ id, name, service, instance }) => {
      return { id, name, service, endpoint: instance.endpoint, state: 'connected' as const, since: 0 }
    })
    return [...met, ...this.strangers]
  }

  /** Time passes: calls are made. */
  advance(ms: number): void {
    for (const { loop } of this.nodes.values()) loop.idle += ms
    for (const { from, to, rate, failed = 0, lost = 0, ms: took = 8 } of this.traffic) {
      const callers = this.of(from)
      const targets = this.of(to)
      for (const [i, caller] of callers.entries()) {
        const calls = ((rate * ms) / 1000 / callers.length) * (1 + ((i * 7) % 5) / 20)
        const made = at(caller.calls, this.#known.has(to) ? to : '<other>')
        add(made, calls, calls * (targets.length === 0 ? 1 : lost), took)
        for (const target of targets) {
          const share = (calls * (1 - lost)) / targets.length
          add(target.served, share, share * failed, took)
          add(at(target.callers, caller.id), share, share * failed, took)
        }
      }
    }
  }

  async inspect(id: string, subject: string): Promise<unknown> {
    this.asked.now += 1
    this.asked.all += 1
    this.asked.most = Math.max(this.asked.most, this.asked.now)
    await new Promise((resolve) => setImmediate(resolve))
    this.asked.now -= 1
    const error = this.errors.get(id)
    if (error !== undefined) throw error
    const node = this.nodes.get(id)
    if (node === undefined) throw new Error(`Nobody has the id ${id}.`)
    if (subject === 'info') return infoOf(node)
    return subject === 'links' ? this.#linksOf(node) : this.#statsOf(node)
  }

  #statsOf(node: Node): unknown {
    return {
      stats: { refused: node.refused, inflight: 3, dropped: { 'wrong-group': 2 } },
      served: {
        requests: node.served.count,
        statuses: { '5xx': node.served.failed },
        slots: node.served.slots,
      },
      calls: Object.fromEntries(
        [...node.calls].map(([service, { count, failed, slots }]) => [
          service,
          { calls: Math.round(count), errors: Math.round(failed), retries: 0, slots },
        ]),
      ),
      callers: [...node.callers].map(([id, { count, failed }]) => {
        const { name, service } = (this.nodes.get(id) ?? this.#gone.get(id)) as Node
        return { id, name, service, requests: Math.round(count), statuses: { '5xx': failed } }
      }),
      process: { rss: 61_000_000, loop: { ...node.loop } },
    }
  }

  #linksOf(node: Node): unknown {
    const links = [...this.nodes.values()]
      .filter(({ id }) => id !== node.id)
      .slice(0, 6)
      .map(({ id, name, service, instance }) => {
        return {
          id,
          name,
          service,
          endpoint: instance.endpoint,
          state: 'connected',
          direct: true,
          rtt: 0.4,
          backlog: 0,
        }
      })
    return { links, dropped: { 'wrong-group': 2 } }
  }
}

function infoOf({ id, name, service, instance }: Node): unknown {
  const { version, endpoint } = instance
  const own = {
    host: 'build-3',
    pid: 4211,
    node: '20.20.2',
    platform: 'linux',
    sleuth: '0.1.0',
    group: 'SLEUTH-v1',
  }
  const limits = { maxInflight: 5000, streams: 2500, url: 16_384, headers: 2000 }
  return {
    id,
    name,
    service,
    version,
    endpoint,
    started: '2026-11-20T08:12:00Z',
    ready: true,
    ...own,
    limits,
  }
}

function at(map: Map<string, Counters>, key: string): Counters {
  const found = map.get(key) ?? counters()
  map.set(key, found)
  return found
}

function add(to: Counters, count: number, failed: number, ms: number): void {
  to.count += count
  to.failed += failed
  const slot = Math.max(0, Math.min(16, Math.ceil(Math.log2(ms / 0.25))))
  to.slots[slot] = (to.slots[slot] ?? 0) + count * 0.9
  to.slots[slot + 1] = (to.slots[slot + 1] ?? 0) + count * 0.1
}
