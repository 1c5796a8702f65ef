import { type Finding, fail, ok, warn } from '../check.js'
import type { Heard } from './message.js'

export interface Comparison {
  readonly word: string
  /** Our address, and that of the other, if it is known. */
  readonly here: string
  readonly there: string | undefined
  readonly port: number
  /** By which ways we hear the other, and the other hears us. `theirs` is undefined if it has never said that it hears us. */
  readonly heard: Heard
  readonly theirs: Heard | undefined
  /** Why our TCP connection to the other failed. */
  readonly dialError: string | undefined
}

/** What the two machines heard of each other. */
export function compare(comparison: Comparison): Finding[] {
  const { heard, theirs = new Set(), there, word } = comparison
  if (heard.size === 0 && theirs.size === 0) return [nobody(comparison)]
  const other = there ?? 'the other machine'
  const findings = [ok(`paired with ${other} by the word "${word}"`)]
  const byUdp = (['broadcast', 'multicast'] as const).map((way) => ({ way, ...directions(comparison, way) }))
  // Nodes use both ways, so that one is enough for each direction.
  const isEnough = byUdp.some(({ inward }) => inward) && byUdp.some(({ outward }) => outward)
  for (const { way, inward, outward } of byUdp) {
    const finding = oneWay(way, inward, outward, comparison)
    findings.push(finding.status === 'fail' && isEnough ? { ...finding, status: 'warn' } : finding)
  }
  findings.push(...tcp(comparison))
  return findings
}

/** `inward`: from there to here. */
function directions({ heard, theirs }: Comparison, way: 'broadcast' | 'multicast') {
  return { inward: heard.has(way), outward: theirs?.has(way) ?? false }
}

function oneWay(
  way: string,
  inward: boolean,
  outward: boolean,
  { here, there, port, theirs }: Comparison,
): Finding {
  const other = there ?? 'the other machine'
  if (inward && outward) return ok(`${way}: both machines hear each other`)
  if (!inward && !outward) {
    return fail(
      `${way}: neither machine hears the other`,
      `Look whether both are on one subnet and the switch or Wi-Fi between them passes ${way}; let UDP port ${port} in on both, or set seeds.`,
    )
  }
  if (inward) {
    const unsure = theirs === undefined ? ', or it never could say so' : ''
    return fail(
      `${way}: ${here} hears ${other}, and ${other} does not hear ${here}${unsure}`,
      `Let UDP port ${port} in on ${other}, and out on ${here}.`,
    )
  }
  return fail(
    `${way}: ${other} hears ${here}, and ${here} does not hear ${other}`,
    `Let UDP port ${port} in on ${here}, and out on ${other}.`,
  )
}

function tcp({ heard, theirs, here, there, dialError }: Comparison): Finding[] {
  const other = there ?? 'the other machine'
  // A message over a connection shows it open for whoever made it.
  const outward = heard.has('dialled') || theirs?.has('accepted')
  const inward = heard.has('accepted') || theirs?.has('dialled')
  if (outward && inward) return [ok('TCP: each machine can connect to the other')]
  const findings: Finding[] = []
  if (!outward) {
    findings.push(
      fail(
        `TCP: ${here} can't connect to ${other}${dialError === undefined ? '' : ` (${dialError})`}`,
        `Let TCP in on ${other}, on all ports that the system picks for programs (Linux: 32768 to 60999) or on a fixed one (listen).`,
      ),
    )
  }
  if (!inward) {
    findings.push(
      fail(
        `TCP: no connection from ${other} comes in at ${here}`,
        `Let TCP in on ${here}, on all ports that the system picks for programs (Linux: 32768 to 60999) or on a fixed one (listen).`,
      ),
    )
  }
  return findings
}

function nobody({ word, port, here }: Comparison): Finding {
  return warn(
    `no other machine with the word "${word}" was heard at ${here}`,
    `Run sleuth doctor --pair ${word} on the other machine at the same time, with the same --port (${port}), and read what it prints; on another subnet give each the address of the other.`,
  )
}
