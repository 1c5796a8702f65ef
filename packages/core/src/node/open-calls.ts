import type { ZreNode } from '@sleuth/zre'
import { Calls } from '../client/calls.js'
import type { Directory } from '../directory/directory.js'
import type { CheckedOptions } from '../shared/options/options.js'
import type { Counters } from '../shared/stats.js'
import { GoClient } from '../transport/go/client.js'
import type { PendingRequests } from '../transport/go/pending-requests.js'
import { LinkingTransport } from '../transport/linking.js'
import type { Sessions } from '../transport/streams/sessions.js'
import type { DownReason, Instance, Logger } from '../types.js'
import { knownInstead } from './known-instead.js'

/** The share of `lostAfter` for a link to be made, before a call goes to an instance that it has not tried. */
const LINK_SHARE = 1 / 4

interface CallParts {
  readonly options: CheckedOptions
  readonly counters: Counters
  readonly log: Logger
  readonly directory: Directory
  readonly sessions: Sessions
  readonly pending: PendingRequests
  /** Milliseconds, from any moment on. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
  /** Undefined until the node has joined. */
  readonly node: () => ZreNode | undefined
  /** Makes a link to an instance. Resolves to undefined when it stands, and else to why the instance can't be called. */
  readonly link: (instance: Instance) => Promise<DownReason | undefined> | undefined
}

/** The calls of a node, on both wires, with a link and without. */
export function openCalls(parts: CallParts): Calls {
  const { options, counters, log, directory, sessions, pending, node, link, now, random } = parts
  const { message, unzipped } = options.limits
  const go = new GoClient({
    group: options.group,
    // Requests are sent without compression, so a message is about as large as its unzipped content.
    maxMessageSize: Math.min(message, unzipped),
    id: () => node()?.id ?? '',
    pending,
    send: (peer, content, sent, failed) => sessions.to(peer).message(content, sent, failed),
  })
  const linking = {
    link: async (instance: Instance) => link(instance) ?? ('lost' as const),
    patience: options.lostAfter * LINK_SHARE,
    now,
  }
  return new Calls({
    wires: { 1: go, 2: sessions },
    linkingWires: {
      1: new LinkingTransport({ ...linking, wire: go }),
      2: new LinkingTransport({ ...linking, wire: sessions }),
    },
    liveness: {
      reachedAt: (peer) => node()?.reachedAt(peer),
      ping: (peer) => node()?.ping(peer),
      probe: async (peer) => node()?.probe(peer),
    },
    options,
    directory,
    counters,
    log,
    ownHost: () => hostOf(node()?.endpoint),
    known: (service) => knownInstead(service, directory.names(), () => node()?.sightings().length ?? 0),
    now,
    random,
  })
}

function hostOf(endpoint: string | undefined): string | undefined {
  return endpoint?.slice(0, endpoint.lastIndexOf(':'))
}
