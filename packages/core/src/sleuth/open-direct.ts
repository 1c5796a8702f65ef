import type { ZreNode } from '@sleuth/zre'
import type { CheckedOptions } from '../shared/options.js'
import type { Counters } from '../shared/stats.js'
import { Direct } from '../transport/direct/direct.js'
import type { Sessions } from '../transport/streams/sessions.js'
import type { Logger } from '../types.js'
import { maxQueueSize } from './connect.js'

export interface DirectParts {
  readonly node: ZreNode
  readonly options: CheckedOptions
  readonly sessions: Sessions
  readonly counters: Counters
  readonly log: Logger
}

/** Direct connections beside the node below, if the options want them. With keys there are none: they are not encrypted. */
export function openDirect({ options, ...parts }: DirectParts): Direct | undefined {
  const { direct, security, wire, lostAfter } = options
  if (!direct || security !== undefined || wire === 1) return undefined
  return new Direct({
    ...parts,
    lostAfter,
    maxQueued: maxQueueSize(options),
    now: () => performance.now(),
    random: Math.random,
  })
}
