import type { ZreNode } from '@sleuth/zre'
import type { Directory } from '../directory/directory.js'
import { EventBus } from '../events/event-bus.js'
import { eventChannel } from '../shared/diagnostics.js'
import type { CheckedOptions } from '../shared/options/options.js'
import type { Counters } from '../shared/stats.js'
import type { Logger } from '../types.js'
import type { Events } from './events.js'

export interface BusParts {
  readonly options: CheckedOptions
  readonly counters: Counters
  readonly log: Logger
  readonly events: Events
  readonly directory: Directory
  /** Undefined until the node has joined. */
  readonly node: () => ZreNode | undefined
  /** Whether this instance itself wants calls, and does not leave. */
  readonly isTaking: () => boolean
}

/** Events of this node and of others, with what tools and `sleuth.on` see of them. */
export function openBus({ events, directory, node, isTaking, ...parts }: BusParts): EventBus {
  return new EventBus({
    ...parts,
    rank: (id) => {
      if (id === node()?.id) return isTaking() ? 0 : 2
      return Math.max(directory.rank(id), node()?.isSilent(id) ? 1 : 0)
    },
    call: (listener, event) =>
      eventChannel.hasSubscribers
        ? eventChannel.tracePromise(async () => listener(event), { event })
        : listener(event),
    came: (event, failed) => events.deliver(event, failed),
  })
}
