import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { byConnected } from '../insider.js'
import { Kind, packetFrame, request, strayFrame } from '../packets.js'
import { closed } from '../raw-peer.js'
import type { Attack } from '../scene.js'

const PING = 0x0b
const PONG = 0x0c
const UNKNOWN = 0x70
const MiB = 1024 * 1024

function many(count: number, frameAt: (index: number) => Buffer): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, index) => frameAt(index)))
}

/** Says many things, as fast as they are taken. */
async function flood(socket: Socket, times: number, bytes: (time: number) => Buffer): Promise<void> {
  for (let time = 0; time < times; time++) {
    await new Promise<void>((resolve) => socket.write(bytes(time), () => resolve()))
    await turn()
  }
}

/**
 * On a connection that stands, until all is read. `deaf`: what the attacked node sends by it is not read. `strays`: how many
 * frames are of unknown streams.
 */
function by(attack: (socket: Socket) => Promise<void>, { deaf = false, strays = 0 } = {}): Attack['run'] {
  return byConnected(async (insider, scene) => {
    const socket = await insider.connect()
    if (deaf) socket.pause()
    const before = await scene.times('unknown-stream')
    await attack(socket)
    if (!socket.writable) throw new Error('the attacked node has closed the connection')
    socket.write(strayFrame)
    await scene.counted('unknown-stream', before + strays + 1)
    socket.destroy()
  })
}

/** By a member, to whom the attacked node is connected. */
export const directFrames: Attack[] = [
  {
    name: 'a frame that is too large, on a direct connection',
    shows: { SLEUTH_PACKET: 1 },
    run: byConnected(async (insider) => {
      const socket = await insider.connect()
      const head = packetFrame(Kind.request, 1, Buffer.alloc(0))
      head.writeUInt32BE(MiB + 1, 5)
      socket.write(head)
      await closed(socket)
    }),
  },
  {
    name: 'a million pings, by one who reads no answer',
    shows: {},
    run: by(
      async (socket) => {
        await flood(socket, 100, (time) =>
          many(10_000, (index) => packetFrame(PING, time * 10_000 + index, Buffer.alloc(0))),
        )
      },
      { deaf: true },
    ),
  },
  {
    name: '20,000 requests by one who reads no answer',
    shows: {},
    run: by(
      (socket) =>
        flood(socket, 20, (time) =>
          many(1000, (index) => request(time * 1000 + index + 1, '/', { end: true })),
        ),
      { deaf: true },
    ),
  },
  {
    name: '20,000 requests that are never answered, on a direct connection',
    shows: { 'peer-streams': 10_000 },
    run: by((socket) =>
      flood(socket, 20, (time) =>
        many(1000, (index) => request(time * 1000 + index + 1, '/hang', { end: true })),
      ),
    ),
  },
  {
    name: 'frames of unknown kinds, of 1 MiB each, and pongs to no ping',
    shows: {},
    run: by(async (socket) => {
      const unknown = packetFrame(UNKNOWN, 0, Buffer.alloc(MiB))
      await flood(socket, 64, (time) => Buffer.concat([unknown, packetFrame(PONG, time, Buffer.alloc(0))]))
    }),
  },
  {
    name: '50,000 parts of bodies that nobody has begun',
    shows: { 'unknown-stream': 50_000 },
    run: by(
      (socket) =>
        flood(socket, 50, () =>
          many(1000, (index) => packetFrame(Kind.callerData, index, Buffer.alloc(1000))),
        ),
      { strays: 50_000 },
    ),
  },
  {
    name: 'offers on a direct connection, and requests for some',
    shows: {},
    run: by(async (socket) => {
      const [connect, offer] = [packetFrame(0x09, 0, Buffer.of(1)), packetFrame(0x0a, 0, Buffer.alloc(35, 1))]
      await flood(socket, 50, () => many(200, () => Buffer.concat([connect, offer])))
    }),
  },
]
