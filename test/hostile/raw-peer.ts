import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** ZMTP 3.0 (RFC 23) by hand: signature, version, NULL, no server, filler. */
export const greeting = Buffer.concat([
  Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0]),
  Buffer.from('NULL'.padEnd(20, '\0')),
  Buffer.alloc(32),
])
const pong = Buffer.from('\x04\x05\x04PONG', 'latin1')

function property(name: string, value: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(value.length)
  return Buffer.concat([Buffer.of(name.length), Buffer.from(name), size, value])
}

function ready(type: string, identity: Buffer): Buffer {
  const body = Buffer.concat([
    Buffer.from('\x05READY', 'latin1'),
    property('Socket-Type', Buffer.from(type)),
    property('Identity', identity),
  ])
  return Buffer.concat([Buffer.of(4, body.length), body])
}

function frame(body: Buffer, more = false): Buffer {
  if (body.length < 256) return Buffer.concat([Buffer.of(more ? 1 : 0, body.length), body])
  const head = Buffer.alloc(9)
  head[0] = more ? 3 : 2
  head.writeBigUInt64BE(BigInt(body.length), 1)
  return Buffer.concat([head, body])
}

export function beacon(id: Buffer, port: number): Buffer {
  return Buffer.concat([Buffer.from('ZRE\x01'), id, Buffer.of(port >> 8, port & 0xff)])
}

export async function sendDatagrams(port: number, datagrams: readonly Buffer[]): Promise<void> {
  const socket = createSocket('udp4')
  // A datagram to one address would reach one of those who listen.
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  socket.setBroadcast(true)
  for (const bytes of datagrams) {
    await new Promise((resolve) => socket.send(bytes, port, '127.255.255.255', resolve))
  }
  socket.close()
}

export function portOf(endpoint: string): number {
  return Number(endpoint.slice(endpoint.lastIndexOf(':') + 1))
}

/** A connection to an inbox, or to whatever; errors are the answer to an attack, and nobody's concern. */
export async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.resume()
  await once(socket, 'connect')
  return socket
}

/** A peer that says what it is told to, byte for byte. */
export class RawPeer {
  readonly id: Buffer
  readonly inbox: Server
  readonly #socket: Socket
  #sequence = 0

  private constructor(id: Buffer, inbox: Server, socket: Socket) {
    this.id = id
    this.inbox = inbox
    this.#socket = socket
  }

  /** `id`: another's, to steal its routing id. */
  static async open(port: number, id: Buffer = randomBytes(16)): Promise<RawPeer> {
    const inbox = createServer((socket) => {
      socket.on('error', () => {})
      socket.write(Buffer.concat([greeting, ready('ROUTER', Buffer.alloc(0))]))
      let heard = 0
      socket.on('data', ({ length }) => {
        heard += length
        // Its heartbeats are answered, whatever else comes with them.
        if (heard > greeting.length) socket.write(pong)
      })
    })
    inbox.listen(0, '127.0.0.1')
    await once(inbox, 'listening')
    const socket = await open(port)
    socket.write(Buffer.concat([greeting, ready('DEALER', Buffer.concat([Buffer.of(1), id]))]))
    return new RawPeer(id, inbox, socket)
  }

  get port(): number {
    return (this.inbox.address() as AddressInfo).port
  }

  /** A ZRE message: its fields, and frames of content. */
  say(type: number, fields: Buffer, content: readonly Buffer[] = [], sequence = ++this.#sequence): void {
    const head = Buffer.from([0xaa, 0xa1, type, 2, sequence >> 8, sequence & 0xff])
    const frames = [Buffer.concat([head, fields]), ...content]
    this.raw(Buffer.concat(frames.map((body, index) => frame(body, index < frames.length - 1))))
  }

  hello(endpoint = `tcp://127.0.0.1:${this.port}`, rest = Buffer.alloc(10)): void {
    this.#sequence = 0
    this.say(1, Buffer.concat([Buffer.of(endpoint.length), Buffer.from(endpoint), rest]))
  }

  whisper(content: Buffer): void {
    this.say(2, Buffer.alloc(0), [content])
  }

  raw(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  close(): void {
    this.#socket.destroy()
    this.inbox.close()
  }
}
