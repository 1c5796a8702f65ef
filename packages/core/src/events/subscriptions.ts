import { reasonOf, sleuthError } from '../shared/errors.js'
import type { Counters } from '../shared/stats.js'
import type { EmittedEvent, Logger, SleuthPeer, Subscription } from '../types.js'
import type { WireEvent } from './format.js'
import { Interests } from './interests.js'
import { type EventListener, OwnSubscription } from './own-subscription.js'
import { ReceivedEvent } from './received-event.js'
import { unreadable } from './unreadable.js'

export interface SubscriptionsOptions {
  readonly maxPatterns: number
  /** Bytes of events that may wait for one listener. */
  readonly maxQueued: number
  readonly counters: Counters
  readonly log: Logger
  /** Calls a listener, and tells tools of it. */
  readonly call: (listener: EventListener, event: EmittedEvent) => unknown
  /** An event came for a listener. */
  readonly came: (event: EmittedEvent, failed: (error: unknown) => void) => void
  /** There are other patterns. */
  readonly changed: (patterns: readonly string[]) => void
}

/** The listeners of this node. */
export class Subscriptions {
  readonly #options: SubscriptionsOptions
  readonly #interests = new Interests<OwnSubscription, readonly OwnSubscription[]>((found) => found)

  constructor(options: SubscriptionsOptions) {
    this.#options = options
  }

  get patterns(): readonly string[] {
    return this.#interests.patterns
  }

  /** Throws `SLEUTH_PATTERNS` if there are too many. */
  add(pattern: string, listener: EventListener, concurrency: number): Subscription {
    const { maxPatterns, maxQueued, call, changed } = this.#options
    const { patterns } = this
    const isNew = !patterns.includes(pattern)
    if (isNew && patterns.length >= maxPatterns) throw sleuthError('SLEUTH_PATTERNS', { limit: maxPatterns })
    const subscription = new OwnSubscription({
      pattern,
      listener,
      concurrency,
      maxBytes: maxQueued,
      call,
      failed: (event, error) => this.#failed(pattern, event, error),
      closed: () => {
        this.#interests.set(subscription, [])
        if (!this.patterns.includes(pattern)) changed(this.patterns)
      },
    })
    this.#interests.set(subscription, [pattern])
    if (isNew) changed(this.patterns)
    return subscription
  }

  /** An event came. `size`: in bytes. Never throws. */
  deliver(wired: WireEvent, size: number, source: SleuthPeer): void {
    const { counters, log, came } = this.#options
    const found = this.#interests.of(wired.topic)
    if (found.length === 0) {
      // It was on its way when the last listener was removed.
      counters.dropped('event-unsubscribed')
      return
    }
    let event: EmittedEvent
    try {
      event = new ReceivedEvent(wired, source)
    } catch (error) {
      unreadable(counters, log, `an event "${wired.topic}"`, reasonOf(error))
      return
    }
    counters.eventsReceived++
    came(event, (error) => this.#failed('event', event, error))
    for (const subscription of found)
      if (!subscription.push(event, size)) {
        counters.dropped('event-backlog')
        const who = `the listener of "${subscription.pattern}"`
        counters.warnings.warn(log, sleuthError('SLEUTH_EVENT_QUEUE', { who }))
      }
  }

  #failed(pattern: string, { topic, source }: EmittedEvent, error: unknown): void {
    const { counters, log } = this.#options
    counters.listenerErrors++
    const values = { pattern, topic, why: reasonOf(error), source: source.id }
    counters.warnings.warn(log, sleuthError('SLEUTH_EVENT_LISTENER', values, { cause: error }))
  }
}
