import { readFileSync } from 'node:fs'

const folder = new URL('../../test/vectors/', import.meta.url)
const read = (name) => JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'))
const unhex = (hex) => Buffer.from(hex.replaceAll(' ', ''), 'hex')

const sessions = ['gyre_client_session', 'gyre_node_session', 'gyre_service_session', 'zyre_session'].map(
  read,
)

/** Datagrams of gyre and zyre. */
export const beacons = read('beacons').map(({ hex }) => unhex(hex))

/** Frames of messages of gyre and zyre, without the routing id. */
export const messages = [...read('zre_frames'), ...sessions.flatMap(({ log }) => log)].map(({ frames }) =>
  frames.map(unhex),
)

/** What Go sleuth whispered: requests, and replies. */
export const whispers = [
  ...read('sleuth_requests_go'),
  ...read('sleuth_responses_go').flatMap(({ replies }) => replies),
].map(({ frame1 }) => unhex(frame1))

/** The JSON within. */
export const jsons = [
  ...read('sleuth_requests_go'),
  ...read('sleuth_responses_go').flatMap(({ replies }) => replies),
].map(({ json }) => Buffer.from(json))

/** Packets of the second wire. */
export const packets = read('wire2').map(({ packet }) => unhex(packet))

const direct = read('direct')

/** What sets up a direct connection, and keeps it. */
export const handshakes = [
  ...[...direct.offer, ...direct.secureOffer].map(({ payload }) => unhex(payload)),
  ...direct.secureConnect.map(({ packet }) => unhex(packet).subarray(10)),
  ...[...direct.greeting, ...direct.answer, ...direct.control].map(({ bytes }) => unhex(bytes)),
]

/** What nodes ask each other about themselves, and what they answer: payloads of frames, and their kinds. */
export const inspections = read('introspection').map(({ kind, payload }) => ({
  kind,
  payload: unhex(payload),
}))

/** What members tell each other: payloads of frames, and their kinds. */
export const members = read('membership').map(({ kind, payload }) => ({ kind, payload: unhex(payload) }))

/** What nodes subscribe to, and events: payloads of frames, and their kinds. */
export const events = read('events').map(({ kind, payload }) => ({ kind, payload: unhex(payload) }))
