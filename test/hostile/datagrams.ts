import { createSocket } from 'node:dgram'
import { setTimeout as sleep } from 'node:timers/promises'

/** As many as a receiver's buffer surely holds. */
const BATCH = 100

/** A beacon of ZRE's (RFC 36). */
export function beacon(id: Buffer, port: number): Buffer {
  return Buffer.concat([Buffer.from('ZRE\x01'), id, Buffer.of(port >> 8, port & 0xff)])
}

/** To all who listen on a port of loopback. With pauses: what comes too fast the kernel throws away, and nobody is attacked. */
export async function sendDatagrams(port: number, datagrams: readonly Buffer[]): Promise<void> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  socket.setBroadcast(true)
  for (const [index, bytes] of datagrams.entries()) {
    // A datagram to one address would reach one of those who listen.
    await new Promise((resolve) => socket.send(bytes, port, '127.255.255.255', resolve))
    if (index % BATCH === BATCH - 1) await sleep(10)
  }
  socket.close()
}
