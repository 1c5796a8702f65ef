import type { Socket } from 'node:net'
import { createNode, type ZreNode } from '@sleuth/zre'
import { packet, packetFrame } from './packets.js'
import { open } from './raw-peer.js'
import { type Scene, until } from './scene.js'

/** Frames with which two nodes set up a direct connection (docs/protocol.md). */
const Kind = { connect: 0x09, offer: 0x0a } as const
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

/** A member of the network that the attacked node makes offers to: it keeps the rules by ZeroMQ, and there alone. */
export class Insider {
  readonly id: Buffer
  readonly #node: ZreNode
  readonly #target: string
  readonly #offers: Offer[] = []

  private constructor(node: ZreNode, target: string) {
    this.id = Buffer.from(node.id, 'hex')
    this.#node = node
    this.#target = target
    node.on('whisper', (_peer, [content]) => {
      const [, kind] = content ?? []
      if (kind !== Kind.offer || content === undefined) return
      // Behind the head of the packet and that of the frame: version, port, token, proof.
      const fields = content.subarray(1 + 9)
      this.#offers.push({ port: fields.readUInt16BE(1), token: Buffer.from(fields.subarray(3, 19)) })
    })
  }

  static async join({ port, targetId }: Scene): Promise<Insider> {
    const target = targetId.toString('hex').toUpperCase()
    const node = await createNode({ interface: 'loopback', port })
    await until(
      () => node.peer(target)?.verified === true,
      () => 'the attacked node',
    )
    return new Insider(node, target)
  }

  /** Asks for an offer. */
  async offer(): Promise<Offer> {
    this.#node.whisper(this.#target, packet(packetFrame(Kind.connect, 0, Buffer.of(VERSION))))
    await until(() => this.#offers.length > 0)
    return this.#offers.shift() as Offer
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
    return this.#node.close()
  }
}

/** An attack by an insider, which leaves when it is over. */
export function byInsider(attack: (insider: Insider, scene: Scene) => Promise<void>) {
  return async (scene: Scene): Promise<void> => {
    const insider = await Insider.join(scene)
    try {
      await attack(insider, scene)
    } finally {
      await insider.leave()
    }
  }
}
