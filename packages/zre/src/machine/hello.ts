import { isMarked, type NodeId } from '../wire/identity.js'
import type { PublicKey } from '../wire/key.js'
import type { IncomingHello } from '../wire/message.js'
import { isSamePath, type ReturnPath } from '../wire/return-path.js'
import { arrive } from './arrive.js'
import { contest } from './claims.js'
import { mayConnectByHello } from './connect-limit.js'
import { answerAgain, canBeReplaced, connectNew, follow, holderOf, reconnect } from './handshake.js'
import { FIRST_SEQUENCE, nextSequence, nothingHeld, type PeerState, PeerView, spoke } from './peer.js'
import { answerOn, connectBack, isReachable, noteReturn } from './return-path.js'
import { drop, forget, type NodeState, turnAway, usableEndpoint } from './state.js'
import { suspect } from './suspicion.js'
import type { Effect } from './types.js'
import { doubtPlace } from './watch.js'

/** Whose it is, as a HELLO says, whether that was shown, and which way it came: see the input `message`. */
export interface Claim {
  readonly key?: PublicKey | undefined
  readonly proven?: boolean
  readonly back?: ReturnPath | undefined
  readonly answered?: boolean
}

export function onHello(
  state: NodeState,
  from: NodeId,
  hello: IncomingHello,
  claim: Claim,
  now: number,
): Effect[] {
  if (hello.sequence !== FIRST_SEQUENCE) return [drop('hello-sequence', from)]
  const { key, proven = false, back, answered = false } = claim
  const endpoint = usableEndpoint(state, hello.endpoint)
  const effects: Effect[] = []
  let peer = state.peers.get(from)
  const provenAt = peer?.endpoint ?? endpoint
  if (peer !== undefined && peer.key !== key) {
    if (!canBeReplaced(peer, now)) return [drop('key-mismatch', from)]
    effects.push(...forget(state, peer, 'replaced'))
    peer = undefined
  }
  const owed = Math.max(0, (peer?.unanswered ?? 0) - 1)
  const isAnswer = peer !== undefined && isOwed(peer)
  if (peer === undefined) {
    effects.push(...meetGreeter(state, from, hello, claim, now))
    peer = state.peers.get(from)
    if (peer === undefined) return effects
  } else if (peer.returning) {
    effects.push(...hearReturning(state, peer, back, isAnswer, now))
  } else if (peer.denied && peer.view === undefined) {
    // It did not let us in, and does now: it could not have greeted us else.
    effects.push(...reconnect(state, peer, endpoint ?? peer.endpoint, now))
  } else if (peer.view !== undefined) {
    effects.push({ type: 'exit', peer: peer.view, reason: 'restarted' })
    effects.push(...answerAgain(state, peer, { endpoint, isAnswer }, now))
    // Nobody may be left where it was, and a connection to there that is idle shows that late.
    if (peer.claimedEndpoint !== undefined) effects.push(...doubtPlace(state, peer, now))
  } else {
    if (peer.lost !== undefined && endpoint !== undefined) effects.push(...follow(state, peer, endpoint, now))
    effects.push(...checkPlace(state, peer, endpoint, now))
  }
  // What we said just now is an answer.
  peer.unanswered = owed
  if (back !== undefined && !peer.returning) noteReturn(state, peer, back, now)
  peer.answered = answered
  peer.expectedSequence = nextSequence(FIRST_SEQUENCE)
  peer.status = hello.status
  peer.proven = proven && (key !== undefined || (!peer.returning && peer.endpoint === provenAt))
  peer.view = undefined
  peer.greeting = new PeerView(peer, { ...hello, announced: hello.endpoint })
  peer.held = nothingHeld()
  peer.lost = undefined
  peer.suspicion = undefined
  spoke(peer, now)
  if (peer.connected) effects.push(...arrive(state, peer, peer.greeting, now))
  return effects
}

/**
 * A peer that is not present says that it is elsewhere than its mailbox connects to: it may have moved since it was greeted, and
 * again just after it was followed.
 */
function checkPlace(state: NodeState, peer: PeerState, endpoint: string | undefined, now: number): Effect[] {
  if (endpoint === undefined || endpoint === peer.endpoint) return []
  if (!peer.connected) return contest(state, { id: peer.id, endpoint, key: peer.key })
  if (peer.alias) return []
  peer.claimedEndpoint = endpoint
  return doubtPlace(state, peer, now)
}

/**
 * Whether a HELLO is the answer to one of ours, which is owed none. On a busy machine answers come late, so time does not tell.
 * Nodes of other libraries answer more often than they are greeted, and do not start over when they hear a PING.
 */
function isOwed({ id, unanswered }: PeerState): boolean {
  return unanswered > 0 && isMarked(id)
}

/** A node that is not known greets us: it is met where it says that it is, or answered on its connection if that can't be. */
function meetGreeter(
  state: NodeState,
  from: NodeId,
  hello: IncomingHello,
  { key, back }: Claim,
  now: number,
): Effect[] {
  const claim = { id: from, endpoint: hello.endpoint, key }
  if (back !== undefined && !isReachable(state, { ...claim, back }))
    return connectBack(state, { ...claim, back }, now)
  const endpoint = usableEndpoint(state, hello.endpoint)
  if (endpoint === undefined) return turnAway(state, claim)
  const holder = holderOf(state, endpoint)
  if (holder !== undefined) {
    return [drop('endpoint-taken', from), ...suspect(state, holder, 'replaced', now)]
  }
  if (state.peers.size >= state.config.maxPeers) return [drop('peer-limit', from)]
  if (!mayConnectByHello(state, endpoint)) return [drop('greeting-limit', from)]
  return connectNew(state, { id: from, endpoint, key }, now)
}

/** A peer that is answered on its connection greets us, over that one or over another that it has made since. */
function hearReturning(
  state: NodeState,
  peer: PeerState,
  back: ReturnPath | undefined,
  isAnswer: boolean,
  now: number,
): Effect[] {
  const effects: Effect[] = []
  if (peer.view !== undefined) effects.push({ type: 'exit', peer: peer.view, reason: 'restarted' })
  if (back !== undefined && !isSamePath(peer.back, back)) effects.push(...answerOn(state, peer, back, now))
  else if (peer.view !== undefined)
    effects.push(...answerAgain(state, peer, { endpoint: undefined, isAnswer }, now))
  return effects
}
