import type { Peer, ZreNode } from '@sleuth/zre'
import type { Pending } from './call/pending.js'
import { dropMessage } from './drop.js'
import { escalating, sleuthError } from './errors.js'
import type { Links } from './link/links.js'
import type { CheckedOptions } from './options.js'
import type { Serving } from './serving.js'
import type { Counters } from './stats.js'
import type { Logger } from './types.js'
import { openEnvelope } from './wire/envelope.js'
import { decodeRequest } from './wire/request.js'
import { decodeResponse } from './wire/response.js'
import { isPacket, PacketFault } from './wire2/reader.js'

export interface InboundOptions {
  node: ZreNode
  /** Undefined when client-only. */
  serving: Serving | undefined
  options: CheckedOptions
  pending: Pending
  links: Links
  counters: Counters
  log: Logger
}

/** Takes the contents of whispers apart: replies for those that wait, requests for the handler. */
export class Inbound {
  readonly #parts: InboundOptions

  constructor(parts: InboundOptions) {
    this.#parts = parts
  }

  /** Nothing that a peer sends makes this throw. */
  receive(peer: Peer, content: Buffer): void {
    try {
      this.#dispatch(peer, content)
    } catch (error) {
      dropMessage(error, this.#parts.counters, this.#parts.log)
    }
  }

  #dispatch(peer: Peer, content: Buffer): void {
    const { group, limits, wire } = this.#parts.options
    if (wire > 1 && isPacket(content)) {
      this.#packet(peer, content)
      return
    }
    if (content.length > limits.message) {
      throw sleuthError('SLEUTH_TOO_LARGE', { what: 'a message', limit: 'message', bytes: limits.message })
    }
    const { action, zipped } = openEnvelope(group, content)
    if (action === 'RECV') {
      const reply = escalating('SLEUTH_RECV', () => decodeResponse(zipped, limits.unzipped))
      this.#parts.pending.receive(peer.id, reply)
    } else {
      escalating('SLEUTH_REPL', () => this.#request(peer, zipped))
    }
  }

  #packet(peer: Peer, content: Buffer): void {
    const { links } = this.#parts
    try {
      links.to(peer.id).receive(content)
    } catch (error) {
      if (!(error instanceof PacketFault)) throw error
      throw sleuthError('SLEUTH_PACKET', { why: error.message }, { cause: error })
    }
  }

  #request(peer: Peer, zipped: Buffer): void {
    const { serving, options } = this.#parts
    if (serving === undefined) throw sleuthError('SLEUTH_NO_HANDLER')
    const request = decodeRequest(zipped, options.limits.unzipped)
    // Else any peer could have our answers sent to any other.
    if (request.destination !== peer.id) throw sleuthError('SLEUTH_DESTINATION')
    serving.serve(peer, request)
  }
}
