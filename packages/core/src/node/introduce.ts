import type { ZreNode } from '@sleuth/zre'
import type { Directory } from '../directory/directory.js'
import { Introductions } from '../membership/introductions.js'
import type { CheckedOptions } from '../shared/options/options.js'
import type { Counters } from '../shared/stats.js'
import { controlPacket } from '../transport/streams/control-packet.js'

/** Tells others of nodes, and is told. Undefined where packets are not read: all of it would be in vain. */
export function introduce(
  node: ZreNode,
  options: CheckedOptions,
  counters: Counters,
  directory: Directory,
  isBusy: (peer: string) => boolean,
): Introductions | undefined {
  if (options.wire === 1) return undefined
  const introductions = new Introductions({
    node,
    options,
    counters,
    send: (peer, frames) => node.whisper(peer, controlPacket(frames)),
    isBusy,
    directory,
    now: () => performance.now(),
  })
  introductions.listen()
  return introductions
}
