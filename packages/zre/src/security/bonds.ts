import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { NodeId } from '../wire/identity.js'
import type { PublicKey } from '../wire/key.js'

/**
 * ZeroMQ does not tell whose connection a message came over, and whoever is let in may connect under any routing id. So each
 * side gives the other a token, over its own mailbox, which only the holder of the key at the other end can read, and wants it
 * back with every message: what comes without is not that peer's. A node of another library knows nothing of it.
 */
export const TOKEN_HEADER = 'X-SLEUTH-TOKEN'
/** The token that we were given, in HELLO; in all other messages it is the last frame. */
export const PROOF_HEADER = 'X-SLEUTH-PROOF'

const TOKEN_BYTES = 16

interface Bond {
  readonly key: PublicKey
  /** What we gave. */
  readonly ours: Buffer
  /** What we were given: undefined by a node of another library, and before its HELLO. */
  theirs: Buffer | undefined
  /** It came with a proof. What comes without one later is of somebody else, since a node has one token for as long as it lives. */
  sure: boolean
  /** What our last HELLO had as proof. */
  shown: Buffer | undefined
}

/** `proven`: the holder of the key has read what we sent to it. `bare`: there is no token in it. */
export type Standing = 'proven' | 'unproven' | 'bare'

export class Bonds {
  readonly #secret = randomBytes(32)
  readonly #bonds = new Map<NodeId, Bond>()
  readonly #most: number
  readonly #isKnown: (id: NodeId) => boolean

  /** Bonds with peers that are not known any more are kept while they are few: it spares a peer that comes back a greeting. */
  constructor(most: number, isKnown: (id: NodeId) => boolean) {
    this.#most = most
    this.#isKnown = isKnown
  }

  /** The headers that a HELLO to this peer has beside others. */
  greet(id: NodeId, key: PublicKey): [name: string, value: string][] {
    const bond = this.#of(id, key)
    bond.shown = bond.theirs
    const token: [string, string] = [TOKEN_HEADER, bond.ours.toString('hex')]
    return bond.theirs === undefined ? [token] : [token, [PROOF_HEADER, bond.theirs.toString('hex')]]
  }

  /** Adds to any other message the proof that this peer wants, if it wants one. */
  sign(id: NodeId, frames: Buffer[]): void {
    const theirs = this.#bonds.get(id)?.theirs
    if (theirs !== undefined) frames.push(theirs)
  }

  /** Whether this peer is to prove each message. */
  holds(id: NodeId): boolean {
    return this.#bonds.get(id)?.theirs !== undefined
  }

  /** Takes the proof off a message. False if it has none, or a wrong one. */
  check(id: NodeId, frames: Buffer[]): boolean {
    const bond = this.#bonds.get(id)
    const proof = frames.length > 1 ? frames.pop() : undefined
    return bond !== undefined && proof?.length === TOKEN_BYTES && timingSafeEqual(proof, bond.ours)
  }

  /** What a HELLO under this identity is worth. */
  standingOf(id: NodeId, key: PublicKey, headers: ReadonlyMap<string, string>): Standing {
    if (tokenIn(headers, TOKEN_HEADER) === undefined) return 'bare'
    const proof = tokenIn(headers, PROOF_HEADER)
    return proof !== undefined && timingSafeEqual(proof, this.#token(id, key)) ? 'proven' : 'unproven'
  }

  /** Takes the token of a HELLO. True if our own HELLO did not show it: the peer is owed another. */
  learn(id: NodeId, key: PublicKey, headers: ReadonlyMap<string, string>): boolean {
    const theirs = tokenIn(headers, TOKEN_HEADER)
    if (theirs === undefined) return false
    const bond = this.#of(id, key)
    const proven = this.standingOf(id, key, headers) === 'proven'
    if (proven || !bond.sure) {
      bond.theirs = theirs
      bond.sure = proven
    }
    return !bond.shown?.equals(bond.theirs as Buffer)
  }

  #of(id: NodeId, key: PublicKey): Bond {
    const known = this.#bonds.get(id)
    if (known?.key === key) return known
    if (this.#bonds.size >= this.#most) this.#thin()
    const bond = { key, ours: this.#token(id, key), theirs: undefined, sure: false, shown: undefined }
    this.#bonds.set(id, bond)
    return bond
  }

  #thin(): void {
    for (const id of this.#bonds.keys()) if (!this.#isKnown(id)) this.#bonds.delete(id)
  }

  /** The same for as long as this node lives: nothing has to be remembered to recognise it. */
  #token(id: NodeId, key: PublicKey): Buffer {
    return createHmac('sha256', this.#secret).update(`${id} ${key}`).digest().subarray(0, TOKEN_BYTES)
  }
}

/** What others are told of a peer's headers: tokens are between the two. */
export function withoutTokens(headers: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const rest = new Map(headers)
  rest.delete(TOKEN_HEADER)
  rest.delete(PROOF_HEADER)
  return rest
}

function tokenIn(headers: ReadonlyMap<string, string>, name: string): Buffer | undefined {
  const text = headers.get(name)
  if (text === undefined || !/^[0-9a-f]{32}$/.test(text)) return undefined
  return Buffer.from(text, 'hex')
}
