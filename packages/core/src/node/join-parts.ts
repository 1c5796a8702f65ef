import type { Peer, ZreNode } from '@sleuth/zre'
import type { Directory } from '../directory/directory.js'
import type { EventBus } from '../events/event-bus.js'
import type { Introspection } from '../introspection/introspection.js'
import type { Introductions } from '../membership/introductions.js'
import { Server } from '../server/server.js'
import type { CheckedOptions } from '../shared/options/options.js'
import type { Counters } from '../shared/stats.js'
import type { Direct } from '../transport/direct/direct.js'
import type { Way } from '../transport/direct/way.js'
import type { PendingRequests } from '../transport/go/pending-requests.js'
import { Router } from '../transport/router.js'
import type { Sessions } from '../transport/streams/sessions.js'
import type { Logger, RequestListener, SleuthStats } from '../types.js'
import { controlFrames } from './control-frames.js'
import { introduce } from './introduce.js'
import { introspect } from './introspect.js'
import { joinBus } from './join-bus.js'
import { openDirect } from './open-direct.js'
import { Readiness } from './readiness.js'

/** What a node has before it joins, and how it joins. */
export interface BeforeJoin {
  readonly node: ZreNode
  readonly options: CheckedOptions
  readonly counters: Counters
  readonly log: Logger
  readonly directory: Directory
  readonly bus: EventBus
  readonly sessions: Sessions
  readonly pending: PendingRequests
  readonly handler: RequestListener | undefined
  /** Whether a request or a response is under way between this node and a peer. */
  readonly isAwaited: (peer: string) => boolean
  readonly stats: () => SleuthStats
  /** How TCP connections to peers are made beside those of ZeroMQ. Undefined: none are. */
  readonly way: Way | undefined
  /** There are TCP connections at all: not so on a network in memory. */
  readonly hasTcp: boolean
}

/** What a node has from its join until it closes. */
export interface JoinedParts {
  readonly readiness: Readiness
  /** Undefined without a service. */
  readonly server: Server | undefined
  readonly router: Router
  /** Undefined on the wire of Go. */
  readonly introductions: Introductions | undefined
  readonly introspection: Introspection
  readonly direct: Direct | undefined
  /** Takes a frame of a peer that concerns no stream. */
  readonly control: (peer: Peer, kind: number, payload: Buffer) => void
}

/** The node has joined: from now on peers are heard, and the service answers. */
export function joinParts(before: BeforeJoin): JoinedParts {
  const { node, options, counters, log, directory, bus, sessions, pending, handler, isAwaited, way } = before
  const shared = { node, options, counters, log }
  const readiness = new Readiness({ ...shared, directory })
  const server = handler && serverOf(before, handler, readiness)
  const gone = (peer: string) => bus.gone(peer)
  const router = new Router({ ...shared, server, pending, sessions, directory, gone })
  router.listen()
  const isBusy = (peer: string) => isAwaited(peer) || introspection.awaits(peer)
  const introductions = introduce(node, options, counters, directory, isBusy)
  const introspection: Introspection = introspect({
    ...shared,
    reach: (peer) => introductions?.reach(peer),
    direct: () => direct,
    stats: before.stats,
    ready: () => readiness.isReady,
    hasTcp: before.hasTcp,
  })
  joinBus(bus, { ...shared, sessions, introductions })
  const direct = way && openDirect({ ...shared, sessions, way })
  const control = controlFrames({ bus, introductions, introspection, readiness, direct })
  readiness.start()
  return { readiness, server, router, introductions, introspection, direct, control }
}

function serverOf(
  { node, options, counters, log }: BeforeJoin,
  handler: RequestListener,
  readiness: Readiness,
): Server | undefined {
  const { service, ready } = options
  if (service === undefined) return undefined
  node.on('exit', ({ id }) => counters.callers.gone(id))
  const asked = ready === undefined ? undefined : readiness
  return new Server({ node, options, counters, log, service, handler, readiness: asked })
}
