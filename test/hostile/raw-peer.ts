import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { FrameReader, frame, greeting, ready } from './zmtp.js'

/** PONG to a PING without a context. */
const pong = Buffer.from('\x04\x05\x04PONG', 'latin1')

/** The message numbers of ZRE (RFC 36). */
export const Zre = { hello: 1, whisper: 2, join: 4, ping: 6, pingOk: 7, goodbye: 10 } as const

/** A connection to an inbox, or to whatever; errors are the answer to an attack, and nobody's concern. */
export async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.resume()
  // Many small writes, as ZMTP's handshake: they must not wait for each other's acknowledgement.
  socket.setNoDelay()
  await once(socket, 'connect')
  return socket
}

/** Resolves when a connection has closed, for whatever reason. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve()
    else socket.once('close', () => resolve())
  })
}

/** A peer that says what it is told to, byte for byte. */
export class RawPeer {
  readonly id: Buffer
  /** The contents of the whispers that came. */
  readonly whispers: Buffer[] = []
  /** Resolves when the other has shaken hands with our inbox and said HELLO. */
  readonly greeted: Promise<void>
  #greet!: () => void
  /** Resolves when the other has answered a PING: we are present there, and all that we said before was read. */
  readonly #answered: Promise<void>
  #answer!: () => void
  readonly #inbox: Server
  readonly #connections = new Set<Socket>()
  readonly #socket: Socket
  /** It does not read what is sent to it. */
  deaf = false
  #sequence = 0

  private constructor(id: Buffer, socket: Socket) {
    this.id = id
    this.#socket = socket
    this.greeted = new Promise((resolve) => {
      this.#greet = resolve
    })
    this.#answered = new Promise((resolve) => {
      this.#answer = resolve
    })
    this.#inbox = createServer((connection) => this.#listen(connection))
  }

  /** `id`: another's, to steal its routing id. */
  static async open(port: number, id: Buffer = randomBytes(16)): Promise<RawPeer> {
    const socket = await open(port)
    socket.write(Buffer.concat([greeting, ready('DEALER', Buffer.concat([Buffer.of(1), id]))]))
    // Who speaks before the other is ready breaks the protocol, and is cut off.
    await shaken(socket)
    const peer = new RawPeer(id, socket)
    peer.#inbox.listen(0, '127.0.0.1')
    await once(peer.#inbox, 'listening')
    return peer
  }

  get endpoint(): string {
    return `tcp://127.0.0.1:${(this.#inbox.address() as AddressInfo).port}`
  }

  /** A ZRE message: its fields, and frames of content. */
  say(type: number, fields: Buffer, content: readonly Buffer[] = [], sequence = ++this.#sequence): void {
    const head = Buffer.from([0xaa, 0xa1, type, 2, sequence >> 8, sequence & 0xff])
    this.sayFrames([Buffer.concat([head, fields]), ...content])
  }

  /** `rest`: what follows the endpoint. */
  hello(endpoint = this.endpoint, rest = Buffer.alloc(10)): void {
    this.#sequence = 0
    this.say(Zre.hello, Buffer.concat([Buffer.of(endpoint.length), Buffer.from(endpoint), rest]))
  }

  /** Says HELLO, and waits until the other holds us present. */
  async meet(): Promise<void> {
    this.hello()
    this.say(Zre.ping, Buffer.alloc(0))
    await this.#answered
  }

  whisper(...content: Buffer[]): void {
    this.say(Zre.whisper, Buffer.alloc(0), content)
  }

  sayFrames(frames: readonly Buffer[]): void {
    this.raw(Buffer.concat(frames.map((body, index) => frame(body, index < frames.length - 1))))
  }

  raw(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  /** All that it said has left. */
  async drained(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.write('', () => resolve()))
  }

  close(): void {
    this.#socket.destroy()
    for (const connection of this.#connections) connection.destroy()
    this.#inbox.close()
  }

  /** As a ROUTER would, as far as its callers need it. */
  #listen(connection: Socket): void {
    connection.setNoDelay()
    this.#connections.add(connection)
    connection.on('close', () => this.#connections.delete(connection))
    connection.on('error', () => {})
    connection.write(Buffer.concat([greeting, ready('ROUTER', Buffer.alloc(0))]))
    const reader = new FrameReader()
    let isContent = false
    connection.on('data', (bytes) => {
      for (const { command, more, body } of reader.read(bytes)) {
        if (command) {
          if (body.includes('PING')) connection.write(pong)
          continue
        }
        this.#greet()
        // From now on it does not read.
        if (this.deaf) connection.pause()
        if (isContent) this.whispers.push(body)
        else if (body[2] === Zre.pingOk) this.#answer()
        isContent = more
      }
    })
  }
}

/** Resolves when the other end has said that it is ready. */
async function shaken(socket: Socket): Promise<void> {
  const reader = new FrameReader()
  await new Promise<void>((resolve, reject) => {
    const listen = (bytes: Buffer) => {
      if (reader.read(bytes).length === 0) return
      socket.off('data', listen)
      socket.resume()
      resolve()
    }
    socket.on('data', listen)
    socket.once('close', () => reject(new Error('cut off in the handshake')))
  })
}

/** Fewer than wait to be accepted. */
export const AT_ONCE = 50

export async function openMany(port: number, count: number): Promise<Socket[]> {
  const opened: Socket[] = []
  while (opened.length < count)
    opened.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => open(port)))))
  return opened
}
