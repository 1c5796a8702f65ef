import { readFileSync } from 'node:fs'

/** Seen from the compiled test: packages/core/build/test. */
const folder = new URL('../../../../test/vectors/', import.meta.url)

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8'))
}

export interface GoRequest {
  case: string
  frame1: string
  json: string
}

export interface GoExchange {
  case: string
  request_json: string
  replies: { frame1: string; json: string }[]
}

/** Requests that Go sleuth sent. */
export const goRequests = read<GoRequest[]>('sleuth_requests_go.json')

/** Requests that were sent to a Go service, and what it replied: nothing where it refuses them. */
export const goExchanges = read<GoExchange[]>('sleuth_responses_go.json')

/** Packets of the second wire, made by hand. Bodies are in hex. */
export const packets = read<PacketVector[]>('wire2.json')

interface PacketVector {
  case: string
  packet: string
  frames: Record<string, unknown>[]
  /** What can be read may be written otherwise. */
  readOnly?: boolean
  malformed?: boolean
}

interface Malformed {
  case: string
  malformed?: boolean
  readOnly?: boolean
}

/** What sets up a direct connection, made by hand. Everything is in hex. */
export const direct = read<{
  connect: { case: string; packet: string; taken: boolean }[]
  offer: (Malformed & { payload: string; port?: number; token?: string; proof?: string })[]
  greeting: (Malformed & { bytes: string; id?: string; token?: string })[]
  answer: (Malformed & { bytes: string; proof?: string })[]
  control: { case: string; bytes: string; kind: number; number: number }[]
  secureConnect: (Malformed & { packet: string; half?: string })[]
  secureOffer: (Malformed & Partial<SecureOfferVector> & { payload: string })[]
}>('direct.json')

interface SecureOfferVector {
  port: number
  handle: string
  half: string
  /** The half of the connect, the ids of both, and what comes of that. */
  asked: string
  connects: string
  listens: string
  secret: string
  identity: string
}

/** What nodes ask each other about themselves, made by hand: payloads in hex. */
export const inspections = read<InspectVector[]>('introspection.json')

interface InspectVector extends Malformed {
  kind: number
  payload: string
  question?: { id: number; subject: string }
  answer?: { id: number; status: string; json: string }
}

/** What members tell each other, made by hand: payloads in hex. */
export const members = read<MembershipVector[]>('membership.json')

interface MembershipVector {
  case: string
  kind: number
  payload: string
  message?: Record<string, unknown>
  malformed?: boolean
}

/** What nodes subscribe to, and events, made by hand: payloads in hex. */
export const eventPayloads = read<EventVector[]>('events.json')

interface EventVector extends Malformed {
  kind: number
  payload: string
  topics?: string[]
  event?: { number: number; time: number; topic: string; headers: string[]; data: string }
}
