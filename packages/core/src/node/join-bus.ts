import type { ZreNode } from '@sleuth/zre'
import type { EventBus } from '../events/event-bus.js'
import type { Introductions } from '../membership/introductions.js'
import { addressOf, sleuthPeerOf } from '../server/remote-caller.js'
import type { CheckedOptions } from '../shared/options/options.js'
import { controlPacket } from '../transport/streams/control-packet.js'
import type { Sessions } from '../transport/streams/sessions.js'

export interface BusNetwork {
  readonly node: ZreNode
  readonly options: CheckedOptions
  readonly sessions: Sessions
  readonly introductions: Introductions | undefined
}

/** The node has joined: from now on events come from others, and go to them. */
export function joinBus(bus: EventBus, { node, options, sessions, introductions }: BusNetwork): void {
  const { group, service, name, security } = options
  bus.join({
    node,
    self: Object.freeze({
      id: node.id,
      name: name ?? node.name,
      service,
      address: addressOf(node.endpoint).address,
      verified: true,
      publicKey: security?.publicKey,
    }),
    peerOf: (peer) => sleuthPeerOf(peer, group),
    way: (peer) => sessions.to(peer),
    send: (peer, kind, bytes) => node.whisper(peer, controlPacket([{ kind, bytes }])),
    subscribes: (subscribes) => introductions?.subscribes(subscribes),
  })
}
