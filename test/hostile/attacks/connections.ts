import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { open, Zre } from '../raw-peer.js'
import { type Attack, type Scene, until } from '../scene.js'
import { command, frame, frameHead, greeting } from '../zmtp.js'

/** Fewer than wait to be accepted: the kernel would take others for open that its listener never sees. */
const AT_ONCE = 50

async function openMany<T>(count: number, openOne: () => Promise<T>): Promise<T[]> {
  const opened: T[] = []
  while (opened.length < count) {
    opened.push(...(await Promise.all(Array.from({ length: AT_ONCE }, openOne))))
  }
  return opened
}

/** The node goes on while they are open. */
async function hold(scene: Scene, sockets: readonly { destroy(): void }[]): Promise<void> {
  await scene.served(100)
  for (const socket of sockets) socket.destroy()
}

/** At its inbox, before anything is said in ZRE. */
export const connections: Attack[] = [
  {
    name: 'connections that send garbage, or another protocol',
    shows: { handshake: 50, 'routing-id': 1 },
    run: async (scene) => {
      const sockets = await openMany(200, () => open(scene.targetPort))
      for (const [index, socket] of sockets.entries()) {
        if (index % 4 === 0) socket.write(randomBytes(500))
        if (index % 4 === 1) socket.write('GET / HTTP/1.1\r\nhost: target\r\n\r\n')
        if (index % 4 === 2) socket.write(Buffer.concat([greeting, Buffer.from([4, 200, 5])]))
        // The first protocol of ZeroMQ: a frame of one byte, which is taken for the routing id.
        if (index % 4 === 3) socket.write(Buffer.of(2, 0, 1, 2, 0, 1))
      }
      await hold(scene, sockets)
    },
  },
  {
    name: 'half greetings, and handshakes without end: 500 at a time',
    shows: { handshake: 500 },
    run: async (scene) => {
      const sockets = await openMany(500, () => open(scene.targetPort))
      for (const [index, socket] of sockets.entries()) socket.write(greeting.subarray(0, index % 65))
      // The node cuts them off by itself.
      await Promise.all(sockets.map((socket) => socket.closed || once(socket, 'close')))
    },
  },
  {
    name: '10,000 connections, 500 at a time',
    shows: { handshake: 5000 },
    run: async (scene) => {
      for (let count = 0; count < 10_000; count += 500) {
        for (const socket of await openMany(500, () => open(scene.targetPort))) socket.destroy()
      }
    },
  },
  {
    name: '1000 peers of ZeroMQ that say nothing, 100 at a time',
    shows: {},
    run: async (scene) => {
      for (let count = 0; count < 1000; count += 100) {
        for (const peer of await openMany(100, () => scene.connect())) peer.close()
      }
    },
  },
  {
    name: '400 connections under one routing id, in the middle of messages',
    shows: { 'endpoint-change': 1 },
    run: async (scene) => {
      const id = randomBytes(16)
      for (let count = 0; count < 400; count += AT_ONCE) {
        for (const [index, peer] of (await openMany(AT_ONCE, () => scene.peer(id))).entries()) {
          if (index % 2 === 0) peer.raw(frame(Buffer.from([0xaa, 0xa1, Zre.whisper, 2, 0, 2]), true))
          if (index % 3 === 0) peer.close()
        }
      }
    },
  },
  {
    name: 'commands of ZMTP that are cut short, unknown, or no affair of ours, over 200 connections',
    shows: {},
    run: async (scene) => {
      const names = ['PING', 'PONG', 'SUBSCRIBE', 'CANCEL', 'READY', 'ERROR', 'JOIN', 'LEAVE', 'NONE', '']
      for (let count = 0; count < 200; count++) {
        const peer = await scene.peer()
        const name = names[count % names.length] ?? ''
        for (let size = 0; size <= name.length + 8; size++) {
          peer.raw(
            command(
              Buffer.concat([Buffer.of(name.length), Buffer.from(name), randomBytes(8)]).subarray(0, size),
            ),
          )
        }
      }
    },
  },
  {
    name: '50 senders of a head that never ends, byte by byte',
    shows: {},
    run: async (scene) => {
      const peers = await openMany(50, () => scene.peer())
      for (const peer of peers) peer.raw(frameHead(32 * 1024 * 1024))
      const before = scene.good.calls
      await until(() => {
        for (const peer of peers) peer.raw(Buffer.of(0xaa))
        return scene.good.calls >= before + 200
      })
    },
  },
]
