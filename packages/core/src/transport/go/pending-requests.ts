import { randomFillSync } from 'node:crypto'
import { sleuthError } from '../../shared/errors.js'
import { SlabMap } from '../../shared/slab.js'
import type { DownReason } from '../../types.js'
import type { WireResponse } from './response.js'

/** A reply of the first wire, which comes whole. */
export type WholeReply = WireResponse & { body: Buffer }

/** A request that has been sent, or is about to be. */
export interface PendingRequest {
  /** The peer that was asked. */
  readonly peer: string
  onReply(reply: WholeReply): void
  /** No reply can come. */
  onPeerGone(reason: DownReason): void
}

// 96 random bits: a peer that was not asked cannot guess the handle of a call from those of others.
const handleSize = 12
const randomness = Buffer.allocUnsafe(handleSize * 256)
let randomAt = randomness.length

function randomHandle(): string {
  if (randomAt === randomness.length) {
    randomFillSync(randomness)
    randomAt = 0
  }
  const start = randomAt
  randomAt += handleSize
  return randomness.toString('hex', start, randomAt)
}

/** Requests that wait for their reply, by handle. */
export class PendingRequests {
  readonly #requests = new SlabMap<string, PendingRequest>()

  /** To be called before the request leaves, so that no reply can come too early. Returns the request's handle. */
  add(request: PendingRequest): string {
    const handle = randomHandle()
    this.#requests.set(handle, request)
    return handle
  }

  delete(handle: string): void {
    this.#requests.delete(handle)
  }

  /** Throws 921 for a reply that no request waits for, and for a reply of a peer that was not asked. */
  receive(peer: string, reply: WholeReply): void {
    const request = this.#requests.get(reply.handle)
    if (request === undefined) throw sleuthError('SLEUTH_RECV')
    if (request.peer !== peer) throw sleuthError('SLEUTH_REPLY_PEER').escalate('SLEUTH_RECV')
    request.onReply(reply)
  }

  /** Whether a reply of a peer is waited for. */
  isAwaited(peer: string): boolean {
    return this.#requests.all().some((request) => request.peer === peer)
  }

  peerGone(peer: string, reason: DownReason): void {
    for (const request of this.#requests.all()) if (request.peer === peer) request.onPeerGone(reason)
  }
}
