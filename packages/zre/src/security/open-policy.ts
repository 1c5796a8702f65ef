import { type Beacon, decodeBeacon, encodeBeacon } from '../wire/beacon.js'
import { parseEndpoint } from '../wire/endpoint.js'
import type { NodeId } from '../wire/identity.js'
import { isPublicKey } from '../wire/key.js'
import {
  encodeMessage,
  encodeWhisperHead,
  HEAD_BYTES,
  type IncomingHello,
  isHello,
  type Outgoing,
} from '../wire/message.js'
import { isSameToken, type PeerToken, PeerTokens, TOKEN_BYTES, withoutTokens } from './peer-tokens.js'
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

export interface OpenPolicyOptions extends SecurityPolicyOptions {
  readonly maxPeers: number
}

/**
 * Of a network that everyone may join who does not encrypt. A node of this library shows that it is at its endpoint, and with
 * each message that it is the one there. For one of another library nothing shows that.
 */
export class OpenPolicy implements SecurityPolicy {
  readonly #options: OpenPolicyOptions
  /** Tokens stand for endpoints here. */
  readonly #tokens: PeerTokens

  constructor(options: OpenPolicyOptions) {
    this.#options = options
    this.#tokens = new PeerTokens(2 * options.maxPeers, (peer) => options.peers().has(peer), true)
  }

  async open(): Promise<void> {}

  close(): void {}

  headers(own: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    return own
  }

  encodeBeacon(beacon: Beacon): Buffer {
    return encodeBeacon(beacon)
  }

  /** The proof follows on the fields of the first frame: a frame of its own would cost each message more. */
  encodeMessage(to: NodeId, message: Outgoing, sequence: number): Buffer[] {
    if (message.type === 'hello') {
      const headers = new Map([...message.headers, ...this.#tokens.greet(to, this.#endpointOf(to))])
      return encodeMessage({ ...message, headers }, sequence)
    }
    const frames = encodeMessage(message, sequence)
    const proof = this.#tokens.proofFor(to)
    if (proof !== undefined) frames[0] = Buffer.concat([frames[0] as Buffer, proof])
    return frames
  }

  tokenOf(id: NodeId): PeerToken | undefined {
    return this.#tokens.get(id)
  }

  sealWhisper(frames: Buffer[], sequence: number, token: PeerToken | undefined): number {
    const head = encodeWhisperHead(sequence, token?.theirs)
    frames[0] = head
    return head.length
  }

  openWhisper([head]: Buffer[], token: PeerToken | undefined): boolean {
    if (token?.theirs === undefined) return true
    const start = head === undefined ? 0 : head.length - TOKEN_BYTES
    return start >= HEAD_BYTES && isSameToken(token.ours, head as Buffer, start)
  }

  onBeacon(bytes: Buffer, address: string): void {
    const { id, rejections, step, onOwnBeacon } = this.#options
    const beacon = decodeBeacon(bytes)
    if (typeof beacon === 'string') rejections.refuse(beacon, address)
    else if (beacon.id === id) onOwnBeacon(beacon.port, address)
    else step({ type: 'beacon', ...beacon, address })
  }

  onFound(node: FoundPeer): void {
    const { rejections, step } = this.#options
    if (node.key === undefined) step({ ...node, type: 'found' })
    else rejections.refuse('encrypted', parseEndpoint(node.endpoint)?.address ?? node.endpoint, node.key)
  }

  onHello(from: NodeId, hello: IncomingHello, way: HelloWay): void {
    const { rejections, peers, step } = this.#options
    const key = hello.headers.get(KEY_HEADER)
    if (key !== undefined) {
      rejections.refuse('encrypted', placeOf(from, hello), isPublicKey(key) ? key : undefined)
      return
    }
    // One that we have forgotten, and that was given a token there before, need not be asked to show it again.
    const place = this.#endpointOf(from) || hello.endpoint
    const result = this.#tokens.authenticate(from, place, hello.headers)
    const proven = result === 'proven' && !isElsewhere(peers().get(from), way)
    // Whoever asks to be answered on its connection knows tokens.
    const bare = result === 'bare' && way.back === undefined && !this.#tokens.holds(from)
    if (proven || bare) {
      const message = { ...hello, headers: withoutTokens(hello.headers) }
      step({ type: 'message', from, message, proven, ...way })
    } else if (!this.#greet(from, hello, result !== 'bare', way)) {
      rejections.refuse('unproven', from)
      return
    }
    const peer = peers().get(from)
    if (peer === undefined || isElsewhere(peer, way)) return
    if (this.#tokens.learn(from, this.#endpointOf(from), hello.headers)) step({ type: 'greet', id: from })
  }

  /** Who can show where it is, and could not yet, is sent a token there. False for who is present, or can't. */
  #greet(from: NodeId, hello: IncomingHello, can: boolean, way: HelloWay): boolean {
    const { peers, step } = this.#options
    const endpoint = parseEndpoint(hello.endpoint)
    const peer = peers().get(from)
    const present = peer?.view !== undefined && !isElsewhere(peer, way)
    if (!can || endpoint === undefined || present) return false
    step({ type: 'beacon', id: from, ...endpoint, said: true, back: way.back })
    return true
  }

  verify(from: NodeId, frames: Buffer[]): boolean {
    if (isHello(frames) || !this.#tokens.holds(from)) return true
    const head = frames[0]
    const end = head === undefined ? -1 : head.length - TOKEN_BYTES
    if (head !== undefined && end >= 0 && this.#tokens.isProof(from, head.subarray(end))) {
      frames[0] = head.subarray(0, end)
      return true
    }
    this.#options.rejections.refuse('unproven', from)
    return false
  }

  /** Where our mailbox to a peer leads: who reads there, and nobody else, can show the token that goes with it. */
  #endpointOf(id: NodeId): string {
    const peer = this.#options.peers().get(id)
    return returnPlace(peer) ?? peer?.endpoint ?? ''
  }
}
