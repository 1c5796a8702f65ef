import type { NodeOptions } from '@sleuth/zre'
import { marked, type VirtualNetwork, type VirtualNode } from '@sleuth/zre/testing'

export interface NodeConfig {
  /** Where a process was that this one takes the place of. */
  readonly endpoint?: string | undefined
  /** Go's: it does not say which wire it speaks, and has no labels. */
  readonly go: boolean
  /** Bytes that may wait for a peer. */
  readonly maxQueueSize: number
  /** Called before each turn of the node: it is this process's turn. */
  readonly turn: () => void
}

/** A node on the virtual network, with what a process says of itself. */
export function addNode(network: VirtualNetwork, options: NodeOptions, config: NodeConfig): VirtualNode {
  const { headers = {}, groups = [], isAwaited, isUse, introduced } = options
  const { endpoint, go, maxQueueSize, turn } = config
  const anyId = network.random.hex(32).toUpperCase()
  const id = introduced === undefined ? anyId : marked(anyId)
  const {
    'sleuth-wire': wire,
    'sleuth-meta': meta,
    ...told
  } = typeof headers === 'function' ? headers(id) : headers
  return network.add(
    {
      headers: {
        ...told,
        ...(!go && wire !== undefined && { 'sleuth-wire': wire }),
        ...(!go && meta !== undefined && { 'sleuth-meta': meta }),
      },
      groups,
      isAwaited,
      isUse,
      introduced,
      maxQueueSize,
    },
    { id, endpoint, onTurn: turn, recorded: false },
  )
}
