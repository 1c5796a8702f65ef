import type { ZreNode } from '@sleuth/zre'
import type { Directory } from '../directory/directory.js'
import type { DownReason } from '../types.js'
import { Outcomes } from './outcomes.js'
import type { Description } from './record.js'
import type { MembershipState } from './state.js'

export interface LinksOnDemandOptions {
  readonly node: Pick<ZreNode, 'link'>
  readonly state: Pick<MembershipState, 'entries' | 'links' | 'isSparse'>
  readonly directory: Pick<Directory, 'isLinked'>
  /** A service is called. */
  readonly use: (service: string) => void
  /** A call needed a link to a node, and there is none. */
  readonly unreached: (id: string) => void
}

/** Milliseconds for which a call waits for an answer to the question whether the other end of a link wants it. */
const OUTCOME_MS = 500

/** Links that are made for calls, to nodes that this one has none to. */
export class LinksOnDemand {
  readonly #options: LinksOnDemandOptions
  /** Those that are being made. */
  readonly #linking = new Map<string, Promise<DownReason | undefined>>()
  /** Who waits for the outcome of a question about a link. */
  readonly #outcomes = new Outcomes()

  constructor(options: LinksOnDemandOptions) {
    this.#options = options
  }

  /** Makes a link to a node that has none, or whose link is about to be closed. Undefined when there is one. */
  reach(id: string): Promise<unknown> | undefined {
    const { isSparse, links } = this.#options.state
    return isSparse && links.get(id)?.isParting !== false ? this.#linkOnce(id) : undefined
  }

  /**
   * Makes a link to an instance that is called. Resolves to undefined when it stands, and else to why the instance can't be
   * called.
   */
  async link(id: string): Promise<DownReason | undefined> {
    const { state, use, unreached } = this.#options
    const entry = state.entries.get(id)
    if (entry !== undefined) use(entry.record.service)
    const reason = await this.#linkOnce(id)
    if (reason === 'lost') unreached(id)
    return reason
  }

  /** A link is closed, or the other end wants it: whoever waits for that goes on. */
  settle(id: string): void {
    this.#outcomes.settle(id)
  }

  close(): void {
    this.#outcomes.close()
  }

  #linkOnce(id: string): Promise<DownReason | undefined> {
    let linking = this.#linking.get(id)
    if (linking === undefined) {
      linking = this.#link(id).finally(() => this.#linking.delete(id))
      this.#linking.set(id, linking)
    }
    return linking
  }

  async #link(id: string): Promise<DownReason | undefined> {
    const { node, state, directory } = this.#options
    const entry = state.entries.get(id)
    if (entry === undefined) return 'lost'
    if (state.links.get(id)?.isParting) await this.#outcomes.next(id, OUTCOME_MS)
    if (directory.isLinked(id)) return undefined
    const isPresent = await node.link(foundBy(entry.record))
    if (directory.isLinked(id)) return undefined
    // It is there, and not in the group any more.
    return isPresent ? 'left' : 'lost'
  }
}

/** A hint: only its HELLO shows whether the node is there. */
export function foundBy({ endpoint, id, publicKey, foreign }: Description) {
  return { endpoint, id, publicKey: publicKey === '' ? undefined : publicKey, ours: !foreign }
}
