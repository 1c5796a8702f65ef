import { Queue } from '../shared/queue.js'

/**
 * A part of the work on a peer's message. It returns undefined if the work is done, or else the next part, which runs in another
 * turn of the event loop. If it has to wait, it returns a promise for either. It must not throw, and the promise must not reject.
 */
export type Work = () => Outcome
export type Outcome = undefined | Work | Promise<undefined | Work>

interface Waiting {
  readonly work: Work
  readonly bytes: number
  /** It stays when other work takes the place of all that waits. */
  readonly stays: boolean
}

/** The messages of one peer that wait, because an earlier one is not done. */
interface Lane {
  next: Work | undefined
  readonly waiting: Queue<Waiting>
  bytes: number
}

/** The memory of a message that waits, beside its bytes. */
const MESSAGE_BYTES = 256
/** Milliseconds of each turn for the work that did not fit into one turn. */
const TURN_MS = 5

/**
 * Handles the messages of peers: those of one peer in their order, and all in parts. So no peer blocks the event loop or another
 * peer.
 */
export class Lanes {
  readonly #maxBytes: number
  readonly #lanes = new Map<string, Lane>()
  readonly #ready = new Queue<string>()
  #scheduled = false

  /** `maxBytes`: the most bytes of one peer that may wait. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Whether a message of the peer waits or is in progress. Then the next one has to wait too. */
  isBusy(peer: string): boolean {
    return this.#lanes.has(peer)
  }

  /** Does the work at once if nothing of the peer waits. False: too much waits, so the work is refused. */
  run(peer: string, bytes: number, work: Work): boolean {
    const lane = this.#lanes.get(peer)
    if (lane !== undefined) return this.#wait(lane, bytes, work)
    const outcome = work()
    if (outcome !== undefined) this.#goOn(this.#open(peer), peer, outcome)
    return true
  }

  /** Like `run`, but it refuses nothing. `instead`: it replaces all work that waits, except other work that must be done. */
  must(peer: string, work: Work, instead = false): void {
    const lane = this.#lanes.get(peer)
    if (lane === undefined) {
      this.run(peer, 0, work)
      return
    }
    if (instead) {
      for (const one of lane.waiting.drain()) if (one.stays) lane.waiting.push(one)
      lane.bytes = 0
    }
    lane.waiting.push({ work, bytes: 0, stays: !instead })
  }

  /** Drops all work that waits. */
  close(): void {
    this.#lanes.clear()
    this.#ready.clear()
  }

  #open(peer: string): Lane {
    const lane: Lane = { next: undefined, waiting: new Queue(), bytes: 0 }
    this.#lanes.set(peer, lane)
    return lane
  }

  #wait(lane: Lane, bytes: number, work: Work): boolean {
    const cost = bytes + MESSAGE_BYTES
    if (lane.bytes > 0 && lane.bytes + cost > this.#maxBytes) return false
    lane.bytes += cost
    lane.waiting.push({ work, bytes: cost, stays: false })
    return true
  }

  #goOn(lane: Lane, peer: string, outcome: Work | Promise<undefined | Work>): void {
    if (typeof outcome === 'function') {
      lane.next = outcome
      this.#makeReady(lane, peer)
      return
    }
    void outcome.then((next) => {
      lane.next = next
      this.#makeReady(lane, peer)
    })
  }

  #makeReady(lane: Lane, peer: string): void {
    // It was closed meanwhile.
    if (this.#lanes.get(peer) !== lane) return
    this.#ready.push(peer)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => this.#turn())
  }

  /** Does one part of the work of each peer, in turn. */
  #turn(): void {
    this.#scheduled = false
    const end = performance.now() + TURN_MS
    for (let peer = this.#ready.shift(); peer !== undefined; peer = this.#ready.shift()) {
      this.#step(peer)
      if (performance.now() >= end) break
    }
    if (this.#ready.size > 0) this.#schedule()
  }

  #step(peer: string): void {
    const lane = this.#lanes.get(peer)
    if (lane === undefined) return
    const work = lane.next ?? this.#nextOf(lane)
    lane.next = undefined
    const outcome = work?.()
    if (outcome !== undefined) this.#goOn(lane, peer, outcome)
    else if (lane.waiting.size > 0) this.#makeReady(lane, peer)
    else this.#lanes.delete(peer)
  }

  #nextOf(lane: Lane): Work | undefined {
    const waiting = lane.waiting.shift()
    lane.bytes -= waiting?.bytes ?? 0
    return waiting?.work
  }
}
