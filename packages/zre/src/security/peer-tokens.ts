import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { NodeId } from '../wire/identity.js'
import type { PublicKey } from '../wire/key.js'
import { RETURN_HEADER } from '../wire/return-path.js'

/**
 * ZeroMQ does not tell whose connection a message came over, or from where, and anyone may connect under any routing id. So
 * each side gives the other a token, over its own mailbox, and wants it back with every message: what comes without is not that
 * peer's. Only the one at the other end of the mailbox can read it: with encryption the holder of the key, without whoever is
 * at the endpoint that the peer says is its own (as QUIC validates a path, RFC 9000, section 8.2). A node of another library
 * knows nothing of it.
 */
export const TOKEN_HEADER = 'X-SLEUTH-TOKEN'
/** The token that we were given, in HELLO. All other messages have it as bytes: see the gates. */
export const PROOF_HEADER = 'X-SLEUTH-PROOF'

export const TOKEN_BYTES = 16

/** What a token stands for: the key whose holder alone can read it, or the endpoint where it was sent. */
type Bound = PublicKey | string

/** What two peers have given each other. One object for as long as the peer is known. */
export interface PeerToken {
  to: Bound
  /** What we gave. */
  ours: Buffer
  /** What we were given: undefined by a node of another library, and before its HELLO. */
  theirs: Buffer | undefined
  /** It came with a proof. What comes without one later is of somebody else. */
  pinned: boolean
  /** What our last HELLO had as proof. */
  shown: Buffer | undefined
}

/** `proven`: the holder of the key has read what we sent to it. `bare`: there is no token in it. */
export type AuthResult = 'proven' | 'unproven' | 'bare'

export class PeerTokens {
  readonly #secret = randomBytes(32)
  readonly #tokens = new Map<NodeId, PeerToken>()
  readonly #maxPeers: number
  readonly #isKnown: (id: NodeId) => boolean
  readonly #movable: boolean

  /**
   * `movable`: a peer stays the same when what its token stands for changes, as an endpoint does and a key does not. PeerTokens with peers that are not known any more are kept while they are few: it spares a peer that comes
   * back a greeting.
   */
  constructor(maxPeers: number, isKnown: (id: NodeId) => boolean, movable = false) {
    this.#maxPeers = maxPeers
    this.#isKnown = isKnown
    this.#movable = movable
  }

  /** The headers that a HELLO to this peer has beside others. */
  greet(id: NodeId, to: Bound): [name: string, value: string][] {
    const token = this.#of(id, to)
    token.shown = token.theirs
    const given: [string, string] = [TOKEN_HEADER, token.ours.toString('hex')]
    return token.theirs === undefined ? [given] : [given, [PROOF_HEADER, token.theirs.toString('hex')]]
  }

  /** What this peer wants to see in every other message, if it wants anything. */
  proofFor(id: NodeId): Buffer | undefined {
    return this.#tokens.get(id)?.theirs
  }

  /** Whether this peer is to prove each message. */
  holds(id: NodeId): boolean {
    return this.#tokens.get(id)?.theirs !== undefined
  }

  get(id: NodeId): PeerToken | undefined {
    return this.#tokens.get(id)
  }

  /** Whether this is the proof that a message is this peer's. */
  isProof(id: NodeId, proof: Buffer | undefined): boolean {
    const token = this.#tokens.get(id)
    return token !== undefined && proof?.length === TOKEN_BYTES && isSameToken(token.ours, proof, 0)
  }

  /** What a HELLO under this identity is worth. */
  authenticate(id: NodeId, to: Bound, headers: ReadonlyMap<string, string>): AuthResult {
    if (tokenIn(headers, TOKEN_HEADER) === undefined) return 'bare'
    const proof = tokenIn(headers, PROOF_HEADER)
    return proof !== undefined && timingSafeEqual(proof, this.#token(id, to)) ? 'proven' : 'unproven'
  }

  /** Takes the token of a HELLO. True if our own HELLO did not show it: the peer is owed another. */
  learn(id: NodeId, to: Bound, headers: ReadonlyMap<string, string>): boolean {
    const theirs = tokenIn(headers, TOKEN_HEADER)
    if (theirs === undefined) return false
    const token = this.#of(id, to)
    const proven = this.authenticate(id, to, headers) === 'proven'
    if (proven || !token.pinned) {
      token.theirs = theirs
      token.pinned = proven
    }
    return !token.shown?.equals(token.theirs as Buffer)
  }

  #of(id: NodeId, to: Bound): PeerToken {
    const known = this.#tokens.get(id)
    if (known === undefined) {
      if (this.#tokens.size >= this.#maxPeers) this.#thin()
      const ours = this.#token(id, to)
      const token: PeerToken = { to, ours, theirs: undefined, pinned: false, shown: undefined }
      this.#tokens.set(id, token)
      return token
    }
    if (known.to === to) return known
    known.to = to
    known.ours = this.#token(id, to)
    // If the peer moved, so may we have, and what it gave us went with our place: it may give us another.
    known.pinned = false
    if (!this.#movable) {
      known.theirs = undefined
      known.shown = undefined
    }
    return known
  }

  #thin(): void {
    for (const id of this.#tokens.keys()) if (!this.#isKnown(id)) this.#tokens.delete(id)
  }

  /** The same for as long as this node lives: nothing has to be remembered to recognise it. */
  #token(id: NodeId, to: Bound): Buffer {
    return createHmac('sha256', this.#secret).update(`${id} ${to}`).digest().subarray(0, TOKEN_BYTES)
  }
}

/** What others are told of a peer's headers: tokens, and the way back, are between the two. */
export function withoutTokens(headers: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const rest = new Map(headers)
  rest.delete(TOKEN_HEADER)
  rest.delete(PROOF_HEADER)
  rest.delete(RETURN_HEADER)
  return rest
}

function tokenIn(headers: ReadonlyMap<string, string>, name: string): Buffer | undefined {
  const text = headers.get(name)
  if (text === undefined || !/^[0-9a-f]{32}$/.test(text)) return undefined
  return Buffer.from(text, 'hex')
}

/** Whether the bytes at `start` are this token. Takes the same time whatever they are. */
export function isSameToken(token: Buffer, bytes: Buffer, start: number): boolean {
  let difference = 0
  for (let index = 0; index < TOKEN_BYTES; index++) {
    difference |= (token[index] as number) ^ (bytes[start + index] as number)
  }
  return difference === 0
}
