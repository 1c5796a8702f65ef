import type { Peer, ZreNode } from '@sleuth/zre'
import type { Pending } from './call/pending.js'
import type { Directory } from './directory/directory.js'
import { isGo } from './directory/instance.js'
import { dropMessage } from './drop.js'
import { escalating, sleuthError } from './errors.js'
import type { Link } from './link/link.js'
import type { Links } from './link/links.js'
import type { IncomingRequest } from './link/types.js'
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
  directory: Directory
  pending: Pending
  links: Links
  counters: Counters
  log: Logger
}

/** What a whisper without a frame holds. */
const nothing = Buffer.alloc(0)

/** What comes from the network: members, replies for those that wait, requests for the handler. */
export class Inbound {
  readonly #parts: InboundOptions

  constructor(parts: InboundOptions) {
    this.#parts = parts
  }

  listen(): void {
    const { node, options, directory, pending, links, serving } = this.#parts
    // One of ours is in its group from the start: if it is not, it is leaving. A Go peer joins after it has come.
    const enter = (peer: Peer) => {
      if (isGo(peer) || peer.groups.has(options.group)) this.#add(peer)
    }
    node.on('enter', enter)
    node.on('join', (peer, group) => {
      if (group === options.group) this.#add(peer)
    })
    node.on('leave', (peer, group) => {
      if (group === options.group) directory.remove(peer.id, 'left')
    })
    node.on('exit', (peer, reason) => {
      directory.remove(peer.id, reason)
      pending.peerGone(peer.id, reason)
      if (reason === 'restarted') links.renewed(peer.id, { type: 'gone', reason })
      else links.gone(peer.id, { type: 'gone', reason })
      serving?.peerGone(peer.id)
    })
    node.on('whisper', (peer, [content = nothing]) => this.#receive(peer, content))
    for (const peer of node.peers()) enter(peer)
  }

  /** A request came over a link. */
  accept(link: Link, id: string, request: IncomingRequest): void {
    const { node, serving } = this.#parts
    const peer = node.peer(id)
    if (peer === undefined) return
    try {
      if (serving === undefined) throw sleuthError('SLEUTH_NO_HANDLER').escalate('SLEUTH_REPL')
      serving.accept(link, peer, request)
    } catch (error) {
      this.#drop(error)
    }
  }

  #add(peer: Peer): void {
    try {
      this.#parts.directory.add(peer)
    } catch (error) {
      this.#drop(error)
    }
  }

  #drop(error: unknown): void {
    dropMessage(error, this.#parts.counters, this.#parts.log)
  }

  /** Nothing that a peer sends makes this throw. */
  #receive(peer: Peer, content: Buffer): void {
    try {
      this.#dispatch(peer, content)
    } catch (error) {
      this.#drop(error)
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
