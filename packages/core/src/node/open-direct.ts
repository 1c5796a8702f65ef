import type { ZreNode } from '@sleuth/zre'
import type { CheckedOptions } from '../shared/options/options.js'
import type { Counters } from '../shared/stats.js'
import { Direct } from '../transport/direct/direct.js'
import { openWay } from '../transport/direct/open-way.js'
import type { Way } from '../transport/direct/way.js'
import type { Sessions } from '../transport/streams/sessions.js'
import type { Logger } from '../types.js'
import { maxQueueSize } from './connect.js'

export interface DirectParts {
  readonly node: ZreNode
  readonly options: CheckedOptions
  readonly sessions: Sessions
  readonly counters: Counters
  readonly log: Logger
  readonly way: Way
}

/** How direct connections are set up, if the options want any. What encrypts them is loaded only where there are keys. */
export async function wayOf({ direct, security, wire }: CheckedOptions): Promise<Way | undefined> {
  if (!direct || wire === 1) return undefined
  if (security === undefined) return openWay
  const { secureWay } = await import('../transport/direct/secure-way.js')
  return secureWay
}

/** Direct connections beside the node below. */
export function openDirect({ options, ...parts }: DirectParts): Direct {
  return new Direct({
    ...parts,
    lostAfter: options.lostAfter,
    maxQueued: maxQueueSize(options),
    now: () => performance.now(),
    random: Math.random,
  })
}
