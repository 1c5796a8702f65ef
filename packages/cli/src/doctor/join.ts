import { setTimeout as sleep } from 'node:timers/promises'
import { announcedWire, isGo, nameOf, versionOf } from '@sleuth/core/diagnostics'
import { createNode, type NodeOptions, type Peer, type Sighting, type ZreNode } from '@sleuth/zre'
import type { Announced, Mesh, MeshPeer } from './mesh.js'

/** Questions to each peer, milliseconds between two, and for an answer. */
const ROUNDS = 10
const ROUND_MS = 100
const ANSWER_MS = 2000
/** Milliseconds for a further node to meet those that the first has met. */
const MEET_MS = 5000
/** A header of HELLO holds what is sent at once. */
const PADDING = 'sleuth-doctor-padding'

/**
 * `options`: of each node that is made. Joins as a node that offers nothing and is in no group, waits, and asks each peer some times. Rejects when it can't join or the
 * signal aborts.
 */
export async function join(
  options: () => Promise<NodeOptions>,
  wait: number,
  signal: AbortSignal,
): Promise<Mesh> {
  const node = await createNode(await options())
  try {
    await sleep(wait, undefined, { signal })
    const times = new Map<string, number[]>()
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all(node.peers().map(({ id }) => time(node, id, times)))
      await sleep(ROUND_MS, undefined, { signal })
    }
    return {
      own: new Set([node.id]),
      peers: node.sightings().map((sighting) => meshPeer(sighting, times.get(sighting.id) ?? [])),
      dropped: node.stats().dropped,
      answeringAfter: (bytes, ids) => answeringAfter(options, bytes, ids, signal),
      close: () => node.close(),
    }
  } catch (error) {
    await node.close()
    throw error
  }
}

async function time(node: ZreNode, id: string, times: Map<string, number[]>): Promise<void> {
  const known = times.get(id) ?? []
  times.set(id, known)
  // It does not answer, and each question would wait as long.
  if (known.includes(Number.POSITIVE_INFINITY)) return
  const start = performance.now()
  const answered = await acknowledged(node, id)
  known.push(answered ? performance.now() - start : Number.POSITIVE_INFINITY)
}

async function acknowledged(node: ZreNode, id: string): Promise<boolean> {
  const timer = new AbortController()
  try {
    return await Promise.race([node.acknowledged(id), sleep(ANSWER_MS, false, { signal: timer.signal })])
  } finally {
    timer.abort()
  }
}

/** A second node sends its HELLO, as large as that, and then a PING over the same connection. */
async function answeringAfter(
  options: () => Promise<NodeOptions>,
  bytes: number,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const node = await createNode({ ...(await options()), headers: { [PADDING]: 'x'.repeat(bytes) } })
  try {
    await met(node, ids, signal)
    const answers = await Promise.all(ids.map((id) => acknowledged(node, id)))
    return new Set(ids.filter((_, at) => answers[at]))
  } finally {
    await node.close()
  }
}

async function met(node: ZreNode, ids: readonly string[], signal: AbortSignal): Promise<void> {
  const missing = new Set(ids)
  const all = new AbortController()
  const onEnter = ({ id }: Peer) => {
    if (missing.delete(id) && missing.size === 0) all.abort()
  }
  node.on('enter', onEnter)
  for (const peer of node.peers()) onEnter(peer)
  if (missing.size > 0)
    await sleep(MEET_MS, undefined, { signal: AbortSignal.any([signal, all.signal]) }).catch(() => {})
  signal.throwIfAborted()
}

function meshPeer({ id, endpoint, reach, peer }: Sighting, roundTrips: readonly number[]): MeshPeer {
  return {
    id,
    endpoint,
    reach,
    roundTrips,
    name: peer && nameOf(peer),
    key: peer?.publicKey,
    announced: peer && announcedBy(peer),
  }
}

function announcedBy(peer: Peer): Announced {
  const service = peer.headers.get('type')
  return {
    service: service === '' ? undefined : service,
    version: versionOf(peer),
    groups: [
      ...new Set([
        ...peer.groups,
        ...(peer.headers.get('group') ? [peer.headers.get('group') as string] : []),
      ]),
    ],
    wire: announcedWire(peer),
    isGo: isGo(peer),
    connections: peer.connections,
  }
}
