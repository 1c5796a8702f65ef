export { Random } from './random.js'
export { type NetworkOptions, VirtualNetwork } from './virtual-network.js'
export type { Event, Observed, VirtualNode } from './virtual-node.js'
