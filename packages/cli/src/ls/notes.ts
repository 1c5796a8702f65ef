import type { PeerInfo, PeerState } from '@sleuth/core'
import { plain } from '../output/text.js'

/** What to do when nobody is there. */
export function nobody(service: string | undefined, wait: string): string {
  const who = service === undefined ? 'No service' : `No instance of "${plain(service)}"`
  return `${who} was found within ${wait}. Run "sleuth doctor" to see why, or listen longer with --wait 5s.`
}

/** What is so with a node that was heard, and is not met. */
const states: Readonly<Partial<Record<PeerState, string>>> = {
  connecting: 'is being connected to; listen longer with --wait 5s',
  unreachable: 'is heard by UDP, but can not be connected to by TCP: is there a firewall?',
  unanswered: 'does not connect back to this host: is there a firewall on this side?',
  refused: 'does not let in the key of this node: add it to its list of allowed keys',
}

/** A line for each node that was heard and can't be called, at most ten. */
export function unmet(peers: readonly PeerInfo[]): string[] {
  const lines = peers.flatMap(({ name, service, endpoint, state }) => {
    const says = states[state]
    if (says === undefined) return []
    const who = plain(service ?? name ?? 'a node')
    return [`${who} at ${plain(endpoint)} ${says}.`]
  })
  return lines.length <= 10
    ? lines
    : [...lines.slice(0, 10), `and ${lines.length - 10} more nodes like these.`]
}
