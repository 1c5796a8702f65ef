import type { Clock } from '../transport.js'
import type { Identity } from '../wire/identify.js'
import type { NodeId } from '../wire/identity.js'
import type { PublicKey } from '../wire/key.js'

/** Where a node may be whose id is not known. */
export interface DialTarget {
  readonly endpoint: string
  readonly key: PublicKey | undefined
}

/** Who is there: another node, ourselves, or nobody who answers. */
export type DialResult = { readonly id: NodeId } | 'own' | undefined

export interface DiallerOptions {
  /** Our own. */
  readonly id: NodeId
  readonly clock: Clock
  /** As `Math.random`. */
  random(): number
  /** Asks who is at an endpoint. */
  identify(target: DialTarget, answer: (identity: Identity | undefined) => void): void
  /** Whether a node is present already. */
  isPresent(id: NodeId): boolean
  /** Whether connections may be opened to an endpoint. */
  isUsable(endpoint: string): boolean
  /** A node answers at an endpoint. `alias`: it calls another its own, which can't be reached. */
  found(node: DialTarget & { readonly id: NodeId; readonly alias: boolean; readonly ours: true }): void
}

/** Dials at a time, */
const MAX_DIALS = 4
/** milliseconds between two, of which chance takes up to a half, */
const GAP_MS = 50
/** and those that may wait. */
const MAX_WAITING = 256

interface Dial extends DialTarget {
  done(result: DialResult): void
}

/**
 * Asks who is at endpoints of which nothing else is known. A name or a virtual address may lead to any node, and to ourselves.
 * The node there is greeted where it says that it is, if it answers there too; else where it was dialled.
 */
export class Dialler {
  readonly #options: DiallerOptions
  readonly #waiting: Dial[] = []
  #running = 0
  #timer: unknown
  #closed = false

  constructor(options: DiallerOptions) {
    this.#options = options
  }

  /** `done` is not called any more after `close`. */
  dial(target: DialTarget, done: (result: DialResult) => void): void {
    if (this.#closed) return
    if (this.#waiting.length >= MAX_WAITING) {
      done(undefined)
      return
    }
    this.#waiting.push({ ...target, done })
    if (this.#timer === undefined) this.#next()
  }

  close(): void {
    this.#closed = true
    this.#options.clock.clearTimeout(this.#timer)
  }

  #next(): void {
    this.#timer = undefined
    if (this.#running >= MAX_DIALS) return
    const dial = this.#waiting.shift()
    if (dial === undefined) return
    const { clock, random } = this.#options
    this.#timer = clock.setTimeout(() => this.#next(), GAP_MS * (0.5 + random() / 2))
    this.#running++
    this.#options.identify(dial, (identity) => this.#onIdentity(dial, identity))
  }

  #onIdentity(dial: Dial, identity: Identity | undefined): void {
    if (this.#closed) return
    const { id: own, isPresent, isUsable } = this.#options
    if (identity === undefined) this.#end(dial, undefined)
    else if (identity.id === own) this.#end(dial, 'own')
    else if (isPresent(identity.id)) this.#end(dial, identity)
    else if (identity.endpoint === dial.endpoint) this.#find(dial, identity.id, dial.endpoint, false)
    else if (!isUsable(identity.endpoint)) this.#find(dial, identity.id, dial.endpoint, true)
    else this.#checkPlace(dial, identity)
  }

  /** Anyone can say that he is anywhere. */
  #checkPlace(dial: Dial, { id, endpoint }: Identity): void {
    this.#options.identify({ endpoint, key: dial.key }, (second) => {
      if (this.#closed) return
      const there = second?.id === id
      this.#find(dial, id, there ? endpoint : dial.endpoint, !there)
    })
  }

  #find(dial: Dial, id: NodeId, endpoint: string, alias: boolean): void {
    // Whoever answers knows how to answer a HELLO on its connection.
    this.#options.found({ id, endpoint, key: dial.key, alias, ours: true })
    this.#end(dial, { id })
  }

  #end({ done }: Dial, result: DialResult): void {
    this.#running--
    done(result)
    if (this.#timer === undefined) this.#next()
  }
}
