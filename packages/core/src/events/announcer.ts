import { EventKind, encodeTopics } from './format.js'

/** Milliseconds in which changes gather, and those before what could not be sent is sent again. */
const GATHER_MS = 20
const AGAIN_MS = 1000

export interface AnnouncerOptions {
  /** The peers that are to know. */
  readonly peers: () => readonly string[]
  /** Sends a frame to a peer. May throw. */
  readonly send: (peer: string, kind: number, payload: Buffer) => void
}

const NOTHING = encodeTopics([])

/** Tells peers which patterns this node subscribes to: all of them each time, so that nothing has to be made up for. */
export class Announcer {
  readonly #options: AnnouncerOptions
  #payload = NOTHING
  /** What each peer was told last. One that was told nothing takes this node for one without subscriptions. */
  readonly #told = new Map<string, Buffer>()
  #gathering: NodeJS.Timeout | undefined
  #again: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: AnnouncerOptions) {
    this.#options = options
  }

  /** The patterns have changed. */
  change(patterns: readonly string[]): void {
    if (this.#isClosed) return
    this.#payload = patterns.length === 0 ? NOTHING : encodeTopics(patterns)
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined
      this.#tellAll()
    }, GATHER_MS).unref()
  }

  /** A peer is there. */
  enter(peer: string): void {
    if (!this.#tell(peer)) this.#tellAgain()
  }

  gone(peer: string): void {
    this.#told.delete(peer)
  }

  /** This node leaves: it subscribes to nothing any more. Later changes are not told. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#gathering)
    this.#payload = NOTHING
    this.#tellAll()
    clearTimeout(this.#again)
  }

  #tellAll(): void {
    const { peers } = this.#options
    if (!peers().reduce((isTold, peer) => this.#tell(peer) && isTold, true)) this.#tellAgain()
  }

  /** What waits for a peer may be too much for more. */
  #tellAgain(): void {
    this.#again ??= setTimeout(() => {
      this.#again = undefined
      this.#tellAll()
    }, AGAIN_MS).unref()
  }

  /** False if it could not be sent. */
  #tell(peer: string): boolean {
    if ((this.#told.get(peer) ?? NOTHING) === this.#payload) return true
    try {
      this.#options.send(peer, EventKind.topics, this.#payload)
    } catch {
      return false
    }
    this.#told.set(peer, this.#payload)
    return true
  }
}
