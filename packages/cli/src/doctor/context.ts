import type { KeyPair } from '@sleuth/core'
import type { DiscoverySettings, Network, Preference } from '@sleuth/zre/diagnostics'
import type { Heard } from './heard.js'
import type { Mesh } from './mesh.js'
import type { Probes } from './probes.js'
import type { System } from './system.js'

/** What the user has asked for, by options and environment. */
export interface Settings {
  /** The interface that was asked for, and where. */
  readonly preference: Preference
  /** The UDP port for discovery. */
  readonly port: number
  /** Further ports where others may be. */
  readonly ports: readonly number[]
  readonly group: string
  readonly keys: KeyPair | undefined
  /** Undefined if an option or a variable of it is wrong. */
  readonly discovery: DiscoverySettings | undefined
  /** The most nodes that a node knows. */
  readonly maxPeers: number
}

/** What checks are given. */
export interface Context {
  readonly system: System
  readonly settings: Settings
  /** The network that the library chooses, or why it can't. */
  readonly network: Network | Error
  readonly probes: Probes
  /** Datagrams that came to the discovery ports while the doctor listened. */
  heard(): Promise<Heard>
  /** The network as a node of it sees it, after it has waited; or why it could not join. */
  mesh(): Promise<Mesh | Error>
  /** Asks a peer to connect to us, and gives why it can't. Undefined if it can, or can't be asked. */
  askBack(id: string): Promise<string | undefined>
}
