export { Random } from './random.js'
export { Schedule } from './schedule.js'
export { type HostOptions, type NetworkOptions, VirtualNetwork } from './virtual-network.js'
export type { Observed, VirtualNode } from './virtual-node.js'
