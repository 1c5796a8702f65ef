import type { Context } from 'zeromq'
import type { DropReason } from '../machine/types.js'
import { Once } from '../once.js'
import { ZapHandler } from '../sockets/zap.js'
import type { Logger } from '../types.js'
import {
  type Beacon,
  type BeaconFault,
  decodeBeacon,
  decodeKeyBeacon,
  encodeBeacon,
  encodeKeyBeacon,
  type KeyBeacon,
} from '../wire/beacon.js'
import { isPublicKey, type PublicKey } from '../wire/key.js'
import type { Hello } from '../wire/message.js'
import { type Doorkeeper, openDoor } from './allow.js'
import type { Security } from './types.js'

export interface GuardOptions {
  /** None: the network is open, and whoever encrypts is not of it. */
  readonly security: Security | undefined
  readonly context: Context
  readonly logger: Logger
  onDrop(reason: DropReason, from: string | undefined): void
  /** Some key is perhaps not let in any more. */
  onChange(): void
  /** The keys of the peers that there are now. */
  keysInUse(): Iterable<PublicKey>
}

/** The HELLO header that carries the public key (zyre). */
export const KEY_HEADER = 'X-PUBLICKEY'

/** What is said once to each, with what to do. */
const REMEDIES = {
  encrypted: 'it encrypts, and this node does not: give both options.security, or neither',
  unencrypted:
    'it does not encrypt, and this node does: give it options.security and a key that is allowed here',
  unproven:
    'someone sends under its identity without proof that it is the same: another node with a key that is allowed',
  'key-refused': 'its key is not in security.allow here: add it if it belongs to the network',
} as const

/** Decides who is let in, and tells those apart who encrypt from those who don't: they never talk to each other. */
export class Guard {
  readonly #options: GuardOptions
  readonly #told = new Once()
  #door: Doorkeeper | undefined
  #zap: ZapHandler | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: GuardOptions) {
    this.#options = options
  }

  /** To be called before a socket is bound. */
  async open(): Promise<void> {
    const { security, context, logger, onChange } = this.#options
    if (security === undefined) return
    const door = await openDoor(security.allow, logger, onChange)
    this.#door = door
    this.#zap = new ZapHandler({
      context,
      isAllowed: (key) => door.ask(key),
      onRefused: (key, address) => this.refuse('key-refused', address, key),
      onError: (error) => logger.error({ err: error }, 'zre: the ZAP handler failed, and goes on'),
    })
    void this.#zap.serve()
    if (door.interval === undefined) return
    this.#timer = setTimeout(async () => {
      await door.refresh(this.#options.keysInUse())
      if (this.#zap !== undefined) this.#timer?.refresh()
    }, door.interval).unref()
  }

  /** The context can be used again when this resolves. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    const zap = this.#zap
    this.#zap = undefined
    await zap?.close()
  }

  headers(headers: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const { security } = this.#options
    return security === undefined ? headers : new Map([...headers, [KEY_HEADER, security.publicKey]])
  }

  encodeBeacon(beacon: Beacon): Buffer {
    const { security } = this.#options
    return security === undefined
      ? encodeBeacon(beacon)
      : encodeKeyBeacon({ ...beacon, key: security.publicKey })
  }

  decodeBeacon(bytes: Buffer): Beacon | KeyBeacon | BeaconFault {
    return this.#options.security === undefined ? decodeBeacon(bytes) : decodeKeyBeacon(bytes)
  }

  /** Whether a key is let in. One that nobody has decided on yet is asked for, and not let in until then. */
  admits(key: PublicKey): boolean {
    const verdict = this.#door?.verdict(key)
    if (verdict === undefined) void this.#door?.ask(key)
    return verdict ?? false
  }

  /** Whether a key was let in and is no more. */
  bans(key: PublicKey): boolean {
    return this.#door?.verdict(key) === false
  }

  /** Why a HELLO is not to be heard. */
  faultOf(hello: Hello): 'encrypted' | 'unencrypted' | 'key-refused' | undefined {
    const key = hello.headers.get(KEY_HEADER)
    if (this.#options.security === undefined) return key === undefined ? undefined : 'encrypted'
    if (key === undefined || !isPublicKey(key)) return 'unencrypted'
    return this.admits(key) ? undefined : 'key-refused'
  }

  /** Counts one who is not let in, and says so once. */
  refuse(reason: DropReason, from: string, key?: PublicKey): void {
    this.#options.onDrop(reason, from)
    if (!(reason in REMEDIES) || !this.#told.isFirst(`${reason} ${from} ${key}`)) return
    const remedy = REMEDIES[reason as keyof typeof REMEDIES]
    this.#options.logger.warn({ reason, from, key }, `zre: ${from} is ignored: ${remedy}`)
  }

  /** A peer does not let us in. */
  refusedBy(id: string, endpoint: string): void {
    if (!this.#told.isFirst(`by ${endpoint}`)) return
    const fields = { peer: id, endpoint, key: this.#options.security?.publicKey }
    this.#options.logger.warn(
      fields,
      `zre: ${endpoint} does not let us in: add our public key to its security.allow`,
    )
  }
}
