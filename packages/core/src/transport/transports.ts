import type { Instance } from '../types.js'
import type { ClientTransport, OutgoingRequest, RequestStream, ResponseHandler } from './transport.js'

/** Every wire that this node speaks, by its number. Each request takes the wire that its instance announced. */
export class Transports implements ClientTransport {
  readonly #wires: Readonly<Record<number, ClientTransport>>

  constructor(wires: Readonly<Record<number, ClientTransport>>) {
    this.#wires = wires
  }

  request(instance: Instance, request: OutgoingRequest, handler: ResponseHandler): RequestStream {
    return (this.#wires[instance.wire] as ClientTransport).request(instance, request, handler)
  }
}
