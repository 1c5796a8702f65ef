import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { bySecureInsider } from '../insider.js'
import { strayFrame } from '../packets.js'
import { closed } from '../raw-peer.js'
import type { Attack, Scene } from '../scene.js'
import { Content, helloAgain, TlsRecords } from '../tls-records.js'

const PART = 200

/** By a peer whose connection stands. */
function by(attack: (records: TlsRecords, scene: Scene) => Promise<void>, times = 1): Attack['run'] {
  return bySecureInsider(async (insider, scene) => {
    for (let time = 0; time < times; time++) {
      const offer = await insider.offer()
      const records = await TlsRecords.open(offer.port, insider.by(offer))
      await attack(records, scene)
      records.socket.destroy()
    }
  })
}

/** Sends many records, as fast as they are taken. */
async function flood(socket: Socket, times: number, next: () => Buffer): Promise<void> {
  for (let sent = 0; sent < times && socket.writable; sent += PART) {
    await new Promise<void>((done) =>
      socket.write(Buffer.concat(Array.from({ length: PART }, next)), () => done()),
    )
    await turn()
  }
}

/** What no library sends, with the right keys or without. */
export const encryptedRecords: Attack[] = [
  ...[false, true].map(
    (asks): Attack => ({
      name: `10,000 updates of keys${asks ? ', each of which asks for another, by one who reads none' : ''}`,
      shows: { 'unknown-stream': 1 },
      run: by(async (records, scene) => {
        const { socket } = records
        if (asks) socket.pause()
        await flood(socket, 10_000, () => records.keyUpdate(asks))
        socket.write(records.record(Content.data, strayFrame))
        await scene.counted('unknown-stream', 1)
      }),
    }),
  ),
  {
    name: 'records of single bytes, which are frames together',
    shows: { 'unknown-stream': 1000 },
    run: by(async (records, scene) => {
      let at = 0
      const byte = () => strayFrame.subarray(at % strayFrame.length, (at++ % strayFrame.length) + 1)
      await flood(records.socket, 1000 * strayFrame.length, () => records.record(Content.data, byte()))
      await scene.counted('unknown-stream', 1000)
    }),
  },
  {
    name: 'records without content',
    shows: { SLEUTH_CONNECTION: 1 },
    run: by(async (records) => {
      await flood(records.socket, 50_000, () => records.record(Content.data, Buffer.alloc(0)))
      await closed(records.socket)
    }),
  },
  {
    name: 'a hello again, by connections that stand',
    shows: { SLEUTH_CONNECTION: 10 },
    run: by(async (records) => {
      records.socket.write(records.record(Content.handshake, helloAgain))
      await closed(records.socket)
    }, 10),
  },
  {
    name: 'records that are not encrypted with the key, by connections that stand',
    shows: { SLEUTH_CONNECTION: 10 },
    run: by(async (records) => {
      records.socket.write(Buffer.concat([Buffer.of(Content.data, 3, 3, 0, 100), randomBytes(100)]))
      await closed(records.socket)
    }, 10),
  },
]
