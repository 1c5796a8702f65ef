import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { byInsider, greetingOf } from '../insider.js'
import { AT_ONCE, closed, open, openMany } from '../raw-peer.js'
import type { Attack } from '../scene.js'

/** By those who are no member, or are not the one that the offer was made to. */
export const directPort: Attack[] = [
  {
    name: 'garbage, other protocols and too long greetings on the port for direct connections',
    shows: { SLEUTH_CONNECTION: 200 },
    run: byInsider(async (insider) => {
      const { port } = await insider.offer()
      const sockets = await openMany(port, 200)
      const wrong = [
        randomBytes(1000),
        Buffer.from('GET / HTTP/1.1\r\nhost: target\r\n\r\n'),
        Buffer.from('sleuth\x02', 'latin1'),
        Buffer.concat([greetingOf(insider.id, randomBytes(16)), Buffer.of(0)]),
      ]
      for (const [index, socket] of sockets.entries()) socket.write(wrong[index % wrong.length] as Buffer)
      await Promise.all(sockets.map(closed))
    }),
  },
  {
    name: '150 greetings that come byte by byte',
    shows: { SLEUTH_CONNECTION: 150 },
    run: byInsider(async (insider) => {
      const { port, token } = await insider.offer()
      const greeting = greetingOf(insider.id, token)
      const sockets = await openMany(port, 150)
      const cut = Promise.all(sockets.map(closed))
      for (const byte of greeting.subarray(0, -1)) {
        for (const socket of sockets) if (socket.writable) socket.write(Buffer.of(byte))
        await sleep(50)
      }
      await cut
    }),
  },
  {
    name: '1000 connections that close in the middle of their greeting',
    shows: { SLEUTH_CONNECTION: 500 },
    run: byInsider(async (insider) => {
      const { port, token } = await insider.offer()
      const half = greetingOf(insider.id, token).subarray(0, 20)
      for (let count = 0; count < 1000; count += AT_ONCE) {
        for (const socket of await openMany(port, AT_ONCE)) socket.end(half)
      }
    }),
  },
  {
    name: 'greetings with a token that was guessed, or that another was given',
    shows: { SLEUTH_CONNECTION: 100 },
    run: byInsider(async (insider, { good }) => {
      const { port, token } = await insider.offer()
      const sockets = await openMany(port, 100)
      for (const [index, socket] of sockets.entries()) {
        const [id, shown] = [
          [insider.id, randomBytes(16)],
          [good.id, token],
          [randomBytes(16), token],
        ][index % 3] as [Buffer, Buffer]
        socket.write(greetingOf(id, shown))
      }
      await Promise.all(sockets.map(closed))
    }),
  },
  {
    name: 'a token that is shown again',
    shows: { SLEUTH_CONNECTION: 10 },
    run: byInsider(async (insider) => {
      const { port, token } = await insider.offer()
      const greeting = greetingOf(insider.id, token)
      const first = await open(port)
      const answer = once(first, 'data')
      first.write(greeting)
      await answer
      let heard = 0
      for (let count = 0; count < 10; count++) {
        const socket = await open(port)
        socket.on('data', () => heard++)
        socket.write(greeting)
        await closed(socket)
      }
      if (heard > 0) throw new Error('a token was good for two connections')
      if (first.destroyed) throw new Error('the connection that stood was closed')
      first.destroy()
    }),
  },
]
