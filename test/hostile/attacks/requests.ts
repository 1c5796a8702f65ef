import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { asking, Kind, message, packet, packetFrame, request } from '../packets.js'
import type { RawPeer } from '../raw-peer.js'
import { type Attack, type Scene, until } from '../scene.js'

const MiB = 1024 * 1024

function by(attack: (raw: RawPeer, scene: Scene) => void | Promise<void>) {
  return async (scene: Scene) => attack(await scene.peer(), scene)
}

/** Messages of wire 1, which come whole. */
const wholes: Attack[] = [
  {
    name: 'gzip bombs: 20 of 32 MiB in 32 KiB',
    shows: { SLEUTH_TOO_LARGE: 20 },
    run: async (scene) => {
      const bomb = message('REPL', Buffer.alloc(32 * MiB))
      // Only now: a peer that answers no heartbeat while a bomb is made is lost.
      const raw = await scene.peer()
      for (let count = 0; count < 20; count++) raw.whisper(bomb)
    },
  },
  {
    name: 'messages that are too large, or are none',
    shows: {
      SLEUTH_TOO_LARGE: 1,
      SLEUTH_DISPATCH_HEADER: 1,
      SLEUTH_DISPATCH_ACTION: 1,
      SLEUTH_UNZIP: 1,
      SLEUTH_UNZIP_READ: 1,
      SLEUTH_REQUEST_JSON: 3,
    },
    run: by((raw) => {
      raw.whisper(Buffer.concat([Buffer.from('SLEUTH-v1REPL'), randomBytes(MiB)]))
      raw.whisper(randomBytes(8))
      raw.whisper(Buffer.from('SLEUTH-v1NONE'))
      raw.whisper(Buffer.from('SLEUTH-v1REPLtext'))
      raw.whisper(asking(raw.id).subarray(0, 60))
      raw.whisper(message('REPL', Buffer.from('{"destination":')))
      raw.whisper(message('REPL', Buffer.alloc(100_000, '[')))
      raw.whisper(asking(raw.id, { header: { a: 'not a list' } }))
    }),
  },
  {
    name: 'replies that nobody waits for',
    shows: { SLEUTH_RECV: 100 },
    run: by((raw) => {
      const reply = message('RECV', { handle: '1', code: 200, body: '', header: {} })
      for (let count = 0; count < 100; count++) raw.whisper(reply)
    }),
  },
  {
    name: 'requests whose answers are to go to another peer',
    shows: { SLEUTH_DESTINATION: 20 },
    run: async (scene) => {
      const other = await scene.peer()
      const raw = await scene.peer()
      for (let count = 0; count < 20; count++) raw.whisper(asking(other.id))
      await scene.counted('SLEUTH_DESTINATION', 20)
      // Nothing came to the other before the answer to what it asked itself.
      other.whisper(asking(other.id, { url: '/own' }))
      await until(() => other.whispers.length > 0)
      if (other.whispers.length > 1) throw new Error('answers were sent to one who did not ask')
    },
  },
  {
    name: 'requests with a URL or headers beyond the limits, on wire 1',
    shows: { SLEUTH_REQUEST_HTTP: 3 },
    run: by((raw) => {
      const names = Array.from({ length: 3000 }, (_, index) => [`x-${index}`, ['']])
      raw.whisper(asking(raw.id, { url: `/${'u'.repeat(20_000)}` }))
      raw.whisper(asking(raw.id, { header: Object.fromEntries(names) }))
      raw.whisper(asking(raw.id, { header: { a: ['v'.repeat(70_000)] } }))
    }),
  },
  {
    name: 'requests without end that are never answered, on wire 1',
    shows: { 'peer-streams': 150 },
    run: by((raw) => {
      for (let count = 0; count < 200; count++) raw.whisper(asking(raw.id, { url: '/hang' }))
    }),
  },
]

/** 10,000 requests, each of which is given up at once. `pause`: milliseconds between ten and ten. */
async function rapidReset(raw: RawPeer, url: string, pause?: number): Promise<void> {
  const cancelled = Buffer.of(0, 1)
  for (let first = 0; first < 10_000; first += 10) {
    const streams = Array.from({ length: 10 }, (_, at) => first + at)
    raw.whisper(
      packet(
        ...streams.map((stream) => request(stream, url, { end: true })),
        ...streams.map((stream) => packetFrame(Kind.callerReset, stream, cancelled)),
      ),
    )
    if (pause !== undefined) await sleep(pause)
  }
}

/** Packets of wire 2. */
const streams: Attack[] = [
  {
    name: 'packets that are none, or are too large',
    shows: { SLEUTH_PACKET: 3 },
    run: by((raw) => {
      raw.whisper(packet(randomBytes(5)))
      raw.whisper(packet(packetFrame(Kind.request, 1, randomBytes(3))))
      raw.whisper(packet(Buffer.alloc(5 * MiB)))
    }),
  },
  {
    name: 'frames of streams that do not exist',
    shows: { 'unknown-stream': 7000 },
    run: by((raw) => {
      const kinds = Object.values(Kind).filter((kind) => kind !== Kind.request)
      const frames = kinds.flatMap((kind) =>
        Array.from({ length: 1000 }, (_, stream) => packetFrame(kind, stream, Buffer.alloc(8))),
      )
      raw.whisper(packet(...frames))
    }),
  },
  {
    name: 'streams without end',
    shows: { 'peer-streams': 9000 },
    run: by((raw) => {
      for (let stream = 0; stream < 10_000; stream += 100) {
        raw.whisper(packet(...Array.from({ length: 100 }, (_, at) => request(stream + at, '/hang'))))
      }
    }),
  },
  {
    name: 'rapid reset of requests whose handlers go on',
    shows: { 'peer-streams': 9900 },
    run: by((raw) => rapidReset(raw, '/hang')),
  },
  {
    name: 'rapid reset of requests whose handlers stop when they are told',
    shows: { 'peer-resets': 1000 },
    // Its handlers have the time that it takes to stop.
    run: by((raw) => rapidReset(raw, '/stop', 1)),
  },
  {
    name: 'bodies beyond what may be buffered',
    shows: { 'peer-buffered': 10 },
    run: by((raw) => {
      const part = Buffer.alloc(250 * 1024)
      for (let stream = 0; stream < 40; stream++) {
        raw.whisper(packet(request(stream, '/hang'), packetFrame(Kind.callerData, stream, part)))
      }
    }),
  },
  {
    name: 'bodies beyond the window, and streams that are opened twice',
    shows: { 'peer-protocol': 3 },
    run: by((raw) => {
      raw.whisper(packet(request(1, '/hang', { body: Buffer.alloc(300 * 1024) })))
      raw.whisper(packet(request(2, '/hang')))
      raw.whisper(packet(packetFrame(Kind.callerData, 2, Buffer.alloc(300 * 1024))))
      raw.whisper(packet(request(3, '/hang'), request(3, '/hang')))
    }),
  },
  {
    name: 'requests with a URL or headers beyond the limits, on wire 2',
    shows: { SLEUTH_REQUEST_HTTP: 3 },
    run: by((raw) => {
      const headers = Array.from({ length: 3000 }, (_, index) => [`x-${index}`, ''] as const)
      raw.whisper(packet(request(1, `/${'u'.repeat(20_000)}`)))
      raw.whisper(packet(request(2, '/', { headers })))
      raw.whisper(packet(request(3, '/', { headers: [['a', 'v'.repeat(70_000)]] })))
    }),
  },
  {
    name: 'slow senders: bodies byte by byte',
    shows: { 'slow-request': 20 },
    run: by(async (raw, scene) => {
      const open = Array.from({ length: 20 }, (_, stream) => stream)
      raw.whisper(packet(...open.map((stream) => request(stream, '/hang'))))
      const before = scene.good.calls
      await until(() => {
        raw.whisper(packet(...open.map((stream) => packetFrame(Kind.callerData, stream, Buffer.of(0)))))
        return scene.good.calls > before + 50
      })
    }),
  },
]

export const requests: Attack[] = [...wholes, ...streams]
