import type { Peer, ZreNode } from '@sleuth/zre'
import type { ProbeReport } from '../types.js'

/** Whether the node can connect to the one that asks: only to where that is known to be, whatever it says. */
export async function probeReport(node: ZreNode, asker: Peer | undefined): Promise<ProbeReport> {
  if (asker === undefined) return { endpoint: node.endpoint, reached: true, ms: 0 }
  const { id, endpoint } = asker
  const start = performance.now()
  const reached = await node.probe(id)
  const ms = Math.round((performance.now() - start) * 100) / 100
  if (reached === true) return { endpoint, reached, ms }
  return { endpoint, reached: false, ms, why: whyNot(reached, asker) }
}

function whyNot(reached: false | undefined, { connections }: Peer): string {
  if (connections === 'theirs')
    return 'it answers on the connection that the asking node has made, since none can be made back'
  if (reached === undefined)
    return 'no connection could be tried: too many probes are under way, or no socket is left'
  return 'the connection was refused or did not stand in time'
}
