import type { PeerState } from './instances.js'
import type {
  CallerStats,
  DurationSlots,
  ProcessStats,
  RequestStats,
  ServiceCallStats,
  SleuthStats,
} from './stats.js'

/** What a node can be asked about itself: see `Sleuth.inspect`. */
export type InspectSubject = 'info' | 'stats' | 'links' | 'probe'

export interface InspectOptions {
  /** Milliseconds until the question fails with `SLEUTH_INSPECT_TIMEOUT`. `Infinity`: no limit. Default 2000. */
  timeout?: number | undefined
  signal?: AbortSignal | null | undefined
}

/**
 * What every report may have. A report is what the node says of itself, as JSON: a node of another version may leave fields out, and
 * have others. Text in it is anyone's.
 */
export interface Report {
  /** The report was larger than 64 KiB: how many of the last entries of each list or table are left out. */
  readonly truncated?: Readonly<Record<string, number>> | undefined
}

/** Who a node is. */
export interface InfoReport extends Report {
  readonly id: string
  /** A name for people, as in `Instance`. */
  readonly name: string
  /** Undefined for a node that only calls. */
  readonly service?: string | undefined
  readonly version: string
  readonly group: string
  /** When it joined, in ISO 8601. */
  readonly started: string
  /** Whether it wants calls now. Always `true` without a service. */
  readonly ready: boolean
  /** The name of its host, and its process id there. */
  readonly host: string
  readonly pid: number
  /** The version of Node.js, without `v`. */
  readonly node: string
  /** Operating system and processor, such as `linux-x64`. */
  readonly platform: string
  /** The version of `@sleuth/core`. */
  readonly sleuth: string
  /** `tcp://ip:port` */
  readonly endpoint: string
  /** The name of its network interface, such as `eth0`. */
  readonly interface: string
  /** How it looks for others: `beacon`, `host`, `seeds`, and the names of its own discoveries. */
  readonly discovery: readonly string[]
  /** The wires that it speaks. */
  readonly wires: readonly number[]
  /** Its options `limits` and `maxInflight`, in their units. `null`: no limit. */
  readonly limits: Readonly<Record<string, number | null>>
}

/** How a node does. Counters count from when it joined: ask twice for a rate. */
export interface StatsReport extends Report {
  /** As `sleuth.stats()` of the node. */
  readonly stats: SleuthStats
  readonly served: RequestStats & DurationSlots
  /** By service: at most 100, and `<other>` for the rest. */
  readonly calls: Readonly<Record<string, ServiceCallStats>>
  /** At most 100, and `<other>` for the rest. A new caller takes the place of one that has left. */
  readonly callers: readonly CallerStats[]
  readonly process: ProcessStats
}

/** What a node knows of another. */
export interface LinkInfo {
  readonly id: string
  readonly name?: string | undefined
  readonly service?: string | undefined
  readonly endpoint: string
  /** As in `PeerInfo`. */
  readonly state: PeerState
  readonly since: number
  /** The newest wire that both speak. Undefined until it has greeted. */
  readonly wire?: number | undefined
  /** Calls go by a TCP connection of their own, and not by ZeroMQ. */
  readonly direct: boolean
  readonly encrypted: boolean
  /** Who has made a connection: `both`, `ours` (it can't connect to us), `theirs` (we can't connect to it). */
  readonly connections?: 'both' | 'ours' | 'theirs' | undefined
  /** Milliseconds to its event loop and back, as last measured. Undefined until it was. */
  readonly rtt?: number | undefined
  /** Bytes that wait to be sent to it. */
  readonly backlog: number
  /** Milliseconds since its last message. Undefined until one came. */
  readonly heard?: number | undefined
}

/** Whom a node knows. */
export interface LinksReport extends Report {
  readonly links: readonly LinkInfo[]
  /** What it threw away since it joined, by reason: as `stats().dropped`. */
  readonly dropped: Readonly<Record<string, number>>
  /** Milliseconds since it last threw something away, by reason. */
  readonly lastDropped: Readonly<Record<string, number>>
}

/** Whether a node can connect back to the one that asks it. */
export interface ProbeReport extends Report {
  /** The endpoint that was tried: that of the asking node, as its peer knows it. */
  readonly endpoint: string
  /** A new connection was made, with the handshake of ZMTP, and with keys that of CURVE. */
  readonly reached: boolean
  /** Milliseconds that it took. */
  readonly ms: number
  /** Why it was not reached. */
  readonly why?: string | undefined
}

/** The reports, by their subject. */
export interface Reports {
  info: InfoReport
  stats: StatsReport
  links: LinksReport
  probe: ProbeReport
}
