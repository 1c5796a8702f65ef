import { formatEndpoint } from '../wire/endpoint.js'
import { holdGreeter } from './arrive.js'
import { mayConnectByHello } from './connect-limit.js'
import { hearLost } from './connection.js'
import { onContent } from './content.js'
import { canBeReplaced, sayHello } from './handshake.js'
import { onHello } from './hello.js'
import { meet, meetAgain } from './meet.js'
import { forgetNewcomer, greetInTurn, meetHeard } from './newcomers.js'
import { isGreeted } from './part.js'
import { compareSequence, type PeerState, type PeerView, touch } from './peer.js'
import { beginReach } from './reach.js'
import { onReturnAsked } from './return-path.js'
import { countReceived } from './sequence.js'
import { drop, forget, type NodeState, turnAway, unwatch } from './state.js'
import { suspect } from './suspicion.js'
import type { Effect, Input } from './types.js'
import { use } from './watch.js'

export function onBeacon(state: NodeState, beacon: Input & { type: 'beacon' }, now: number): Effect[] {
  const { id, port, address, key, back } = beacon
  if (id === state.config.id) return []
  const endpoint = formatEndpoint(address, port)
  const meetUsually = () => onPlace(state, beacon, endpoint, now)
  if (back === undefined) return meetUsually()
  return onReturnAsked(state, { id, endpoint, key, back }, meetUsually, now)
}

function onPlace(
  state: NodeState,
  { id, port, address, key, said = false }: Input & { type: 'beacon' },
  endpoint: string,
  now: number,
): Effect[] {
  if (!state.config.isOnNetwork(address)) {
    // It answers on our connection, and needs no other.
    if (said && state.peers.get(id)?.asks) return []
    return said ? turnAway(state, { id, endpoint, key }) : [drop('beacon-off-network', address)]
  }
  const peer = state.peers.get(id)
  const stranger = peer === undefined || peer.key !== key
  if (peer !== undefined && stranger && (port === 0 || !canBeReplaced(peer, now)))
    return [drop('key-mismatch', id)]
  if (port === 0) {
    forgetNewcomer(state, id)
    if (peer === undefined) return []
    return peer.lost === undefined ? suspect(state, peer, 'stopped', now) : forget(state, peer, 'stopped')
  }
  if (endpoint === state.endpoint) return [drop('own-endpoint', id)]
  if (peer === undefined && !said && !isGreeted(state, id)) return []
  // One from elsewhere is no sign that what we send arrives: PING finds out. If not, the peer is greeted there.
  if (!stranger && endpoint === peer?.endpoint) touch(peer, now)
  const claim = { id, endpoint, key }
  if (said) return meet(state, claim, () => mayConnectByHello(state, endpoint), now)
  return peer === undefined ? greetInTurn(state, claim, now) : meetHeard(state, claim, now)
}

export function onMessage(state: NodeState, input: Input & { type: 'message' }, now: number): Effect[] {
  const { from, message } = input
  if (from === state.config.id) return [drop('own-identity', from)]
  if (message.type === 'hello') return onHello(state, from, message, input, now)
  const peer = state.peers.get(from)
  if (peer === undefined) return [drop('unknown-peer', from), ...meetAgain(state, from, message, now)]
  if (peer.lost !== undefined) return hearLost(state, peer, peer.lost, message, now)
  if (peer.greeting !== undefined) return holdGreeter(state, peer, message, now)
  if (peer.view === undefined) {
    peer.needsHello = true
    return [drop('before-hello', from)]
  }
  const order = compareSequence(message.sequence, peer.expectedSequence)
  if (order !== 'expected') return onDisorder(state, peer, peer.view, order, now)
  countReceived(peer, now)
  const isUse = message.type === 'whisper' || message.type === 'shout'
  const asked = isUse ? use(state, peer, now) : []
  return [...asked, ...onContent(state, peer, peer.view, message, now)]
}

/**
 * After a gap messages were lost, JOIN and LEAVE perhaps among them; before a number that was there already, a HELLO was,
 * since nothing arrives twice. What we hold of the peer may be wrong: start over with HELLO.
 */
function onDisorder(
  state: NodeState,
  peer: PeerState,
  view: PeerView,
  order: 'gap' | 'duplicate',
  now: number,
): Effect[] {
  unwatch(state, peer)
  peer.view = undefined
  beginReach(peer, now)
  return [drop(order, peer.id), { type: 'exit', peer: view, reason: 'broken' }, sayHello(state, peer, now)]
}
