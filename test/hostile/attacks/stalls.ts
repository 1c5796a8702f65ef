import { setImmediate as turn } from 'node:timers/promises'
import { asking, Kind, message, packet, packetFrame, request } from '../packets.js'
import type { RawPeer } from '../raw-peer.js'
import type { Attack, Scene } from '../scene.js'

const MiB = 1024 * 1024

/** As many as a packet may have, but for a few. */
const FRAMES = 16_000

/**
 * Where much is to be made, it is made before the peer is there, or with a turn of the event loop in between: a peer that
 * answers no heartbeat meanwhile is lost, and its attack is not heard.
 */
function by(attack: (raw: RawPeer, scene: Scene) => void | Promise<void>) {
  return async (scene: Scene) => attack(await scene.peer(), scene)
}

function byLarge(make: () => Buffer, count: number) {
  return async (scene: Scene) => {
    const content = make()
    const raw = await scene.peer()
    for (let sent = 0; sent < count; sent++) raw.whisper(content)
  }
}

/** Read after all that came before it, and counted. */
const last = packet(packetFrame(Kind.callerReset, 1_000_000, Buffer.alloc(2)))

const letter = Buffer.from('a')

/** What takes little to send, and much to handle or to keep. */
export const stalls: Attack[] = [
  {
    name: 'request bodies by single bytes, that nobody reads: 40 of 64,000',
    shows: { 'unknown-stream': 1 },
    run: by(async (raw) => {
      for (let stream = 1; stream <= 40; stream++) {
        raw.whisper(packet(request(stream, '/hang')))
        const bytes = packet(
          ...Array.from({ length: FRAMES }, () => packetFrame(Kind.callerData, stream, letter)),
        )
        for (let count = 0; count < 4; count++) raw.whisper(bytes)
        await turn()
      }
      raw.whisper(last)
    }),
  },
  {
    name: 'one byte of a body in each of 1000 packets of 16 KiB',
    shows: { 'unknown-stream': 1 },
    run: by(async (raw) => {
      const padding = packetFrame(0x70, 0, Buffer.alloc(16 * 1024))
      for (let stream = 1; stream <= 1000; stream++) {
        raw.whisper(packet(request(stream, '/hang'), packetFrame(Kind.callerData, stream, letter), padding))
        if (stream % 100 === 0) await turn()
      }
      raw.whisper(last)
    }),
  },
  {
    name: 'packets of as many requests as they may have: more than there may be',
    shows: { 'peer-streams': FRAMES - 1200 },
    run: by((raw) => {
      raw.whisper(
        packet(...Array.from({ length: FRAMES }, (_, stream) => request(stream, '/hang', { end: true }))),
      )
    }),
  },
  {
    name: 'a packet of more frames than it may have',
    shows: { SLEUTH_PACKET: 1 },
    run: by((raw) =>
      raw.whisper(packet(...Array.from({ length: 20_000 }, () => packetFrame(0x70, 0, letter)))),
    ),
  },
  {
    name: 'replies of 31 MiB in 30 KiB, 10 times',
    shows: { SLEUTH_RESPONSE_JSON: 10 },
    run: byLarge(() => message('RECV', Buffer.from(`{"handle":"x","body":"${'é'.repeat(15 * MiB)}"}`)), 10),
  },
  {
    name: 'requests of 4 MiB in 4 KiB that are never answered, 30 times',
    shows: { 'peer-buffered': 20 },
    run: by((raw) => {
      const asked = asking(raw.id, { url: '/hang', body: 'A'.repeat(4 * MiB) })
      for (let count = 0; count < 30; count++) raw.whisper(asked)
    }),
  },
  {
    name: 'texts that are all escapes, 30 MiB in 90 KiB, 5 times',
    shows: { SLEUTH_REQUEST_JSON: 5 },
    run: byLarge(() => message('REPL', Buffer.from(`{"url":"${'\\u0041'.repeat(5 * MiB)}"}`)), 5),
  },
]
