// What the page shows of a report, in the form in which it reads it. Everything else is left out: the page would stop at it.

import { type Fields, isLeaf, leaves, list, object } from '../samples/fields.js'

export function readInfo(report: unknown): Fields {
  const { interface: network, discovery, limits } = object(report)
  return {
    ...leaves(report),
    ...(isLeaf(network) ? {} : { interface: leaves(network) }),
    discovery: (isLeaf(discovery) ? [discovery] : list(discovery)).filter(isLeaf),
    limits: leaves(limits),
  }
}

export function readStats(report: unknown): Fields {
  const { calls, callers, stats } = object(report)
  return {
    calls: Object.fromEntries(
      Object.entries(object(calls)).map(([service, counted]) => [service, leaves(counted)]),
    ),
    callers: list(callers).map(leaves),
    stats: { dropped: leaves(object(stats).dropped) },
  }
}

export function readLinks(report: unknown): Fields {
  return { links: list(object(report).links).map(readLink) }
}

function readLink(link: unknown): Fields {
  const { rtt, ...rest } = leaves(link)
  return typeof rtt === 'number' ? { ...rest, rtt } : rest
}
