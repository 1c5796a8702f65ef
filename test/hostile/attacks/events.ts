import { setImmediate as turn } from 'node:timers/promises'
import { packet, packetFrame, request } from '../packets.js'
import { type RawPeer, Zre } from '../raw-peer.js'
import type { Attack, Scene } from '../scene.js'

/** Frames that carry events, and what nodes subscribe to (docs/protocol.md). */
const Kind = { topics: 0x20, event: 0x21 } as const

const GROUP = Buffer.from('SLEUTH-v1')
const PACKETS = 20
const FRAMES_A_PACKET = 1000
/** The attacked node has a listener for this topic that never ends, and emits as many of the other as it is asked for. */
const STUCK = 'stuck'
const TOLD = 'told'

function topics(patterns: readonly string[]): Buffer {
  const texts = patterns.flatMap((pattern) => [Buffer.of(pattern.length), Buffer.from(pattern)])
  return Buffer.concat([Buffer.of(patterns.length >> 8, patterns.length & 0xff), ...texts])
}

function event(topic: string, data: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(12), Buffer.of(topic.length), Buffer.from(topic), Buffer.of(0), data])
}

function tell(raw: RawPeer, kind: number, ...payloads: readonly Buffer[]): void {
  raw.whisper(packet(...payloads.map((payload) => packetFrame(kind, 0, payload))))
}

/** Only a member of the group is sent events. */
async function member(scene: Scene): Promise<RawPeer> {
  const raw = await scene.peer()
  raw.say(Zre.join, Buffer.concat([Buffer.of(GROUP.length), GROUP, Buffer.of(1)]))
  return raw
}

export const events: Attack[] = [
  {
    name: 'subscriptions and events that can not be read, or are too large',
    shows: { SLEUTH_EVENT_MESSAGE: 6, 'event-unsubscribed': 1 },
    run: async (scene) => {
      const raw = await member(scene)
      tell(raw, Kind.topics, Buffer.alloc(0), Buffer.of(255, 255, 1), topics(['a b']), Buffer.alloc(300_000))
      tell(raw, Kind.event, Buffer.alloc(3), event('large', Buffer.alloc(300_000)), event('x', Buffer.of(1)))
    },
  },
  {
    name: `${PACKETS * 20} times 1000 other subscriptions`,
    shows: { SLEUTH_EVENT_MESSAGE: PACKETS * 20 },
    run: async (scene) => {
      const raw = await member(scene)
      for (let sent = 0; sent < PACKETS * 20; sent++) {
        tell(raw, Kind.topics, topics(Array.from({ length: 1000 }, (_, at) => `*.${sent}.${at}.>`)))
        await turn()
      }
    },
  },
  {
    name: `${PACKETS * FRAMES_A_PACKET} events that nobody wants`,
    shows: { 'event-unsubscribed': PACKETS * FRAMES_A_PACKET },
    run: async (scene) => {
      const raw = await scene.peer()
      for (let sent = 0; sent < PACKETS; sent++) {
        tell(
          raw,
          Kind.event,
          ...Array.from({ length: FRAMES_A_PACKET }, (_, at) => event(`x.${sent}.${at}`, Buffer.of(1))),
        )
        await turn()
      }
    },
  },
  {
    name: 'events for a listener that does not end',
    shows: { 'event-backlog': 100 },
    run: async (scene) => {
      const raw = await scene.peer()
      // As many begin at a time as a listener may have, and 4 MiB wait.
      for (let sent = 0; sent < 200; sent++) {
        tell(raw, Kind.event, ...Array.from({ length: 20 }, () => event(STUCK, Buffer.alloc(10_000))))
        await turn()
      }
    },
  },
  {
    name: 'a subscriber that does not read',
    shows: { 'event-queue': 100 },
    run: async (scene) => {
      const raw = await member(scene)
      tell(raw, Kind.topics, topics([TOLD]))
      raw.deaf = true
      // 100 events of 10,000 bytes each time.
      for (let stream = 1; stream <= 200; stream++)
        raw.whisper(packet(request(stream, '/emit', { end: true })))
    },
  },
]
