import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { Dealer } from 'zeromq'
import { Kind } from '../asker.js'
import { packet, packetFrame } from '../packets.js'
import { Zre } from '../raw-peer.js'
import type { Attack } from '../scene.js'
import { connectOf, SecureInsider, type SecureOffer } from '../secure-insider.js'

/** What the nodes of this process make their connections by. */
const module = createRequire(import.meta.url)('zeromq') as { Dealer: typeof Dealer }

/** The first byte of a routing id: of a connection by which nothing is answered, and of one that asks for answers. */
const Routing = { plain: 1, returns: 3 } as const
const ASKS = 10

/** The public key of the attacked node, and a pair that is let in there. */
interface Keys {
  readonly target: string
  readonly publicKey: string
  readonly secretKey: string
}

/** The most calls that a theft may cost: there are four callers, whose calls end when the peer is lost. */
const MOST_LOST = 20

/** One that is let in, and connects under the routing id of another. */
class Thief {
  /** All that it got to read. */
  readonly read: Buffer[] = []
  readonly #half = randomBytes(32)
  readonly #dealer: Dealer

  constructor(port: number, routingId: Buffer, keys: Keys) {
    this.#dealer = new Dealer({
      linger: 0,
      routingId: routingId as unknown as string,
      curveServerKey: keys.target,
      curvePublicKey: keys.publicKey,
      curveSecretKey: keys.secretKey,
    })
    this.#dealer.connect(`tcp://127.0.0.1:${port}`)
    void this.#listen()
  }

  /** Asks for an offer in the name of the other, of which it would have both halves: without a token, and with a made-up one. */
  async ask(): Promise<void> {
    const content = packet(packetFrame(Kind.connect, 0, connectOf(this.#half)))
    for (let sequence = 1; sequence <= ASKS; sequence++) {
      const head = Buffer.of(0xaa, 0xa1, Zre.whisper, 2, 0, sequence)
      await this.#dealer.send([head, content])
      await this.#dealer.send([head, content, randomBytes(16)])
    }
  }

  /** It was sent no offer, and nothing of one. */
  close(...offers: readonly SecureOffer[]): void {
    this.#dealer.close()
    const told = Buffer.concat(this.read)
    assert.ok(!this.read.some((frame) => frame[0] === 2 && frame[1] === Kind.offer), 'it was made an offer')
    assert.ok(!offers.some(({ handle }) => told.includes(handle)), 'it read an offer to another')
  }

  async #listen(): Promise<void> {
    try {
      for await (const frames of this.#dealer) this.read.push(...frames)
    } catch {}
  }
}

/** The routing ids of all connections of ZeroMQ that this process makes meanwhile. */
class RoutingIds {
  readonly #seen: Buffer[] = []

  constructor() {
    const seen = this.#seen
    module.Dealer = class extends Dealer {
      constructor(options: ConstructorParameters<typeof Dealer>[0]) {
        super(options)
        // Those that only ask who is there have none.
        if (options?.routingId !== undefined) seen.push(options.routingId as unknown as Buffer)
      }
    }
  }

  /** The newest by which a node asks to be answered. */
  returnOf(id: Buffer): Buffer {
    const found = this.#seen.findLast(
      (seen) => seen[0] === Routing.returns && seen.subarray(1, 17).equals(id),
    )
    assert.ok(found, 'a node that asks for no answers')
    return found
  }

  [Symbol.dispose](): void {
    module.Dealer = Dealer
  }
}

/** Members that take the place of another at the attacked node, to get a direct connection in its name. */
export function thieves(keys: Keys): Attack[] {
  return [
    {
      name: 'offers that are asked for under the routing id of a peer',
      shows: { unproven: ASKS },
      mayFail: MOST_LOST,
      run: async (scene) => {
        const routingId = Buffer.concat([Buffer.of(Routing.plain), scene.good.id])
        const thief = new Thief(scene.targetPort, routingId, keys)
        await thief.ask()
        await scene.counted('unproven', ASKS)
        await scene.served(100)
        thief.close()
      },
    },
    {
      name: 'offers that are asked for on the connection that a peer is answered by',
      shows: { unproven: ASKS },
      run: async (scene) => {
        using ids = new RoutingIds()
        const friend = await SecureInsider.join(scene, keys.target)
        try {
          // Nobody guesses it: this one is told.
          const thief = new Thief(scene.targetPort, ids.returnOf(friend.id), keys)
          await thief.ask()
          await scene.counted('unproven', ASKS)
          // It was pushed aside, and comes back by another connection.
          const offer = await friend.offer()
          thief.close(offer)
          const socket = await friend.connect()
          socket.destroy()
        } finally {
          await friend.leave()
        }
      },
    },
  ]
}
