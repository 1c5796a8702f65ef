import { EventBus } from '../events/event-bus.js'
import { eventChannel } from '../shared/diagnostics.js'
import type { CheckedOptions } from '../shared/options.js'
import type { Counters } from '../shared/stats.js'
import type { Logger } from '../types.js'
import type { Events } from './events.js'

export interface BusParts {
  readonly options: CheckedOptions
  readonly counters: Counters
  readonly log: Logger
  readonly events: Events
  readonly isReady: (id: string) => boolean
}

/** Events of this node and of others, with what tools and `sleuth.on` see of them. */
export function openBus({ events, ...parts }: BusParts): EventBus {
  return new EventBus({
    ...parts,
    call: (listener, event) =>
      eventChannel.hasSubscribers
        ? eventChannel.tracePromise(async () => listener(event), { event })
        : listener(event),
    came: (event, failed) => events.deliver(event, failed),
  })
}
