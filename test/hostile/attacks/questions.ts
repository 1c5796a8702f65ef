import { packet, packetFrame } from '../packets.js'
import type { RawPeer } from '../raw-peer.js'
import type { Attack } from '../scene.js'

/** Frames by which nodes ask each other about themselves, and say whether they are ready (docs/protocol.md). */
const Kind = { inspect: 0x0d, report: 0x0e, ready: 0x0f } as const

const QUESTIONS_A_PACKET = 1000
const PACKETS = 20

function question(subject: string): Buffer {
  return Buffer.concat([Buffer.of(0, 0, 0, 1, subject.length), Buffer.from(subject)])
}

function tell(raw: RawPeer, kind: number, ...payloads: readonly Buffer[]): void {
  raw.whisper(packet(...payloads.map((payload) => packetFrame(kind, 0, payload))))
}

export const questions: Attack[] = [
  {
    name: 'questions and answers about a node that can not be read, or that nobody asked for',
    shows: { SLEUTH_INSPECT_MESSAGE: 5, 'ready-message': 1 },
    run: async (scene) => {
      const raw = await scene.peer()
      tell(raw, Kind.inspect, Buffer.alloc(0), Buffer.of(0, 0, 0, 1, 200))
      tell(raw, Kind.report, Buffer.alloc(2), Buffer.alloc(5), Buffer.alloc(70_000))
      tell(raw, Kind.ready, Buffer.alloc(0))
    },
  },
  ...['info', 'stats', 'links', 'probe', 'trees'].map((subject) => ({
    name: `${PACKETS * QUESTIONS_A_PACKET} questions for "${subject}"`,
    shows: { 'inspect-quota': PACKETS * QUESTIONS_A_PACKET - 1000 },
    run: async (scene: Parameters<Attack['run']>[0]) => {
      const raw = await scene.peer()
      const asked = Array.from({ length: QUESTIONS_A_PACKET }, () => question(subject))
      for (let sent = 0; sent < PACKETS; sent++) tell(raw, Kind.inspect, ...asked)
    },
  })),
]
