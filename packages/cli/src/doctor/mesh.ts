import type { Reach } from '@sleuth/zre'

/** A node that was heard of. */
export interface MeshPeer {
  readonly id: string
  /** A name for people. Undefined until it has greeted. */
  readonly name: string | undefined
  readonly endpoint: string
  readonly reach: Reach
  /** What it announces. Undefined until it has greeted. */
  readonly announced: Announced | undefined
  /** Its public key, if it is known. */
  readonly key: string | undefined
  /** Milliseconds from questions to their answers by its event loop. `Infinity`: it did not answer in time. */
  readonly roundTrips: readonly number[]
}

export interface Announced {
  /** Undefined for a node that only calls. */
  readonly service: string | undefined
  readonly version: string
  /** The groups that it is in. */
  readonly groups: readonly string[]
  /** The newest wire that it speaks. */
  readonly wire: number
  /** It is no node of this library. */
  readonly isGo: boolean
  /** Who has made a connection: see `Peer`. */
  readonly connections: 'both' | 'ours' | 'theirs'
}

/** The network as a node of it knows it. */
export interface Mesh {
  /** Ids of nodes that are the doctor's own. */
  readonly own: ReadonlySet<string>
  readonly peers: readonly MeshPeer[]
  /** What was thrown away, by reason. */
  readonly dropped: Readonly<Record<string, number>>
  /** The peers among these that answer after so many bytes were sent to them at once. */
  answeringAfter(bytes: number, ids: readonly string[]): Promise<ReadonlySet<string>>
  close(): Promise<void>
}

export function isMesh(mesh: Mesh | Error): mesh is Mesh {
  return !(mesh instanceof Error)
}

export function peersOf(mesh: Mesh | Error): readonly MeshPeer[] {
  return isMesh(mesh) ? mesh.peers : []
}

/** Peers that are met. */
export function connectedOf(mesh: Mesh | Error): readonly MeshPeer[] {
  return peersOf(mesh).filter(({ reach }) => reach === 'connected')
}

/** An instance of a service. */
export interface MeshInstance extends Announced {
  readonly service: string
  readonly endpoint: string
}

/** The instances of the services of a group that are met. */
export function instancesOf(mesh: Mesh | Error, group: string): MeshInstance[] {
  return connectedOf(mesh).flatMap(({ announced, endpoint }) => {
    const service = announced?.service
    if (announced === undefined || service === undefined || !announced.groups.includes(group)) return []
    return [{ ...announced, service, endpoint }]
  })
}

/** A peer for people. */
export function nameOf({ name, announced, endpoint }: MeshPeer): string {
  return `${announced?.service ?? name ?? 'a node'} at ${endpoint}`
}
