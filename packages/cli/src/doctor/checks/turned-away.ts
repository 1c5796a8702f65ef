import { pageAt } from '@sleuth/core/diagnostics'
import { type Check, type Finding, warn } from '../check.js'
import type { Context } from '../context.js'
import { isMesh } from '../mesh.js'

/** What each reason means for which something was thrown away, and what to do. */
const REASONS: Readonly<Record<string, readonly [text: string, remedy: string]>> = {
  'hello-endpoint': [
    'nodes of other networks greet this one, which may not connect to them',
    `Set SLEUTH_NETWORKS to the blocks of both networks, on both sides: see ${pageAt('discovery.md#networks')}`,
  ],
  'key-refused': [
    'nodes whose keys are not allowed try to get in',
    'If they are yours, put their public keys into the allow list.',
  ],
  unproven: [
    'nodes of another library or version try to get in, and can not prove who they are',
    'On a network with keys use nodes of this library alone.',
  ],
  'endpoint-taken': [
    'two nodes say that they are at one endpoint',
    'Give each a port of its own (listen), and look for containers or virtual machines with the same address.',
  ],
  'greeting-limit': [
    'so many nodes at one address can not be reached that some are not tried any more',
    'Let TCP through to that machine, or look for a program that sends beacons of nodes that are not there.',
  ],
  'peer-limit': ['there are more nodes than this one may know', 'Raise limits.peers in the services.'],
  handshake: [
    'connections come in that are no handshake of ZeroMQ, or have other keys',
    'Look for a port scanner, a health check by TCP, or nodes with other keys.',
  ],
}

/** What the doctor's node has thrown away while it listened. */
export const turnedAway: Check = {
  name: 'turned-away',
  async run({ mesh }: Pick<Context, 'mesh'>): Promise<Finding[]> {
    const joined = await mesh()
    if (!isMesh(joined)) return []
    return Object.entries(REASONS).flatMap(([reason, [text, remedy]]) =>
      (joined.dropped[reason] ?? 0) > 0 ? [warn(`${text} (${reason})`, remedy)] : [],
    )
  },
}
