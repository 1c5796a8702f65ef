import { Directory, type DirectoryEvents } from '../directory/directory.js'
import { publishInstance } from '../shared/diagnostics.js'
import type { CheckedOptions } from '../shared/options/options.js'
import type { Counters } from '../shared/stats.js'
import type { Logger, UpEvent } from '../types.js'
import type { Events } from './events.js'

interface DirectoryParts extends Pick<DirectoryEvents, 'linked'> {
  readonly options: CheckedOptions
  readonly counters: Counters
  readonly log: Logger
  readonly events: Events
  /** Milliseconds, from any moment on. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
  /** The node's own parts are told before tools and `sleuth.on`: a listener may call the instance at once. */
  readonly up: (event: UpEvent) => void
}

/** The instances of the network. The log, tools and `sleuth.on` are told of each that comes or goes. */
export function openDirectory(parts: DirectoryParts): Directory {
  const { options, counters, log, events, now, random, up, linked } = parts
  return new Directory(
    options,
    { balance: options.balance, now, random },
    {
      up: (event) => {
        counters.warnings.write(log, 'info', event, 'an instance is up')
        up(event)
        publishInstance('up', event)
        events.emit('up', event)
      },
      linked,
      down: (event) => {
        counters.warnings.write(log, 'info', event, 'an instance is down')
        publishInstance('down', event)
        events.emit('down', event)
      },
    },
  )
}
