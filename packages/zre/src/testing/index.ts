export { type NetworkOptions, VirtualNetwork } from './network.js'
export type { Event, Observed, VirtualNode } from './node.js'
export { Random } from './random.js'
