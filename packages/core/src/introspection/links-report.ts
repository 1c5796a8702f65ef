import type { ZreNode } from '@sleuth/zre'
import { announcedWire } from '../directory/instance.js'
import { peerInfo } from '../directory/peer-info.js'
import type { CheckedOptions } from '../shared/options/options.js'
import type { LinkInfo, LinksReport } from '../types.js'

export interface LinkFacts {
  readonly node: ZreNode
  readonly options: CheckedOptions
  /** Bytes that wait on the direct connection to a peer. Undefined if there is none. */
  readonly direct: (peer: string) => number | undefined
  readonly dropped: Readonly<Record<string, number>>
  /** Milliseconds since 1970. */
  readonly lastDropped: Readonly<Record<string, number>>
  /** As `performance.now()`. */
  readonly now: number
}

/** Whom this node is connected to, and how. */
export function linksReport({ node, options, direct, dropped, lastDropped, now }: LinkFacts): LinksReport {
  const links = node.sightings().map((sighting): LinkInfo => {
    const { id, peer } = sighting
    const { name, service, endpoint, state, since } = peerInfo(sighting, options.group)
    const waits = direct(id)
    const heardAt = node.heardAt(id)
    return {
      id,
      name,
      service,
      endpoint,
      state,
      since,
      wire: peer && Math.min(announcedWire(peer), options.wire),
      direct: waits !== undefined,
      encrypted: options.security !== undefined,
      connections: peer?.connections,
      rtt: rounded(node.roundTrip(id)),
      backlog: node.backlog(id) + (waits ?? 0),
      heard: rounded(heardAt === undefined ? undefined : now - heardAt),
    }
  })
  const time = Date.now()
  const ago = Object.entries(lastDropped).map(([reason, at]) => [reason, Math.max(0, time - at)])
  return { links, dropped, lastDropped: Object.fromEntries(ago) }
}

/** Milliseconds with at most two digits behind the point. */
function rounded(time: number | undefined): number | undefined {
  return time === undefined ? undefined : Math.round(time * 100) / 100
}
