import { formatEndpoint, parseEndpoint } from '../wire/endpoint.js'
import type { PeerState } from './peer.js'
import type { NodeState } from './state.js'

/**
 * Whoever sends beacons in many names has us open a connection for each. How many may be open to one address that were not
 * met there: greeted without an answer, or never connected. On loopback all nodes share one address.
 */
export const MAX_PER_ADDRESS = 256
/** And to all addresses together. */
export const MAX_TOTAL = 512
/** To an address where nobody was met time and again fewer are opened at a time, and never less than these. */
export const MIN_PER_ADDRESS = 16
/** A HELLO needs a connection and not just a datagram, so more may come by one: those who are kept out by forged beacons. */
export const MAX_BY_HELLO = 512
/** What is held against an address is halved in this time. */
const DECAY_MS = 10_000

/** Whether a node may be greeted at an endpoint because of a beacon. */
export function mayConnect(state: NodeState, address: string): boolean {
  const { here, all } = countUnmet(state, address)
  const failures = state.failures.get(address) ?? 0
  return all < MAX_TOTAL && here < Math.max(MIN_PER_ADDRESS, MAX_PER_ADDRESS - failures)
}

/** Whether a node that has said HELLO may be greeted at the endpoint that it named. */
export function mayConnectByHello(state: NodeState, endpoint: string): boolean {
  return countUnmet(state, addressOf(endpoint)).here < MAX_BY_HELLO
}

/** Nobody was there: held against the address. Whether there are too many such to try again. */
export function recordFailure(state: NodeState, peer: PeerState): boolean {
  const address = addressOf(peer.endpoint)
  state.failures.set(address, Math.min(MAX_PER_ADDRESS, (state.failures.get(address) ?? 0) + 1))
  return !mayConnect(state, address)
}

export function decayFailures(state: NodeState, now: number): void {
  if (now < state.decayAt) return
  state.decayAt = now + DECAY_MS
  for (const [address, failures] of state.failures) {
    if (failures > 1) state.failures.set(address, failures >> 1)
    else state.failures.delete(address)
  }
}

/** For each datagram of a flood, so without parsing what is known. */
function countUnmet(state: NodeState, address: string): { here: number; all: number } {
  const start = formatEndpoint(address, 0).slice(0, -1)
  let here = 0
  let all = 0
  for (const peer of state.peers.values()) {
    if (peer.returning || (peer.connected && peer.view !== undefined)) continue
    all++
    if (peer.endpoint.startsWith(start)) here++
  }
  return { here, all }
}

function addressOf(endpoint: string): string {
  return parseEndpoint(endpoint)?.address ?? ''
}
