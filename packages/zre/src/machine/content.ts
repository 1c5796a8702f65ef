import { type Following, MAX_GROUPS } from '../wire/message.js'
import type { PeerState, PeerView } from './peer.js'
import { drop, forget, type NodeState, send } from './state.js'
import type { Effect } from './types.js'

/** What a peer that is present says, in its turn. */
export function onContent(
  state: NodeState,
  peer: PeerState,
  view: PeerView,
  message: Following,
  now: number,
): Effect[] {
  switch (message.type) {
    case 'whisper':
      return [{ type: 'whisper', peer: view, content: contentOf(message.content) }]
    case 'shout':
      return [{ type: 'shout', peer: view, group: message.group, content: contentOf(message.content) }]
    case 'join':
    case 'leave':
      return onGroupChange(peer, view, message)
    case 'ping':
      return [send(peer, { type: 'ping-ok' })]
    case 'goodbye':
      return forget(state, peer, 'stopped')
    case 'ping-ok':
      peer.reachedAt = now
      if (peer.suspicion !== undefined) peer.suspicion.answered = true
      return [{ type: 'answered', id: peer.id }]
    case 'elect':
    case 'leader':
      return []
    case 'unknown':
      return [drop('unknown-message', peer.id)]
  }
}

/** A status that does not fit means that the peer miscounts, not that messages are missing: the sequence tells that. */
export function onGroupChange(
  peer: PeerState,
  view: PeerView,
  message: { type: 'join' | 'leave'; group: string; status: number },
): Effect[] {
  const { type, group, status } = message
  const effects: Effect[] = []
  if (status !== ((peer.status + 1) & 0xff)) effects.push(drop('status-mismatch', peer.id))
  peer.status = status
  const changed = type === 'join' ? !view.groups.has(group) : view.groups.has(group)
  if (!changed) return effects
  if (type === 'join' && view.groups.size >= MAX_GROUPS) return [...effects, drop('group-limit', peer.id)]
  if (type === 'join') view.groups.add(group)
  else view.groups.delete(group)
  effects.push({ type, peer: view, group })
  return effects
}

/** Whoever gets a whisper or shout gets at least one frame. */
function contentOf(frames: Buffer[]): Buffer[] {
  return frames.length > 0 ? frames : [Buffer.alloc(0)]
}
