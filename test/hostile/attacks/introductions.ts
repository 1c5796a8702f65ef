import { randomBytes } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { packet, packetFrame } from '../packets.js'
import { type RawPeer, Zre } from '../raw-peer.js'
import type { Attack, Scene } from '../scene.js'

/** Frames with which nodes tell each other of nodes (docs/protocol.md). */
const Kind = { know: 0x10, gone: 0x11, alive: 0x12, have: 0x14, want: 0x15 } as const

const GROUP = Buffer.from('SLEUTH-v1')
const RECORDS_A_FRAME = 100
const FRAMES = 60

/** Only a member of the group is heard. */
function by(attack: (raw: RawPeer, scene: Scene) => void | Promise<void>) {
  return async (scene: Scene) => {
    const raw = await scene.peer()
    raw.say(Zre.join, Buffer.concat([Buffer.of(GROUP.length), GROUP, Buffer.of(1)]))
    await attack(raw, scene)
  }
}

function tell(raw: RawPeer, kind: number, payload: Buffer): void {
  raw.whisper(packet(packetFrame(kind, 0, payload)))
}

/** A node that is not there. */
function record(endpoint: string): Buffer {
  const texts = [endpoint, 'honey', '1.0.0', 'bear', ''].flatMap((text) => [
    Buffer.of(text.length),
    Buffer.from(text),
  ])
  const body = Buffer.concat([randomBytes(16), Buffer.of(0, 0, 0, 1, 0, 0, 2), ...texts])
  return Buffer.concat([Buffer.of(body.length >> 8, body.length & 0xff), body])
}

function ended(id: Buffer, incarnation: number): Buffer {
  return Buffer.concat([id, Buffer.of(0, 0, 0, incarnation, 0)])
}

/** The last of all: the node goes on for a minute to look for those that were made up. */
export const introductions: Attack[] = [
  {
    name: 'introductions that can not be read, or that nobody asked for',
    shows: { 'membership-message': 4, 'membership-record': 1, 'membership-unasked': 2 },
    run: by((raw) => {
      tell(raw, Kind.know, randomBytes(7))
      tell(raw, Kind.know, record('tcp://127.0.0.1:9').subarray(0, 40))
      tell(raw, Kind.alive, Buffer.alloc(22))
      tell(raw, Kind.have, Buffer.alloc(300_000))
      tell(raw, Kind.know, record('tcp://evil.example:9'))
      tell(raw, Kind.have, Buffer.alloc(8))
      tell(raw, Kind.want, Buffer.alloc(8))
    }),
  },
  {
    name: 'the attacked node is said to be gone, 200 times',
    shows: { 'membership-refuted': 100 },
    run: by((raw, { targetId }) => {
      for (let time = 1; time <= 200; time++) tell(raw, Kind.gone, ended(targetId, time))
    }),
  },
  {
    name: `introductions of ${RECORDS_A_FRAME * FRAMES} nodes that are not there`,
    shows: { 'membership-full': 100, 'membership-quota': 100 },
    run: by(async (raw) => {
      for (let sent = 0; sent < FRAMES; sent++) {
        const records = Array.from({ length: RECORDS_A_FRAME }, (_, at) =>
          record(`tcp://127.66.${sent}.${at}:9`),
        )
        tell(raw, Kind.know, Buffer.concat(records))
        await turn()
      }
    }),
  },
]
