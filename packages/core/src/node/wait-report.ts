import type { Sighting, ZreNode } from '@sleuth/zre'
import type { CheckedOptions } from '../shared/options/options.js'
import type { Logger, PeerState } from '../types.js'
import type { ServiceWaiters } from './waits.js'

/** Milliseconds after which the log reports a missing service. */
const REPORT_DELAY_MS = 10_000

/** Reports the services that a `waitFor` still waits for: once, and again only after all of them were found. */
export class WaitReporter {
  readonly #waits: Pick<ServiceWaiters, 'missing'>
  readonly #report: (missing: string[]) => void
  #timer: NodeJS.Timeout | undefined
  #reported = false

  constructor(waits: Pick<ServiceWaiters, 'missing'>, report: (missing: string[]) => void) {
    this.#waits = waits
    this.#report = report
  }

  /** A wait begins. The time goes on between waits, because some users give up and try again. */
  begin(): void {
    if (this.#reported || this.#timer !== undefined) return
    this.#timer = setTimeout(() => this.#onTimer(), REPORT_DELAY_MS).unref()
  }

  /** An instance appeared. */
  check(): void {
    if (this.#waits.missing().length === 0) this.close()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#reported = false
  }

  #onTimer(): void {
    this.#timer = undefined
    const missing = this.#waits.missing()
    if (missing.length === 0) return
    this.#reported = true
    this.#report(missing)
  }
}

/** Writes to the log what is missing, and what a node that has joined hears of others. */
export function logWait(
  missing: readonly string[],
  node: ZreNode | undefined,
  { port, group }: CheckedOptions,
  log: Logger,
): void {
  if (node === undefined) return
  const { dropped } = node.stats()
  const { fields, message } = reportOf(missing, { sightings: node.sightings(), dropped })
  log.warn({ ...fields, endpoint: node.endpoint, port, group }, message)
}

export interface Heard {
  readonly sightings: readonly Sighting[]
  /** The number of dropped messages, by reason. */
  readonly dropped: Readonly<Record<string, number>>
}

/** The most names in a line of the log. */
const MAX_NAMES = 20

const OTHERS_ONLY = ['encrypted', 'unencrypted', 'key-refused', 'beacon-off-network'] as const

/** Tells why a wait may still wait: what was heard of other nodes, and what was not. Names of peers are only in the fields. */
export function reportOf(missing: readonly string[], { sightings, dropped }: Heard) {
  const count = (state: PeerState) => sightings.filter(({ reach }) => reach === state).length
  const [connected, unreachable, unanswered, refused] = [
    count('connected'),
    count('unreachable'),
    count('unanswered'),
    count('refused'),
  ]
  const turnedAway = Object.fromEntries(
    OTHERS_ONLY.flatMap((reason) => (dropped[reason] ? [[reason, dropped[reason]]] : [])),
  )
  const found = new Set<string>()
  for (const { reach, peer } of sightings) {
    const [service, group] = [peer?.headers.get('type'), peer?.headers.get('group')]
    if (reach === 'connected' && service && found.size < MAX_NAMES) found.add(`${group}: ${service}`)
  }
  return {
    fields: {
      missing: missing.slice(0, MAX_NAMES),
      heard: sightings.length,
      connected,
      unreachable,
      unanswered,
      refused,
      turnedAway,
      found: [...found],
    },
    message: `sleuth: waitFor still waits; ${causeOf(connected, refused, sightings.length, turnedAway)}`,
  }
}

function causeOf(connected: number, refused: number, heard: number, turnedAway: object): string {
  if (connected > 0) {
    return 'other nodes are connected, and none of them offers what is missing; compare the names and the group'
  }
  if (refused > 0) return 'other nodes do not let this one in; add its public key to their security.allow'
  if (heard > 0) {
    return (
      'other nodes are heard by UDP, and none is connected by TCP in both directions; ' +
      'let TCP pass between the machines, see sleuth.peers()'
    )
  }
  if (Object.keys(turnedAway).length > 0) {
    return (
      'only nodes were heard that do not belong to this network; ' +
      'compare options.security and options.interface, see dropped in sleuth.stats()'
    )
  }
  return (
    'no other node was heard; use the same options.port everywhere and an interface of the same network, ' +
    'and let that UDP port pass'
  )
}
