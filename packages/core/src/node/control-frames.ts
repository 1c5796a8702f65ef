import type { Peer } from '@sleuth/zre'
import type { EventBus } from '../events/event-bus.js'
import type { Introspection } from '../introspection/introspection.js'
import type { Introductions } from '../membership/introductions.js'
import type { Direct } from '../transport/direct/direct.js'
import { ControlKind, isEvent, isInspect, isMembership } from '../transport/streams/format.js'
import type { Readiness } from './readiness.js'

interface Receivers {
  readonly bus: EventBus
  readonly introductions: Introductions | undefined
  readonly introspection: Introspection
  readonly readiness: Readiness
  readonly direct: Direct | undefined
}

/** Hands each frame of a peer that concerns no stream to the part that it is for. */
export function controlFrames({ bus, introductions, introspection, readiness, direct }: Receivers) {
  return (peer: Peer, kind: number, payload: Buffer): void => {
    if (isMembership(kind)) introductions?.receive(peer.id, kind, payload)
    else if (isInspect(kind)) introspection.receive(peer.id, kind, payload)
    else if (isEvent(kind)) bus.receive(peer, kind, payload)
    else if (kind === ControlKind.ready) readiness.receive(peer.id, payload)
    else direct?.control(peer.id, kind, payload)
  }
}
