import { hkdfSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Duplex } from 'node:stream'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { Asker } from './asker.js'
import type { Scene } from './scene.js'

/** How two nodes with keys set up a direct connection, by hand (docs/protocol.md). */
const VERSION = 2
const HALF_BYTES = 32
const HANDLE_BYTES = 16

const tls = {
  host: '127.0.0.1',
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_128_GCM_SHA256',
  // A certificate in place of the key: an attack looks by itself at what it is shown.
  rejectUnauthorized: false,
} as const satisfies ConnectionOptions

export interface SecureOffer {
  readonly port: number
  readonly handle: Buffer
  readonly psk: Buffer
}

export function identityOf(id: Buffer, handle: Buffer): string {
  return Buffer.concat([id, handle]).toString('hex').toUpperCase()
}

/** The half of the one that asks. */
export function connectOf(half: Buffer): Buffer {
  return Buffer.concat([Buffer.of(VERSION), half])
}

/** What follows of an offer, for who asked with a half. `ends`: the ids of who connects, and of who listens. */
function agreedOn(payload: Buffer, half: Buffer, ends: readonly [Buffer, Buffer]): SecureOffer {
  const handle = payload.subarray(3, 3 + HANDLE_BYTES)
  const secret = Buffer.concat([half, payload.subarray(3 + HANDLE_BYTES)])
  const info = Buffer.concat([Buffer.from('sleuth direct connection'), ...ends, handle])
  const psk = Buffer.from(hkdfSync('sha256', secret, '', info, 32))
  return { port: payload.readUInt16BE(1), handle, psk }
}

/** Somebody who connects with TLS, whatever comes of it. */
export function dial(port: number, options: ConnectionOptions): TLSSocket {
  const socket = connectTls({ ...tls, port, ...options })
  socket.on('error', () => {})
  return socket.resume()
}

/** The hello of who would connect so: it reaches nobody. */
export function helloOf(options: ConnectionOptions): Promise<Buffer> {
  return new Promise((resolve) => {
    const nowhere = new Duplex({ read: () => {}, write: (bytes: Buffer) => resolve(bytes) })
    dial(0, { ...options, socket: nowhere })
  })
}

/** A member of a closed network that the attacked node makes offers to. */
export class SecureInsider {
  readonly id: Buffer
  readonly #asker: Asker
  readonly #target: Buffer

  private constructor(asker: Asker, target: Buffer) {
    this.id = asker.id
    this.#asker = asker
    this.#target = target
  }

  static async join(scene: Scene, hiddenFrom?: string): Promise<SecureInsider> {
    return new SecureInsider(await Asker.join(scene, hiddenFrom), scene.targetId)
  }

  async offer(): Promise<SecureOffer> {
    const half = randomBytes(HALF_BYTES)
    return agreedOn(await this.#asker.ask(connectOf(half)), half, [this.id, this.#target])
  }

  /** Options of TLS that show an offer. */
  by({ handle, psk }: SecureOffer): ConnectionOptions {
    return { pskCallback: () => ({ psk, identity: identityOf(this.id, handle) }) }
  }

  /** A connection that stands. */
  async connect(): Promise<TLSSocket> {
    const offer = await this.offer()
    const socket = dial(offer.port, this.by(offer))
    await once(socket, 'secureConnect')
    return socket
  }

  leave(): Promise<void> {
    return this.#asker.leave()
  }
}
