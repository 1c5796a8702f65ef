import { createCipheriv, createHmac } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { open } from './raw-peer.js'
import { dial } from './secure-insider.js'

/** Types of records, and of messages of a handshake (RFC 8446, 5.1 and 4). */
export const Content = { handshake: 22, data: 23 } as const
const HandshakeType = { clientHello: 1, keyUpdate: 24 } as const

const [KEY_BYTES, IV_BYTES] = [16, 12]

/** HKDF-Expand-Label with an empty context, of one block (RFC 8446, 7.1). */
function expandLabel(secret: Buffer, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`)
  const info = Buffer.concat([Buffer.of(0, length, name.length), name, Buffer.of(0, 1)])
  return createHmac('sha256', secret).update(info).digest().subarray(0, length)
}

function message(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.of(type, 0, body.length >> 8, body.length & 0xff), body])
}

/** One hello more, on a connection that stands. */
export const helloAgain = message(HandshakeType.clientHello, Buffer.alloc(100))

/**
 * A connection of TLS that stands, by which records are sent as nothing that keeps the rules sends them. `seen`: what the other
 * end was sent until it stood, which is a hello, and the end of the handshake.
 */
export class TlsRecords {
  readonly socket: Socket
  readonly seen: Buffer
  #secret: Buffer
  #key!: Buffer
  #iv!: Buffer
  #sequence = 0n

  private constructor(socket: Socket, seen: Buffer, secret: Buffer) {
    this.socket = socket
    this.seen = seen
    this.#secret = secret
    this.#setKeys()
  }

  static async open(port: number, options: ConnectionOptions): Promise<TlsRecords> {
    const socket = await open(port)
    const said: Buffer[] = []
    const between = new Duplex({
      read: () => {},
      write: (bytes: Buffer, _encoding, done) => {
        said.push(bytes)
        socket.write(bytes, () => done())
      },
    })
    socket.on('data', (bytes) => between.push(bytes))
    const secure = dial(port, { ...options, socket: between })
    const secret = trafficSecret(secure)
    await once(secure, 'secureConnect')
    return new TlsRecords(socket, Buffer.concat(said), await secret)
  }

  record(type: number, content: Buffer): Buffer {
    const length = content.length + 1 + 16
    const head = Buffer.of(Content.data, 3, 3, length >> 8, length & 0xff)
    const nonce = Buffer.from(this.#iv)
    const last = nonce.readBigUInt64BE(IV_BYTES - 8) ^ this.#sequence++
    nonce.writeBigUInt64BE(last, IV_BYTES - 8)
    const cipher = createCipheriv('aes-128-gcm', this.#key, nonce).setAAD(head)
    return Buffer.concat([
      head,
      cipher.update(content),
      cipher.update(Buffer.of(type)),
      cipher.final(),
      cipher.getAuthTag(),
    ])
  }

  /** New keys for what follows. `asks`: the other end is to have new ones as well. */
  keyUpdate(asks: boolean): Buffer {
    const record = this.record(Content.handshake, message(HandshakeType.keyUpdate, Buffer.of(asks ? 1 : 0)))
    this.#secret = expandLabel(this.#secret, 'traffic upd', 32)
    this.#sequence = 0n
    this.#setKeys()
    return record
  }

  #setKeys(): void {
    this.#key = expandLabel(this.#secret, 'key', KEY_BYTES)
    this.#iv = expandLabel(this.#secret, 'iv', IV_BYTES)
  }
}

async function trafficSecret(socket: TLSSocket): Promise<Buffer> {
  return new Promise((resolve) => {
    socket.on('keylog', (line: Buffer) => {
      const [label, , secret] = String(line).trim().split(' ')
      if (label === 'CLIENT_TRAFFIC_SECRET_0') resolve(Buffer.from(secret as string, 'hex'))
    })
  })
}
