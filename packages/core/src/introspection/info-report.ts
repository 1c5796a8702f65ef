import { hostname } from 'node:os'
import type { ZreNode } from '@sleuth/zre'
import type { CheckedOptions } from '../shared/options/options.js'
import { VERSION } from '../shared/version.js'
import type { InfoReport } from '../types.js'

export interface InfoFacts {
  readonly node: ZreNode
  readonly options: CheckedOptions
  /** When the node joined: milliseconds since 1970. */
  readonly started: number
  readonly ready: boolean
}

/** Who this node is. */
export function infoReport({ node, options, started, ready }: InfoFacts): InfoReport {
  const { service, version, group, limits, maxInflight, wire, name } = options
  const { interface: networkInterface, discovery } = node.network()
  return {
    id: node.id,
    name: name ?? node.name,
    service,
    version,
    group,
    started: new Date(started).toISOString(),
    ready,
    host: hostname(),
    pid: process.pid,
    node: process.version.slice(1),
    platform: `${process.platform}-${process.arch}`,
    sleuth: VERSION,
    endpoint: node.endpoint,
    interface: networkInterface,
    discovery: [...discovery],
    wires: wire === 1 ? [1] : [1, 2],
    // JSON knows no Infinity.
    limits: { ...limits, requestTime: finite(limits.requestTime), maxInflight: finite(maxInflight) },
  }
}

function finite(limit: number): number | null {
  return limit === Number.POSITIVE_INFINITY ? null : limit
}
