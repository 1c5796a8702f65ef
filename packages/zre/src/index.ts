import { Node } from './node.js'
import { checkOptions } from './options.js'
import type { NodeOptions, ZreNode } from './types.js'
import { newId, newMarkedId } from './wire/identity.js'
import { zeromqParts } from './zeromq-parts.js'

export { ZreError, type ZreErrorCode } from './error.js'
export { generateKeys } from './security/keys.js'
export type {
  Allow,
  ConnectedPeer,
  Content,
  Discovery,
  DiscoveryHost,
  ExitReason,
  FoundNode,
  Introduced,
  KeyPair,
  Listen,
  Logger,
  NetworkInfo,
  NodeEvents,
  NodeOptions,
  NodeStats,
  Peer,
  Reach,
  Security,
  Sighting,
  ZreNode,
} from './types.js'

/** Joins the network. Resolves when the node can be found and can send; rejects with a `ZreError`. */
export async function createNode(options: NodeOptions = {}): Promise<ZreNode> {
  const settings = checkOptions(options)
  const id = settings.introduced === undefined ? newId() : newMarkedId()
  const node = new Node(settings, id, zeromqParts(settings, id))
  await node.open()
  return node
}
