import { randomFillSync } from 'node:crypto'
import { sleuthError } from '../../shared/errors.js'
import { SlabMap } from '../../shared/slab.js'
import type { DownReason, Instance } from '../../types.js'
import type { WireResponse } from './response.js'

/** A reply of the first wire, which comes whole. */
export type WholeReply = WireResponse & { body: Buffer }

/** A request that has been sent, or is about to be. */
export interface SentCall {
  readonly member: { readonly instance: Instance }
  receive(reply: WholeReply): void
  peerGone(reason: DownReason): void
  fail(error: unknown): void
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

/** The calls that wait for their reply, by handle. */
export class Pending {
  readonly #calls = new SlabMap<string, SentCall>()

  get size(): number {
    return this.#calls.size
  }

  /** To be called before the request leaves, so that no reply can come too early. Returns the call's handle. */
  add(call: SentCall): string {
    const handle = randomHandle()
    this.#calls.set(handle, call)
    return handle
  }

  delete(handle: string): void {
    this.#calls.delete(handle)
  }

  /** Settles the call that a reply is for. Throws 921 when there is none, and for a reply of a peer that was not asked. */
  receive(peer: string, reply: WholeReply): void {
    const call = this.#calls.get(reply.handle)
    if (call === undefined) throw sleuthError('SLEUTH_RECV')
    if (call.member.instance.id !== peer) throw sleuthError('SLEUTH_REPLY_PEER').escalate('SLEUTH_RECV')
    call.receive(reply)
  }

  /** Fails what was asked of a peer that is no more: no reply can come. */
  peerGone(peer: string, reason: DownReason): void {
    for (const call of this.#calls.all()) if (call.member.instance.id === peer) call.peerGone(reason)
  }
}
