import type { Peer, ZreNode } from '@sleuth/zre'
import type { ProbeReport } from '../types.js'
import type { TcpFinding } from './tcp-check.js'

/** Milliseconds that a TCP connection may take, after the one of ZeroMQ has failed. */
const TCP_MS = 1000

/**
 * Whether the node can connect to the one that asks: only to where that is known to be, whatever it says. If not, `tcpCheck`
 * finds out how far a connection gets.
 */
export async function probeReport(
  node: ZreNode,
  asker: Peer | undefined,
  tcpCheck: (endpoint: string, time: number) => Promise<TcpFinding>,
): Promise<ProbeReport> {
  if (asker === undefined) return { endpoint: node.endpoint, reached: true, ms: 0 }
  const { id, endpoint, connections } = asker
  // Where such a node is, it alone says: it could have any place tried.
  if (connections === 'theirs') return { endpoint, reached: false, ms: 0, why: reasons.returning }
  const start = performance.now()
  const reached = await node.probe(id)
  const ms = Math.round((performance.now() - start) * 100) / 100
  if (reached === true) return { endpoint, reached, ms }
  const why = reached === undefined ? reasons.untried : reasons[await tcpCheck(endpoint, TCP_MS)]
  return { endpoint, reached: false, ms, why }
}

const reasons: Record<TcpFinding | 'returning', string> = {
  untried: 'no connection was tried: too many probes are under way, or no socket is left',
  returning:
    'no connection was tried: the node answers on the one that the asking node has made, since it could make none itself',
  open: 'a TCP connection is made there, but no handshake of ZeroMQ, so something else may listen there, or the keys do not fit',
  refused: 'the TCP connection is refused there, so nothing listens, or a firewall refuses it',
  unreachable: 'no way leads there: no route, or a firewall forbids it',
  silent: 'a TCP connection gets no answer there, so a firewall drops it, or the address leads elsewhere',
}
