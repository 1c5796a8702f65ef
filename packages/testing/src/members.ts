import type { Instance, Sleuth } from '@sleuth/core'
import { isSleuth, type Member, sleuthError } from '@sleuth/core/adapter'
import type { NodeOptions, ZreNode } from '@sleuth/zre'
import { marked, type VirtualNetwork, type VirtualNode } from '@sleuth/zre/testing'

/** A `Sleuth`, or what has one (an app, a middleware, a mock); an instance; or all instances of a service, by its name. */
export type Target = Sleuth | { readonly sleuth: Sleuth } | Pick<Instance, 'id'> | string

/** A member of the network, with its node. */
interface Entry extends Member {
  readonly virtual: VirtualNode
  readonly service: string | undefined
}

/** Who is on the network. */
export class Members {
  readonly #network: VirtualNetwork
  readonly #onLastGone: () => void
  readonly #entries = new Map<Sleuth, Entry>()

  constructor(network: VirtualNetwork, onLastGone: () => void) {
    this.#network = network
    this.#onLastGone = onLastGone
  }

  /** Options that are about the machine's network, and keys, say nothing here. */
  add(options: NodeOptions, member: Member): ZreNode {
    const { headers, groups, maxMessageSize, maxQueueSize, maxPeers, lost, logger } = options
    const { isAwaited, isUse, introduced } = options
    const anyId = this.#network.random.hex(32).toUpperCase()
    const id = introduced === undefined ? anyId : marked(anyId)
    const told = typeof headers === 'function' ? headers(id) : headers
    const virtual = this.#network.add(
      {
        ...{ headers: told, groups, maxMessageSize, maxQueueSize, maxPeers, lost, logger },
        ...{ isAwaited, isUse, introduced },
      },
      { id, recorded: false, onClosed: () => this.#remove(member.sleuth) },
    )
    // As by files on loopback: nodes that hear of a newcomer by beacons greet it one after another, which takes time.
    for (const { virtual: other } of this.#entries.values())
      virtual.node.found({ id: other.id, endpoint: other.endpoint })
    this.#entries.set(member.sleuth, { ...member, virtual, service: told?.type })
    return virtual.node
  }

  /** Whether a member and all others of its group know each other. */
  hasMetAll(sleuth: Sleuth): boolean {
    const entry = this.#entries.get(sleuth)
    if (entry === undefined) return true
    const { id, node, groups } = entry.virtual
    for (const { virtual } of this.#entries.values()) {
      if (virtual.id === id || !haveCommon(groups, virtual.groups)) continue
      if (node.peer(virtual.id) === undefined || virtual.node.peer(id) === undefined) return false
    }
    return true
  }

  nodesOf(targets: Target | readonly Target[]): VirtualNode[] {
    return this.#listOf(targets).map(({ virtual }) => virtual)
  }

  /** They go as if their processes were killed. Resolves to their ids when nothing of them is left. */
  async kill(targets: Target | readonly Target[]): Promise<string[]> {
    const entries = this.#listOf(targets)
    await this.#end(entries)
    return entries.map(({ virtual }) => virtual.id)
  }

  /** Whether somebody is still connected to one of these. */
  isPresent(ids: readonly string[]): boolean {
    return [...this.#entries.values()].some(({ virtual }) => ids.some((id) => virtual.node.peer(id)))
  }

  async killAll(): Promise<void> {
    await this.#end([...this.#entries.values()])
  }

  async #end(entries: readonly Entry[]): Promise<void> {
    for (const { virtual } of entries) virtual.kill()
    const ends = entries.map((entry) => entry.end())
    for (const { sleuth } of entries) this.#remove(sleuth)
    await Promise.all(ends)
  }

  #listOf(targets: Target | readonly Target[]): Entry[] {
    const list = (Array.isArray(targets) ? targets : [targets]) as readonly Target[]
    return list.flatMap((target) => this.#find(target))
  }

  #find(target: Target): Entry[] {
    const entries = [...this.#entries.values()].filter((entry) => isMeant(target, entry))
    if (entries.length > 0) return entries
    const problem =
      'must be on the network: a Sleuth, an app with one, a mock, an instance, or the name of a service'
    throw sleuthError('SLEUTH_ARGUMENT', { argument: 'target', problem })
  }

  #remove(sleuth: Sleuth): void {
    const entry = this.#entries.get(sleuth)
    if (entry === undefined) return
    this.#entries.delete(sleuth)
    this.#network.remove(entry.virtual)
    if (this.#entries.size === 0) this.#onLastGone()
  }
}

function haveCommon(ours: ReadonlySet<string>, theirs: ReadonlySet<string>): boolean {
  return [...ours].some((group) => theirs.has(group))
}

function isMeant(target: Target, { sleuth, service, virtual }: Entry): boolean {
  if (typeof target === 'string') return service === target
  if (isSleuth(target)) return sleuth === target
  // What is none, in JavaScript, is on no network.
  if (Object(target) !== target) return false
  return 'sleuth' in target ? sleuth === target.sleuth : virtual.id === target.id
}
