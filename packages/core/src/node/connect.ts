import type { Logger, NodeOptions, ZreNode } from '@sleuth/zre'
import { announcement } from '../directory/instance.js'
import type { Introductions } from '../membership/introductions.js'
import { mostAtFirst } from '../membership/may-greet.js'
import { reasonOf, type SleuthError, sleuthError } from '../shared/errors.js'
import { logProblem } from '../shared/log.js'
import type { CheckedOptions } from '../shared/options/options.js'
import { isControlPacket } from '../transport/streams/control-packet.js'

/** Makes the ZRE node: `createNode` of `@sleuth/zre`, or a test's. */
export type CreateNode = (options: NodeOptions) => Promise<ZreNode>

/** Loads `@sleuth/zre` when the first node joins: it takes half of the time that this package takes to load. */
export async function createNode(options: NodeOptions): Promise<ZreNode> {
  const zre = await import('@sleuth/zre')
  return zre.createNode(options)
}

/**
 * Joins the network as the options tell. `isAwaited`: whether a call to a peer, or from it, is under way. `introductions`: what
 * this node knows of others, from when it has joined. Rejects with Go's
 * trace: `[905, 901]`.
 */
export async function connect(
  create: CreateNode,
  options: CheckedOptions,
  logger: Logger,
  isAwaited: (peer: string) => boolean,
  introductions: () => Introductions | undefined,
): Promise<ZreNode> {
  // A message that is too large for sleuth is counted and logged. Only for one beyond reason the node closes the connection.
  const most = maxQueueSize(options)
  try {
    return await create({
      interface: options.interface,
      port: options.port,
      discovery: options.discovery,
      seeds: options.seeds,
      listen: options.listen,
      advertise: options.advertise,
      networks: options.networks,
      headers: announcement(options),
      groups: [options.group],
      maxMessageSize: most,
      maxQueueSize: most,
      maxPeers: options.limits.peers,
      lost: options.lostAfter,
      isAwaited,
      isUse: (content) => !isControlPacket(content),
      // A node that reads no packets is told of nobody.
      introduced:
        options.wire === 1
          ? undefined
          : {
              count: () => introductions()?.count ?? 0,
              knows: (id) => introductions()?.knows(id) ?? false,
              greets: (id, heardOf) =>
                introductions()?.greets(id, heardOf) ?? heardOf < mostAtFirst(options.links),
            },
      // No other library speaks sleuth with encryption, so every peer must prove its identity.
      security: options.security && { ...options.security, proof: true },
      logger,
    })
  } catch (error) {
    throw startError(error, options)
  }
}

/** Nobody has chosen the interface: the log says which one it is. */
export function warnOfInterface(node: ZreNode, options: CheckedOptions, logger: Logger): void {
  if (options.interface ?? process.env.SLEUTH_INTERFACE ?? process.env.ZSYS_INTERFACE) return
  logProblem(logger, 'warn', sleuthError('SLEUTH_WARN_INTERFACE', { chosen: node.network().interface }))
}

/** The most bytes that wait for one peer. */
export function maxQueueSize(options: CheckedOptions): number {
  return Math.max(64 * 1024 * 1024, 2 * options.limits.message)
}

function startError(cause: unknown, { port }: CheckedOptions): SleuthError {
  const why = reasonOf(cause)
  const trace = { codes: [905, 901], cause }
  switch ((cause as { code?: unknown })?.code) {
    case 'ZRE_INTERFACE':
      return sleuthError('SLEUTH_INTERFACE', { why }, trace)
    case 'ZRE_PORT':
      return sleuthError('SLEUTH_PORT', { port, why }, trace)
    case 'ZRE_KEY':
      return sleuthError('SLEUTH_KEY', { why }, { codes: [1030, ...trace.codes], cause })
    case 'ZRE_ALLOW':
      return sleuthError('SLEUTH_ALLOW', { why }, { codes: [1031, ...trace.codes], cause })
    case 'ZRE_LISTEN':
      return sleuthError('SLEUTH_LISTEN', { why }, { codes: [1032, ...trace.codes], cause })
    case 'ZRE_OPTION':
    case 'ZRE_DISCOVERY':
      return sleuthError('SLEUTH_DISCOVERY', { why }, { codes: [1033, ...trace.codes], cause })
    default:
      return sleuthError('SLEUTH_START', { why }, trace)
  }
}
