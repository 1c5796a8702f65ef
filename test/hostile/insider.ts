import type { Socket } from 'node:net'
import { Asker } from './asker.js'
import { open } from './raw-peer.js'
import type { Scene } from './scene.js'
import { SecureInsider } from './secure-insider.js'

const VERSION = 1
const magic = Buffer.from('sleuth\x01', 'latin1')
const ANSWER_BYTES = magic.length + 16

export interface Offer {
  readonly port: number
  readonly token: Buffer
}

/** What is said first on a connection: whose it is, and the token of an offer. */
export function greetingOf(id: Buffer, token: Buffer): Buffer {
  return Buffer.concat([magic, id, token])
}

/** A member of an open network that the attacked node makes offers to. */
export class Insider {
  readonly id: Buffer
  readonly #asker: Asker

  private constructor(asker: Asker) {
    this.id = asker.id
    this.#asker = asker
  }

  static async join(scene: Scene): Promise<Insider> {
    return new Insider(await Asker.join(scene))
  }

  /** Asks for an offer: version, port, token, proof. */
  async offer(): Promise<Offer> {
    const payload = await this.#asker.ask(Buffer.of(VERSION))
    return { port: payload.readUInt16BE(1), token: payload.subarray(3, 19) }
  }

  /** A connection that stands. */
  async connect(): Promise<Socket> {
    const { port, token } = await this.offer()
    const socket = await open(port)
    socket.write(greetingOf(this.id, token))
    const answer = await new Promise<Buffer | undefined>((resolve) => {
      socket.once('data', resolve)
      socket.once('close', () => resolve(undefined))
    })
    if (answer?.length !== ANSWER_BYTES) throw new Error('the attacked node did not answer as it should')
    return socket
  }

  leave(): Promise<void> {
    return this.#asker.leave()
  }
}

interface Leaves {
  leave(): Promise<void>
}

/** An attack by one who joins, and leaves when it is over. */
function by<T extends Leaves>(join: (scene: Scene) => Promise<T>) {
  return (attack: (insider: T, scene: Scene) => Promise<void>) =>
    async (scene: Scene): Promise<void> => {
      const insider = await join(scene)
      try {
        await attack(insider, scene)
      } finally {
        await insider.leave()
      }
    }
}

export const byInsider = by((scene) => Insider.join(scene))
export const bySecureInsider = by((scene) => SecureInsider.join(scene))

/** By a member whose connection stands, in the clear or encrypted: as the network is. */
export const byConnected = by(
  (scene): Promise<Insider | SecureInsider> =>
    scene.insider === undefined ? Insider.join(scene) : SecureInsider.join(scene),
)
