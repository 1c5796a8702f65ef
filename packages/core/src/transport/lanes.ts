import { Queue } from '../shared/queue.js'

/**
 * A part of what a peer's message takes to handle. It gives nothing when that is all, or the next part, which runs in another
 * turn of the event loop; a promise for either, if that has to be waited for. Does not throw, nor reject.
 */
export type Work = () => Outcome
export type Outcome = undefined | Work | Promise<undefined | Work>

interface Waiting {
  readonly work: Work
  readonly bytes: number
  /** It is done, whatever takes the place of the rest. */
  readonly stays: boolean
}

/** What a peer has sent, while something that it sent before is not done with. */
interface Lane {
  next: Work | undefined
  readonly waiting: Queue<Waiting>
  bytes: number
}

/** What a message that waits costs beside its bytes. */
const MESSAGE_BYTES = 256
/** Milliseconds of each turn for those that were not done with in one. */
const TURN_MS = 5

/**
 * Handles what peers send: each one's in its order, and all of it a part at a time, so that nobody keeps the event loop, or
 * another peer, from what there is to do.
 */
export class Lanes {
  readonly #maxBytes: number
  readonly #lanes = new Map<string, Lane>()
  readonly #ready = new Queue<string>()
  #scheduled = false

  /** `maxBytes`: the most that may wait of one peer. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Whether something of the peer waits, or is under way: what comes now has to wait as well. */
  isBusy(peer: string): boolean {
    return this.#lanes.has(peer)
  }

  /** At once, if nothing of the peer waits. False: there is too much that waits, and this is not taken. */
  run(peer: string, bytes: number, work: Work): boolean {
    const lane = this.#lanes.get(peer)
    if (lane !== undefined) return this.#wait(lane, bytes, work)
    const outcome = work()
    if (outcome !== undefined) this.#goOn(this.#open(peer), peer, outcome)
    return true
  }

  /** As `run`, for what must be done. `instead`: of all that waits, but for what must be done as well. */
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

  /** What waits is not done any more. */
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
    // Closed meanwhile.
    if (this.#lanes.get(peer) !== lane) return
    this.#ready.push(peer)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => this.#turn())
  }

  /** Each peer has a part of its work done, in turns. */
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
