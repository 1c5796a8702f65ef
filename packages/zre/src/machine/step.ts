import { onChecked } from './checked.js'
import { lose, onConnected, onDisconnected } from './connection.js'
import { onFound, onGone } from './found.js'
import { reconnect, sayHelloAgain } from './handshake.js'
import { greetNewcomers } from './newcomers.js'
import { onPart } from './part.js'
import { setTrouble } from './reach.js'
import { onBeacon, onMessage } from './receive.js'
import { drop, forget, type NodeState, send, usableEndpoint } from './state.js'
import { beginAnew, miss, onRead, onTick } from './tick.js'
import type { Effect, Input } from './types.js'
import { onProbed, use } from './watch.js'

/** The whole node: what happened, and when, in; what to do about it out. No socket, no timer, no chance. */
export function step(state: NodeState, input: Input, now: number): Effect[] {
  const effects = take(state, input, now)
  effects.push(...greetNewcomers(state, now))
  if (effects.some(isSilentExit)) miss(state, now)
  return effects
}

/** Nobody has said that it goes. */
function isSilentExit(effect: Effect): boolean {
  return effect.type === 'exit' && (effect.reason === 'lost' || effect.reason === 'expired')
}

function take(state: NodeState, input: Input, now: number): Effect[] {
  switch (input.type) {
    case 'tick':
      return onTick(state, now)
    case 'beacon':
      return onBeacon(state, input, now)
    case 'found':
      return onFound(state, input, now)
    case 'gone':
      return onGone(state, input)
    case 'message':
      return onMessage(state, input, now)
    case 'greet':
      return onGreet(state, input.id, now)
    case 'refused':
      return onRefused(state, input.id)
    case 'denied':
      return onDenied(state, input.id, now)
    case 'lost':
      return onLost(state, input.id)
    case 'connected':
      return onConnected(state, input.id, now)
    case 'checked':
      return onChecked(state, input, input.stands, now)
    case 'disconnected':
      return onDisconnected(state, input, now)
    case 'moved':
      return onMoved(state, input.endpoint, now)
    case 'returned':
      beginAnew(state, now)
      return []
    case 'whisper':
      return onWhisper(state, input, now)
    case 'used':
      return onUsed(state, input.id, now)
    case 'probed':
      return onProbed(state, input, now)
    case 'read':
      return onRead(state, input.at, now)
    case 'part':
      return onPart(state, input.id)
    case 'ping':
      return onPing(state, input.to)
    case 'shout':
      return onShout(state, input, now)
    case 'join':
    case 'leave':
      return onOwnGroupChange(state, input)
  }
}

/**
 * The effects of going: every mailbox is closed once it has sent what it holds, and the world is told. Not before: a peer
 * that heard of it first would throw away the rest.
 */
export function stop(state: NodeState): Effect[] {
  const effects: Effect[] = []
  for (const peer of state.peers.values()) {
    // A beacon does not reach everyone. Only a node of this library shows where it is, so it is no gyre node.
    if (peer.view !== undefined && (peer.proven || peer.returning))
      effects.push(send(peer, { type: 'goodbye' }))
    effects.push({ type: 'close', id: peer.id, flush: true })
  }
  state.peers.clear()
  effects.push({ type: 'beacon', port: 'leaving' })
  return effects
}

/** Its next beacon brings it back, over a new mailbox. */
function onLost(state: NodeState, id: string): Effect[] {
  const peer = state.peers.get(id)
  return peer === undefined ? [] : forget(state, peer, 'broken')
}

function onGreet(state: NodeState, id: string, now: number): Effect[] {
  const peer = state.peers.get(id)
  return peer === undefined ? [] : [sayHelloAgain(state, peer, now)]
}

/**
 * It is told: ZeroMQ can't cut its connection to us, so it would go on calling and wait for answers that never come. Only a
 * peer with a key is refused, so it is no gyre node, which panics at GOODBYE.
 */
function onRefused(state: NodeState, id: string): Effect[] {
  const peer = state.peers.get(id)
  if (peer === undefined) return []
  const farewell = send(peer, { type: 'goodbye' })
  return [drop('key-refused', id), farewell, ...forget(state, peer, 'refused', true)]
}

function onDenied(state: NodeState, id: string, now: number): Effect[] {
  const peer = state.peers.get(id)
  if (peer === undefined) return []
  peer.denied = true
  setTrouble(peer, 'refused', now)
  return []
}

/** Every connection was from the old address and is dead; every peer must learn the new one, unless it is out of reach now. */
function onMoved(state: NodeState, endpoint: string, now: number): Effect[] {
  state.endpoint = endpoint
  beginAnew(state, now)
  return [...state.peers.values()].flatMap((peer) => {
    if (usableEndpoint(state, peer.endpoint) === undefined) return forget(state, peer, 'lost')
    peer.answeredAt = now
    // What it connected to is gone.
    if (peer.returning) return forget(state, peer, 'lost')
    return [...lose(peer, now), ...reconnect(state, peer, peer.endpoint, now)]
  })
}

function onUsed(state: NodeState, id: string, now: number): Effect[] {
  const peer = state.peers.get(id)
  return peer?.view === undefined ? [] : use(state, peer, now)
}

function onWhisper(state: NodeState, input: Input & { type: 'whisper' }, now: number): Effect[] {
  const peer = state.peers.get(input.to)
  if (peer?.view === undefined) return []
  return [...use(state, peer, now), send(peer, { type: 'whisper', content: input.content })]
}

function onPing(state: NodeState, id: string): Effect[] {
  const peer = state.peers.get(id)
  return peer?.view === undefined ? [] : [send(peer, { type: 'ping' })]
}

function onShout(state: NodeState, input: Input & { type: 'shout' }, now: number): Effect[] {
  const { group, content } = input
  const effects: Effect[] = []
  for (const peer of state.peers.values()) {
    if (!peer.view?.groups.has(group)) continue
    effects.push(...use(state, peer, now), send(peer, { type: 'shout', group, content }))
  }
  return effects
}

/** Told to peers that are greeted as well: their HELLO from us had the list as it was before. */
function onOwnGroupChange(state: NodeState, input: Input & { type: 'join' | 'leave' }): Effect[] {
  const { type, group } = input
  if (state.groups.has(group) === (type === 'join')) return []
  if (type === 'join') state.groups.add(group)
  else state.groups.delete(group)
  // gyre and zyre stop the process at a status that is not the last plus one.
  state.status = (state.status + 1) & 0xff
  const { status } = state
  return [...state.peers.values()].map((peer) => send(peer, { type, group, status }))
}
