import { FirstSeen } from '../log/first-seen.js'
import type { DropReason } from '../machine/types.js'
import type { Counters } from '../stats.js'
import type { Logger } from '../types.js'
import type { PublicKey } from '../wire/key.js'

/** What is said once to each, with what to do. */
const REMEDIES: { readonly [reason in DropReason]?: string } = {
  encrypted: 'it encrypts and this node does not: set options.security on both, or on neither',
  unencrypted:
    'it does not encrypt and this node does: set options.security there, with a key that this node allows',
  unproven: 'another node sends under its identity, without proof that it is the same node',
  'own-identity':
    'it has the identity of this node, so one of the two is a copy of the other (of a virtual machine, a container or a ' +
    'process that was stored while it ran): start either process anew, and start sleuth after a copy is made',
  'key-refused':
    'its key is not in security.allow of this node: add the key if the peer belongs to the network',
}

type Trouble = 'unreachable' | 'unanswered'

const TROUBLES: { readonly [trouble in Trouble]: string } = {
  unreachable:
    'a node is heard by UDP, and no TCP connection to it can be made; let TCP pass to its endpoint: to every port ' +
    'that its system picks for programs (Linux: 32768 to 60999), not only to this one, which changes when it restarts',
  unanswered:
    'a node is heard by UDP and reached by TCP, and makes no TCP connection to this node; let TCP pass to our own ' +
    'endpoint: to every port that this system picks for programs (Linux: 32768 to 60999)',
}

/** Counts those who are not let in, and says of each once what to do about it. */
export class RejectionLog {
  readonly #counters: Counters
  readonly #logger: Logger
  readonly #told = new FirstSeen()

  constructor(counters: Counters, logger: Logger) {
    this.#counters = counters
    this.#logger = logger
  }

  refuse(reason: DropReason, from: string, key?: PublicKey): void {
    this.#counters.dropped(reason, from)
    const remedy = REMEDIES[reason]
    if (remedy === undefined || !this.#isToTell(`${reason} ${from} ${key}`)) return
    this.#logger.warn({ reason, from, key }, `zre: ignored a node: ${remedy}`)
  }

  /** A node is heard and not reached, or does not reach us: a firewall's doing, most of the time. `own`: our endpoint. */
  trouble(trouble: Trouble, peer: string, endpoint: string, own: string): void {
    this.#counters.dropped(trouble, endpoint)
    if (!this.#isToTell(`${trouble} ${peer} ${endpoint}`, trouble)) return
    this.#logger.warn({ reason: trouble, peer, endpoint, own }, `zre: ${TROUBLES[trouble]}`)
  }

  /** A node greets us, and we may not connect to where it is. */
  offNetwork(peer: string, endpoint: string): void {
    if (!this.#isToTell(`off ${endpoint}`)) return
    this.#logger.warn(
      { peer, endpoint },
      'zre: ignored a node that greets us from another network: add that to options.networks (SLEUTH_NETWORKS) to connect to it',
    )
  }

  /** A peer does not let us in. `key` is ours. */
  refusedBy(peer: string, endpoint: string, key: PublicKey | undefined): void {
    if (!this.#isToTell(`by ${endpoint}`)) return
    this.#logger.warn(
      { peer, endpoint, key },
      'zre: a node does not let us in: add our public key to its security.allow',
    )
  }

  /** What finds no line free is told when it comes again. */
  #isToTell(what: string, kind = 'refusal'): boolean {
    const { logLimiter } = this.#counters
    return logLimiter.isFree(kind) && this.#told.isFirst(what) && logLimiter.take(kind)
  }
}
