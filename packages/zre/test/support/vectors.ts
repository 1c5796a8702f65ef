import { readFileSync } from 'node:fs'
import type { BeaconFault, KeyBeacon } from '#src/wire/beacon.js'

/** What gyre, Go sleuth and zyre sent, recorded. The path is from where this file is compiled to. */
const folder = new URL('../../../../../test/vectors/', import.meta.url)

export interface RecordedBeacon {
  readonly hex: string
  readonly uuid: string
  readonly port: number
}

export interface RecordedMessage {
  /** Whose it is, and of what type, for a test's name. */
  readonly title: string
  readonly routingId: string
  readonly frames: readonly string[]
  readonly decoded: {
    readonly type: string
    readonly sequence: number
    readonly endpoint?: string
    readonly groups?: string[]
    readonly status?: number
    readonly name?: string
    readonly headers?: Record<string, string>
    readonly group?: string
    readonly content_len?: number
  }
}

type Entry = Omit<RecordedMessage, 'title' | 'routingId'> & { routing_id: string; context?: string }

const sessions = ['gyre_client_session', 'gyre_node_session', 'gyre_service_session', 'zyre_session'].map(
  (name) => ({ name, ...read<{ beacons: RecordedBeacon[]; log: Entry[] }>(name) }),
)

export const recordedBeacons: RecordedBeacon[] = [
  ...read<{ hex: string; decoded: { uuid: string; port: number } }[]>('beacons').map(({ hex, decoded }) => ({
    hex,
    ...decoded,
  })),
  ...sessions.flatMap(({ beacons }) => beacons),
]

export const recordedMessages: RecordedMessage[] = [
  ...read<Entry[]>('zre_frames').map((entry) => toMessage(entry, entry.context ?? '')),
  ...sessions.flatMap(({ name, log }) => log.map((entry) => toMessage(entry, name))),
]

export function framesOf(message: { readonly frames: readonly string[] }): Buffer[] {
  return message.frames.map(fromHex)
}

interface MessageVector {
  readonly case: string
  readonly frames: readonly string[]
  readonly message: {
    readonly type: string
    readonly sequence: number
    readonly headers?: Record<string, string>
    readonly content?: readonly string[]
  }
}

/** What a node with a key says beside others, made by hand. */
export const curve = read<{
  beacons: { case: string; bytes: string; beacon?: KeyBeacon; fault?: BeaconFault }[]
  hellos: MessageVector[]
  token: string
  proof: string
  messages: MessageVector[]
}>('curve')

/** Spaces are for readers. */
export function fromHex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex')
}

function toMessage({ routing_id, frames, decoded }: Entry, source: string): RecordedMessage {
  return { title: `${source}: ${decoded.type} ${decoded.sequence}`, routingId: routing_id, frames, decoded }
}

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'))
}
