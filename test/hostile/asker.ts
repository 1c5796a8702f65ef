import { setTimeout as sleep } from 'node:timers/promises'
import { createNode, type ZreNode } from '@sleuth/zre'
import { packet, packetFrame } from './packets.js'
import { type Scene, until } from './scene.js'

/** Frames with which two nodes set up a direct connection (docs/protocol.md). */
export const Kind = { connect: 0x09, offer: 0x0a } as const
/** Longer than an offer takes on a busy machine. */
const AGAIN_MS = 5000
/** Of a packet, and of its first frame. */
const HEAD_BYTES = 1 + 9

/** A member of the network, which asks the attacked node for offers: it keeps the rules by ZeroMQ, and there alone. */
export class Asker {
  readonly id: Buffer
  readonly #node: ZreNode
  readonly #target: string
  readonly #offers: Buffer[] = []

  private constructor(node: ZreNode, target: string) {
    this.id = Buffer.from(node.id, 'hex')
    this.#node = node
    this.#target = target
    node.on('whisper', (_peer, [content]) => {
      if (content?.[1] === Kind.offer) this.#offers.push(Buffer.from(content.subarray(HEAD_BYTES)))
    })
  }

  /** `hiddenFrom`: the key of the attacked node, which can't connect to us, and answers on our connection. */
  static async join({ port, targetId, targetPort, insider }: Scene, hiddenFrom?: string): Promise<Asker> {
    const target = targetId.toString('hex').toUpperCase()
    const hidden = hiddenFrom !== undefined && ({ advertise: false, discovery: [], evasive: 300 } as const)
    const node = await createNode({ interface: 'loopback', port, security: insider, ...hidden })
    const endpoint = `tcp://127.0.0.1:${targetPort}`
    if (hidden) node.found({ id: target, endpoint, publicKey: hiddenFrom, ours: true })
    await until(
      () => node.peer(target)?.verified === true,
      () => 'the attacked node',
    )
    return new Asker(node, target)
  }

  /** What is offered to who asks so. It asks again if its connection was lost. */
  async ask(connect: Buffer): Promise<Buffer> {
    this.#offers.length = 0
    const end = new AbortController()
    void this.#repeat(packet(packetFrame(Kind.connect, 0, connect)), end.signal)
    await until(() => this.#offers.length > 0).finally(() => end.abort())
    return this.#offers.shift() as Buffer
  }

  async #repeat(asking: Buffer, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#node.peer(this.#target) !== undefined) this.#node.whisper(this.#target, asking)
      await sleep(AGAIN_MS, undefined, { signal }).catch(() => {})
    }
  }

  leave(): Promise<void> {
    return this.#node.close()
  }
}
