import { type Check, count, type Finding, ok, summed, warn } from '../check.js'
import type { Context } from '../context.js'
import { connectedOf, type MeshPeer, nameOf } from '../mesh.js'

/** Milliseconds by which answers may be later than the fastest. One late answer may be the fault of this machine. */
const LATE_MS = 100

/**
 * Nodes whose event loop answers late: calls to them time out, and it looks as if the network were slow. The fastest answer shows
 * what the network takes.
 */
export const stalls: Check = {
  name: 'stalls',
  async run({ mesh }: Pick<Context, 'mesh'>): Promise<Finding[]> {
    const asked = connectedOf(await mesh()).filter(({ roundTrips }) => roundTrips.length > 0)
    const problems = summed(asked.flatMap(problemOf), 'node')
    const fine = asked.filter((peer) => problemOf(peer).length === 0)
    if (fine.length === 0) return problems
    const fastest = fine.map(({ roundTrips }) => Math.min(...roundTrips))
    const range = `${Math.min(...fastest).toFixed(1)} to ${Math.max(...fastest).toFixed(1)} ms`
    return [
      ok(`${count(fine.length, 'node')} answer${fine.length === 1 ? 's' : ''} at once, in ${range}`),
      ...problems,
    ]
  },
}

function problemOf(peer: MeshPeer): Finding[] {
  const [fastest = 0, ...more] = [...peer.roundTrips].sort((a, b) => a - b)
  const [late = fastest, slowest = fastest] = more.slice(-2)
  const remedy =
    'Something in that process blocks its event loop, or the process is stopped: move long work to a worker thread, or start more instances.'
  if (peer.roundTrips.includes(Number.POSITIVE_INFINITY)) {
    return [warn(`${nameOf(peer)}: it is connected, and does not answer within 2 s`, remedy)]
  }
  if (late - fastest < LATE_MS) return []
  return [
    warn(`${nameOf(peer)}: answers take from ${fastest.toFixed(1)} to ${Math.round(slowest)} ms`, remedy),
  ]
}
