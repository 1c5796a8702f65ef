import type { Endpoint } from '../directory/endpoint.js'

/** Milliseconds between two PINGs to one instance, however many calls wait for it. */
const PING_INTERVAL_MS = 20

/** How to ask a peer for signs of life, and how to see them. */
export interface Liveness {
  /** When a peer last showed that it is reached, on the clock of `performance.now()`: that it speaks does not show it. */
  reachedAt(peer: string): number | undefined
  ping(peer: string): void
  /** Whether the peer's process accepts a new connection. `undefined`: it could not be tried. */
  probe(peer: string): Promise<boolean | undefined>
}

/**
 * Finds out whether the instances that a call waits for are silent. Silent is not slow: a process with a slow handler answers
 * a PING, and if a handler blocks its event loop, libzmq's thread still accepts a new connection. A process that is stopped, or
 * whose host has vanished, does neither. Only calls that take long have one.
 */
export class SilenceCheck {
  readonly #liveness: Liveness
  /** From then on, an instance that accepts connections and answers no PING counts as silent too. */
  readonly #stalledFrom: number
  /** When the instances were asked for a sign of life that has not come yet. */
  #askedAt: number | undefined
  #checks = 0

  constructor(liveness: Liveness, stalledFrom: number) {
    this.#liveness = liveness
    this.#stalledFrom = stalledFrom
  }

  /** Call it in intervals: it pings, then probes if there is no answer, and then returns true: another attempt is due. */
  isSilent(members: readonly Endpoint[], now: number): boolean {
    const askedAt = this.#askedAt
    if (askedAt === undefined || members.some((member) => this.#reachedAt(member) >= askedAt)) {
      this.#ask(members, now)
      return false
    }
    if (++this.#checks % 2 === 1) {
      for (const member of members) this.#probe(member)
      return false
    }
    if (now < this.#stalledFrom && members.some((member) => !isMute(member, askedAt))) return false
    this.#askedAt = undefined
    return true
  }

  #reachedAt({ instance }: Endpoint): number {
    return this.#liveness.reachedAt(instance.id) ?? Number.NEGATIVE_INFINITY
  }

  #ask(members: readonly Endpoint[], now: number): void {
    this.#checks = 0
    this.#askedAt = now
    for (const member of members) {
      if (now - member.pingedAt < PING_INTERVAL_MS) {
        this.#askedAt = Math.min(this.#askedAt, member.pingedAt)
      } else {
        member.pingedAt = now
        this.#liveness.ping(member.instance.id)
      }
    }
  }

  async #probe(member: Endpoint): Promise<void> {
    if (member.probing) return
    member.probing = true
    const answered = await this.#liveness.probe(member.instance.id).catch(() => undefined)
    member.probing = false
    const now = performance.now()
    if (answered) member.probedAt = now
    member.unprobedAt = answered === undefined ? now : Number.NEGATIVE_INFINITY
  }
}

/** Whether it answers no probe either. If it could not be probed, nothing is known, and it is probed again. */
function isMute({ probedAt, unprobedAt }: Endpoint, askedAt: number): boolean {
  return probedAt < askedAt && unprobedAt < askedAt
}
