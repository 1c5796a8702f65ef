import type { Peer, ZreNode } from '@sleuth/zre'
import { reasonOf, sleuthError } from '../shared/errors.js'
import type { CheckedOptions } from '../shared/options/options.js'
import { type Counters, countDropped } from '../shared/stats.js'
import { Sessions } from '../transport/streams/sessions.js'
import type { RequestServer } from '../transport/transport.js'
import type { Logger } from '../types.js'
import { maxQueueSize } from './connect.js'

interface SessionParts {
  readonly options: CheckedOptions
  readonly counters: Counters
  readonly log: Logger
  /** Milliseconds, from any moment on. */
  readonly now: () => number
  /** Undefined until the node has joined. */
  readonly node: () => ZreNode | undefined
  readonly server: () => RequestServer
  /** What leaves for a peer goes by ZeroMQ: there may be a faster way. */
  readonly indirect: (peer: string) => void
  /** A frame of a peer that concerns no stream. The peer may be gone. */
  readonly control: (peer: Peer, kind: number, payload: Buffer) => void
}

/** The sessions with all peers, which are sent to by the node. */
export function openSessions(parts: SessionParts): Sessions {
  const { options, counters, log, node, server, indirect, control, now } = parts
  return new Sessions({
    maxStreams: options.limits.streams,
    maxBuffered: options.limits.buffered,
    dropped: (reason) => counters.dropped(reason),
    send: (peer, packet) => node()?.whisper(peer, packet),
    acknowledged: async (peer) => node()?.acknowledged(peer) ?? false,
    indirect,
    control,
    now,
    maxQueued: maxQueueSize(options),
    server,
    unsent: (peer, cause) => {
      const values = { peer, why: reasonOf(cause) }
      countDropped(sleuthError('SLEUTH_RESPONSE_WHISPER', values, { cause }), counters, log)
    },
  })
}
