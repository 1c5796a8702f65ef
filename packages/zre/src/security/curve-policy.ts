import type { Context } from 'zeromq'
import type { Logger, Security } from '../types.js'
import { type Beacon, decodeKeyBeacon, encodeKeyBeacon } from '../wire/beacon.js'
import { parseEndpoint } from '../wire/endpoint.js'
import type { NodeId } from '../wire/identity.js'
import { isPublicKey, type PublicKey } from '../wire/key.js'
import {
  encodeMessage,
  encodeWhisperHead,
  type IncomingHello,
  isHello,
  type Outgoing,
} from '../wire/message.js'
import { Authenticator } from './authenticator.js'
import {
  isSameToken,
  type PeerToken,
  PeerTokens,
  TOKEN_BYTES,
  TOKEN_HEADER,
  withoutTokens,
} from './peer-tokens.js'
import { openToken, SEALED_HEADER, sealToken } from './sealed-token.js'
import {
  type FoundPeer,
  type HelloWay,
  isElsewhere,
  KEY_HEADER,
  placeOf,
  returnPlace,
  type SecurityPolicy,
  type SecurityPolicyOptions,
} from './security-policy.js'

export interface CurvePolicyOptions extends SecurityPolicyOptions {
  readonly security: Security
  readonly context: Context
  readonly logger: Logger
  readonly maxPeers: number
}

/** Of a network that encrypts, and lets in only whose keys it knows. */
export class CurvePolicy implements SecurityPolicy {
  readonly #options: CurvePolicyOptions
  readonly #authenticator: Authenticator
  readonly #tokens: PeerTokens

  constructor(options: CurvePolicyOptions) {
    const { security, context, logger, rejections, maxPeers, peers } = options
    this.#options = options
    this.#authenticator = new Authenticator({
      allow: security.allow,
      context,
      logger,
      onRefused: (key, address) => rejections.refuse('key-refused', address, key),
      onChange: () => this.#onKeysChanged(),
      keysInUse: () => this.#keysInUse(),
    })
    this.#tokens = new PeerTokens(2 * maxPeers, (peer) => peers().has(peer))
  }

  open(): Promise<void> {
    return this.#authenticator.open()
  }

  close(): void {
    this.#authenticator.close()
  }

  headers(own: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    return new Map([...own, [KEY_HEADER, this.#options.security.publicKey]])
  }

  encodeBeacon(beacon: Beacon): Buffer {
    return encodeKeyBeacon({ ...beacon, key: this.#options.security.publicKey })
  }

  encodeMessage(to: NodeId, message: Outgoing, sequence: number): Buffer[] {
    if (message.type === 'hello') {
      const headers = new Map([...message.headers, ...this.#tokensFor(to)])
      return encodeMessage({ ...message, headers }, sequence)
    }
    const frames = encodeMessage(message, sequence)
    const proof = this.#tokens.proofFor(to)
    return proof === undefined ? frames : [...frames, proof]
  }

  /** Only the holder of the key reads what goes over a mailbox. What goes back over the peer's own connection is sealed for him. */
  #tokensFor(to: NodeId): Map<string, string> {
    const { id, security, peers } = this.#options
    const peer = peers().get(to)
    const theirKey = peer?.key as PublicKey
    const given = new Map(this.#tokens.greet(to, this.#boundTo(to, theirKey)))
    if (!peer?.returning) return given
    const token = Buffer.from(given.get(TOKEN_HEADER) as string, 'hex')
    const sealed = sealToken(token, { ...security, from: id, to, theirKey })
    given.delete(TOKEN_HEADER)
    if (sealed !== undefined) given.set(SEALED_HEADER, sealed)
    return given
  }

  /** What tokens stand for: the key, and for a peer that is answered on its connection this one as well. */
  #boundTo(id: NodeId, key: PublicKey): string {
    const place = returnPlace(this.#options.peers().get(id))
    return place === undefined ? key : `${key} ${place}`
  }

  tokenOf(id: NodeId): PeerToken | undefined {
    return this.#tokens.get(id)
  }

  sealWhisper(frames: Buffer[], sequence: number, token: PeerToken | undefined): number {
    const head = encodeWhisperHead(sequence, undefined)
    frames[0] = head
    if (token?.theirs === undefined) return head.length
    frames.push(token.theirs)
    return head.length + TOKEN_BYTES
  }

  openWhisper(frames: Buffer[], token: PeerToken | undefined): boolean {
    if (token?.theirs === undefined) return this.#options.security.proof !== true
    const proof = frames[frames.length - 1] as Buffer
    if (frames.length < 2 || proof.length !== TOKEN_BYTES || !isSameToken(token.ours, proof, 0)) return false
    frames.pop()
    return true
  }

  onBeacon(bytes: Buffer, address: string): void {
    const { id, rejections, step, onOwnBeacon } = this.#options
    const beacon = decodeKeyBeacon(bytes)
    if (typeof beacon === 'string') rejections.refuse(beacon, address)
    else if (beacon.id === id) onOwnBeacon(beacon.port, address)
    else if (!this.#authenticator.admits(beacon.key)) rejections.refuse('key-refused', address, beacon.key)
    else step({ type: 'beacon', ...beacon, address })
  }

  onFound(node: FoundPeer): void {
    const { rejections, step } = this.#options
    const { key, endpoint } = node
    const from = parseEndpoint(endpoint)?.address ?? endpoint
    if (key === undefined) rejections.refuse('unencrypted', from)
    else if (!this.#authenticator.admits(key)) rejections.refuse('key-refused', from, key)
    else step({ ...node, type: 'found' })
  }

  onHello(from: NodeId, hello: IncomingHello, way: HelloWay): void {
    const { rejections } = this.#options
    const key = hello.headers.get(KEY_HEADER)
    if (key === undefined || !isPublicKey(key)) rejections.refuse('unencrypted', placeOf(from, hello))
    else if (!this.#authenticator.admits(key)) rejections.refuse('key-refused', placeOf(from, hello), key)
    else this.#onAdmitted(from, { ...hello, headers: this.#opened(from, hello.headers, key, way) }, key, way)
  }

  /** Who can't prove yet that it is who it says was not greeted by us, or has not read it: it is greeted, and asked again so. */
  #onAdmitted(from: NodeId, hello: IncomingHello, key: PublicKey, way: HelloWay): void {
    const { rejections, peers, step } = this.#options
    const result = this.#tokens.authenticate(from, this.#boundTo(from, key), hello.headers)
    const elsewhere = isElsewhere(peers().get(from), way)
    const proven = result === 'proven' && !elsewhere
    // Whoever asks to be answered on its connection knows tokens.
    const bare = result === 'bare' && way.back === undefined && !this.#mustProve(from)
    if (proven || bare) {
      const message = { ...hello, headers: withoutTokens(hello.headers) }
      step({ type: 'message', from, message, key, proven, ...way })
    } else {
      const endpoint = parseEndpoint(hello.endpoint)
      const present = peers().get(from)?.view !== undefined && !elsewhere
      if (result === 'bare' || endpoint === undefined || present) {
        rejections.refuse('unproven', from, key)
        return
      }
      step({ type: 'beacon', id: from, ...endpoint, key, said: true, back: way.back })
    }
    const peer = peers().get(from)
    if (peer?.key !== key || isElsewhere(peer, way)) return
    if (this.#tokens.learn(from, this.#boundTo(from, key), hello.headers)) step({ type: 'greet', id: from })
  }

  /** A token that came back on our connection, where the holder of the key is, is sealed for us. */
  #opened(
    from: NodeId,
    headers: ReadonlyMap<string, string>,
    theirKey: PublicKey,
    { answered }: HelloWay,
  ): ReadonlyMap<string, string> {
    const sealed = headers.get(SEALED_HEADER)
    if (sealed === undefined) return headers
    const opened = new Map(headers)
    opened.delete(SEALED_HEADER)
    const { id, security } = this.#options
    const token = answered ? openToken(sealed, { ...security, from, to: id, theirKey }) : undefined
    if (token !== undefined) opened.set(TOKEN_HEADER, token.toString('hex'))
    return opened
  }

  verify(from: NodeId, frames: Buffer[]): boolean {
    if (isHello(frames)) return true
    if (this.#tokens.holds(from) ? this.#takeProof(from, frames) : !this.#mustProve(from)) return true
    this.#options.rejections.refuse('unproven', from)
    return false
  }

  /** It is the last frame. */
  #takeProof(from: NodeId, frames: Buffer[]): boolean {
    return this.#tokens.isProof(from, frames.length > 1 ? frames.pop() : undefined)
  }

  /** A peer that can prove that a message is its own must do so. */
  #mustProve(from: NodeId): boolean {
    return this.#options.security.proof === true || this.#tokens.holds(from)
  }

  #onKeysChanged(): void {
    for (const { id, key } of [...this.#options.peers().values()]) {
      if (key !== undefined && this.#authenticator.bans(key)) this.#options.step({ type: 'refused', id })
    }
  }

  *#keysInUse(): Iterable<PublicKey> {
    for (const { key } of this.#options.peers().values()) if (key !== undefined) yield key
  }
}
