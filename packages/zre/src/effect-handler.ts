import type { Channels } from './data-plane/channels.js'
import type { Discoveries } from './discovery/discoveries.js'
import type { Events } from './events.js'
import type { PeerState } from './machine/peer.js'
import type { Effect, Input } from './machine/types.js'
import type { Reach } from './reach.js'
import type { RejectionLog } from './security/rejection-log.js'
import type { SecurityPolicy } from './security/security-policy.js'
import type { Counters } from './stats.js'
import type { Transport } from './transport.js'
import type { NodeId } from './wire/identity.js'
import { type Outgoing, sizeOf } from './wire/message.js'

export interface EffectHandlerOptions {
  readonly id: NodeId
  readonly transport: Transport
  readonly policy: SecurityPolicy
  readonly channels: Channels
  readonly discoveries: Discoveries
  readonly rejections: RejectionLog
  readonly counters: Counters
  readonly events: Events
  readonly reach: Reach
  peers(): ReadonlyMap<NodeId, PeerState>
  /** Where our own inbox is. */
  endpoint(): string
  /** Tells the machine what came of an effect, unless the node is closed meanwhile. */
  step(input: Input): void
  /** The last beacon has left. */
  onLeft(): void
}

/** Does what the machine decides. */
export class EffectHandler {
  readonly #options: EffectHandlerOptions

  constructor(options: EffectHandlerOptions) {
    this.#options = options
  }

  /**
   * First what concerns the transport, then the events. A listener may call `whisper` from within one, and so come here again:
   * its message goes to the mailbox at once, after those numbered before it.
   */
  perform(effects: readonly Effect[]): void {
    try {
      for (const effect of effects) this.#perform(effect)
    } finally {
      this.#options.events.tellAll()
    }
  }

  #perform(effect: Effect): void {
    const { reach, channels, transport, rejections, discoveries, counters, events } = this.#options
    reach.observe(effect)
    switch (effect.type) {
      case 'send':
        this.#send(effect.id, effect.message, effect.sequence)
        break
      case 'answered':
        reach.answered(effect.id)
        break
      case 'open':
        this.#open(effect)
        break
      case 'close':
        channels.close(effect.id)
        transport.closeMailbox(effect.id, effect.flush)
        break
      case 'check':
        this.#check(effect)
        break
      case 'probe':
        this.#probe(effect)
        break
      case 'read':
        transport.whenRead(() => this.#options.step({ type: 'read', at: effect.at }))
        break
      case 'beacon':
        this.#sendBeacon(effect.port)
        break
      case 'trouble':
        rejections.trouble(effect.trouble, effect.id, effect.endpoint, this.#options.endpoint())
        break
      case 'stranger':
        discoveries.stranger(effect)
        break
      case 'drop':
        counters.dropped(effect.reason, effect.from)
        break
      default:
        events.add(effect)
    }
  }

  #open({ id, endpoint, key, asks = false, back }: Effect & { type: 'open' }): void {
    const { transport, channels, peers } = this.#options
    const mailbox =
      back === undefined ? transport.openMailbox(id, endpoint, key, asks) : transport.openReturn(id, back)
    const peer = peers().get(id)
    if (peer !== undefined) channels.open(peer, mailbox)
  }

  #send(id: NodeId, message: Outgoing, sequence: number): void {
    const { transport, policy, counters } = this.#options
    const frames = policy.encodeMessage(id, message, sequence)
    const bytes = sizeOf(frames)
    if (transport.send(id, frames, bytes)) counters.messageSent(bytes)
  }

  #check({ id, endpoint, key }: Effect & { type: 'check' }): void {
    const { transport, step } = this.#options
    transport.check(endpoint, key, (stands) => step({ type: 'checked', id, endpoint, key, stands }))
  }

  #probe({ id, endpoint, key, at }: Effect & { type: 'probe' }): void {
    const { transport, step } = this.#options
    transport.probeInUse(endpoint, key, (answered) => step({ type: 'probed', id, at, answered }))
  }

  #sendBeacon(kind: 'own' | 'leaving'): void {
    const { id, transport, policy, counters, onLeft } = this.#options
    const port = kind === 'own' ? transport.port : 0
    const bytes = policy.encodeBeacon({ id, port })
    const send = (sent?: () => void) => {
      if (transport.beacons.send(bytes, sent)) counters.beaconSent()
    }
    if (kind === 'own') send()
    else transport.whenFlushed(() => send(onLeft))
  }
}
