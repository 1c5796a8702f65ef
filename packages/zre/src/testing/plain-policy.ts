import type { PeerToken } from '../security/peer-tokens.js'
import type {
  FoundPeer,
  HelloWay,
  SecurityPolicy,
  SecurityPolicyOptions,
} from '../security/security-policy.js'
import { type Beacon, decodeBeacon, encodeBeacon } from '../wire/beacon.js'
import type { NodeId } from '../wire/identity.js'
import { encodeMessage, encodeWhisperHead, type IncomingHello, type Outgoing } from '../wire/message.js'

/** ZRE as other libraries speak it: nobody proves anything. `proven`: all are taken at their word. */
export class PlainPolicy implements SecurityPolicy {
  readonly #options: SecurityPolicyOptions
  readonly #proven: boolean

  constructor(options: SecurityPolicyOptions, proven: boolean) {
    this.#options = options
    this.#proven = proven
  }

  async open(): Promise<void> {}

  close(): void {}

  headers(own: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    return own
  }

  encodeBeacon(beacon: Beacon): Buffer {
    return encodeBeacon(beacon)
  }

  encodeMessage(_to: NodeId, message: Outgoing, sequence: number): Buffer[] {
    return encodeMessage(message, sequence)
  }

  tokenOf(): PeerToken | undefined {
    return undefined
  }

  sealWhisper(frames: Buffer[], sequence: number): number {
    const head = encodeWhisperHead(sequence, undefined)
    frames[0] = head
    return head.length
  }

  openWhisper(): boolean {
    return true
  }

  onBeacon(bytes: Buffer, address: string): void {
    const { id, rejections, step, onOwnBeacon } = this.#options
    const beacon = decodeBeacon(bytes)
    if (typeof beacon === 'string') rejections.refuse(beacon, address)
    else if (beacon.id === id) onOwnBeacon(beacon.port, address)
    else step({ type: 'beacon', ...beacon, address })
  }

  onFound(node: FoundPeer): void {
    this.#options.step({ ...node, type: 'found' })
  }

  onHello(from: NodeId, hello: IncomingHello, way: HelloWay): void {
    this.#options.step({ type: 'message', from, message: hello, proven: this.#proven, ...way })
  }

  verify(): boolean {
    return true
  }
}
