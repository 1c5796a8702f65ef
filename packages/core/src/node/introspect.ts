import { isIP } from 'node:net'
import type { Peer, ZreNode } from '@sleuth/zre'
import { mayAsk } from '../introspection/access.js'
import { infoReport } from '../introspection/info-report.js'
import { Introspection } from '../introspection/introspection.js'
import { linksReport } from '../introspection/links-report.js'
import { probeReport } from '../introspection/probe-report.js'
import { statsReport } from '../introspection/stats-report.js'
import { tcpCheck } from '../introspection/tcp-check.js'
import { sleuthPeerOf } from '../server/remote-caller.js'
import { reasonOf, sleuthError } from '../shared/errors.js'
import type { CheckedOptions } from '../shared/options/options.js'
import { type Counters, countDropped } from '../shared/stats.js'
import type { Direct } from '../transport/direct/direct.js'
import { controlPacket } from '../transport/streams/control-packet.js'
import type { InspectSubject, Logger, SleuthStats } from '../types.js'

export interface IntrospectParts {
  readonly node: ZreNode
  readonly options: CheckedOptions
  readonly counters: Counters
  readonly log: Logger
  readonly reach: (peer: string) => Promise<unknown> | undefined
  readonly direct: () => Direct | undefined
  readonly stats: () => SleuthStats
  readonly ready: () => boolean
  /** There are TCP connections at all: not so on a network in memory. */
  readonly hasTcp: boolean
}

/** Asks peers about themselves, and tells them about this node what the options allow. */
export function introspect(parts: IntrospectParts): Introspection {
  const { node, options, counters, log, direct } = parts
  const started = Date.now()
  const reports: Record<InspectSubject, (asker: Peer | undefined) => object | Promise<object>> = {
    info: () => infoReport({ node, options, started, ready: parts.ready() }),
    stats: () => statsReport(parts.stats(), counters),
    links: () =>
      linksReport({
        node,
        options,
        direct: (id) => direct()?.backlog(id),
        dropped: parts.stats().dropped,
        lastDropped: counters.lastDropped(node.stats()),
        now: performance.now(),
      }),
    probe: (asker) => probeReport(node, asker, parts.hasTcp ? tcpCheck : async () => 'untried'),
  }
  const wrong = (why: unknown) =>
    counters.warnings.warn(log, sleuthError('SLEUTH_INTROSPECTION', { why: reasonOf(why) }))
  const closed = options.security !== undefined
  return new Introspection({
    node,
    wire: options.wire,
    reach: parts.reach,
    send: (peer, kind, bytes) => node.whisper(peer, controlPacket([{ kind, bytes }])),
    mayAsk: (peer, subject) => {
      // What is sent there leaves this host in no case. A peer that is answered on its own connection may be anywhere.
      const isHere = isLoopback(peer.address) && peer.connections !== 'theirs'
      const loopback = node.network().loopback && isHere
      const asker = () => sleuthPeerOf(peer, options.group)
      return mayAsk(options.introspection, subject, { loopback, closed }, asker, wrong)
    },
    reportOf: (subject, asker) => reports[subject](asker),
    dropped: (error) => countDropped(error, counters, log),
    overdone: () => counters.dropped('inspect-quota'),
    failed: (error) =>
      counters.warnings.write(log, 'warn', { why: reasonOf(error) }, 'a report could not be made'),
    now: () => performance.now(),
  })
}

function isLoopback(address: string): boolean {
  return isIP(address) === 6 ? address === '::1' : address.startsWith('127.')
}
