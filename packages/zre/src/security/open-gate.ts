import { type Beacon, decodeBeacon, encodeBeacon } from '../wire/beacon.js'
import type { NodeId } from '../wire/identity.js'
import { isPublicKey } from '../wire/key.js'
import { encodeMessage, type IncomingHello, type Outgoing } from '../wire/message.js'
import { type Gate, type GateOptions, KEY_HEADER, placeOf } from './gate.js'

/** Of a network that everyone may join who does not encrypt. */
export class OpenGate implements Gate {
  readonly #options: GateOptions

  constructor(options: GateOptions) {
    this.#options = options
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

  onBeacon(bytes: Buffer, address: string): void {
    const { id, refusals, step } = this.#options
    const beacon = decodeBeacon(bytes)
    if (typeof beacon === 'string') refusals.refuse(beacon, address)
    else if (beacon.id !== id) step({ type: 'beacon', ...beacon, address })
  }

  onHello(from: NodeId, hello: IncomingHello): void {
    const { refusals, step } = this.#options
    const key = hello.headers.get(KEY_HEADER)
    if (key === undefined) step({ type: 'message', from, message: hello })
    else refusals.refuse('encrypted', placeOf(from, hello), isPublicKey(key) ? key : undefined)
  }

  verify(): boolean {
    return true
  }
}
