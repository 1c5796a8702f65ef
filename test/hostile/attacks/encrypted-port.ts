import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectionOptions } from 'node:tls'
import { bySecureInsider, greetingOf } from '../insider.js'
import { strayFrame } from '../packets.js'
import { AT_ONCE, closed, open, openMany } from '../raw-peer.js'
import type { Attack } from '../scene.js'
import { dial, helloOf, identityOf } from '../secure-insider.js'
import { Content, TlsRecords } from '../tls-records.js'

/** Nobody of them gets in. */
async function refused(sockets: readonly Socket[]): Promise<void> {
  let entered = 0
  for (const socket of sockets) socket.on('secureConnect', () => entered++)
  await Promise.all(sockets.map(closed))
  if (entered > 0) throw new Error(`${entered} got in`)
}

/** By those who are not let in, or are not the one that the offer was made to. */
export const encryptedPort: Attack[] = [
  {
    name: 'garbage, other protocols, and greetings in the clear on the port for encrypted connections',
    shows: { SLEUTH_CONNECTION: 200 },
    run: bySecureInsider(async (insider) => {
      const { port, handle } = await insider.offer()
      const sockets = await openMany(port, 200)
      const wrong = [
        randomBytes(1000),
        Buffer.from('GET / HTTP/1.1\r\nhost: target\r\n\r\n'),
        greetingOf(insider.id, handle),
        // A record of TLS that is longer than any, and one that is no handshake.
        Buffer.concat([Buffer.of(22, 3, 1, 0xff, 0xff), Buffer.alloc(20_000)]),
        Buffer.concat([Buffer.of(23, 3, 3, 0, 100), Buffer.alloc(100)]),
      ]
      for (const [index, socket] of sockets.entries()) socket.write(wrong[index % wrong.length] as Buffer)
      await Promise.all(sockets.map(closed))
    }),
  },
  {
    name: '150 hellos that come byte by byte, and half of one followed by silence',
    shows: { SLEUTH_CONNECTION: 300 },
    run: bySecureInsider(async (insider) => {
      const offer = await insider.offer()
      const hello = await helloOf(insider.by(offer))
      const slow = await openMany(offer.port, 150)
      const cut = Promise.all(slow.map(closed))
      for (const byte of hello.subarray(0, 40)) {
        for (const socket of slow) if (socket.writable) socket.write(Buffer.of(byte))
        await sleep(50)
      }
      const silent = await openMany(offer.port, 150)
      for (const socket of silent) socket.write(hello.subarray(0, hello.length / 2))
      await Promise.all([cut, ...silent.map(closed)])
    }),
  },
  {
    name: '1000 connections that close in the middle of their hello',
    // Those are not counted whose end comes before anything of them is read, as on a busy machine.
    shows: { SLEUTH_CONNECTION: 1 },
    run: bySecureInsider(async (insider) => {
      const offer = await insider.offer()
      const hello = await helloOf(insider.by(offer))
      const half = hello.subarray(0, hello.length / 2)
      for (let count = 0; count < 1000; count += AT_ONCE) {
        for (const socket of await openMany(offer.port, AT_ONCE)) socket.end(half)
      }
    }),
  },
  {
    name: 'TLS without the key: none, another, under the id of another, an older version, another cipher',
    shows: { SLEUTH_CONNECTION: 100 },
    run: bySecureInsider(async (insider, { good }) => {
      const { port, handle, psk } = await insider.offer()
      const shown = (key: Buffer, identity: string): ConnectionOptions => ({
        pskCallback: () => ({ psk: key, identity }),
      })
      const own = identityOf(insider.id, handle)
      const tries: ConnectionOptions[] = [
        {},
        shown(randomBytes(32), own),
        shown(psk, identityOf(good.id, handle)),
        shown(psk, identityOf(randomBytes(16), handle)),
        shown(psk, identityOf(insider.id, randomBytes(16))),
        shown(psk, 'x'.repeat(128)),
        { ...shown(psk, own), ciphers: 'TLS_CHACHA20_POLY1305_SHA256' },
        {
          ...shown(psk, own),
          minVersion: 'TLSv1.2',
          maxVersion: 'TLSv1.2',
          ciphers: 'PSK-AES128-GCM-SHA256',
        },
      ]
      for (let count = 0; count < 104; count += tries.length)
        await refused(tries.map((options) => dial(port, options)))
    }),
  },
  {
    name: '200 hellos of a peer that is expected, by who has seen them',
    shows: { SLEUTH_CONNECTION: 200 },
    run: bySecureInsider(async (insider) => {
      for (let round = 0; round < 10; round++) {
        const offer = await insider.offer()
        const hello = await helloOf(insider.by(offer))
        for (let count = 0; count < 20; count++) {
          const socket = await open(offer.port)
          const answered = once(socket, 'data')
          socket.write(hello)
          await answered
          socket.destroy()
        }
        // The offer is not used up.
        const { socket } = await TlsRecords.open(offer.port, insider.by(offer))
        socket.destroy()
      }
    }),
  },
  {
    name: 'all that a peer has sent for a connection and by it, sent again',
    shows: { SLEUTH_CONNECTION: 21 },
    run: bySecureInsider(async (insider, scene) => {
      const offer = await insider.offer()
      const records = await TlsRecords.open(offer.port, insider.by(offer))
      const frame = records.record(Content.data, strayFrame)
      records.socket.write(frame)
      await scene.counted('unknown-stream', 1)
      for (let count = 0; count < 20; count++) {
        const socket = await open(offer.port)
        socket.write(Buffer.concat([records.seen, frame]))
        await closed(socket)
      }
      if (records.socket.destroyed) throw new Error('the connection that stood was closed')
      if ((await scene.times('unknown-stream')) > 1) throw new Error('what was sent again was read')
      // Nor is it read by the connection itself.
      records.socket.write(frame)
      await closed(records.socket)
      if ((await scene.times('unknown-stream')) > 1) throw new Error('what was sent again was read')
    }),
  },
]
