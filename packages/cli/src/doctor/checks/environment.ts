import { environmentOptions, isLogLevel } from '@sleuth/core/diagnostics'
import { checkDiscovery } from '@sleuth/zre/diagnostics'
import { type Check, type Finding, fail, ok, warn } from '../check.js'
import type { Context } from '../context.js'

/** What each variable that sleuth reads means. */
const MEANINGS: Readonly<Record<string, string>> = {
  SLEUTH_INTERFACE: 'the network interface',
  ZSYS_INTERFACE: 'the network interface, unless SLEUTH_INTERFACE is set',
  SLEUTH_PORT: 'the UDP port for discovery',
  SLEUTH_GROUP: 'the group of the services',
  SLEUTH_LOG_LEVEL: 'the level of the log',
  SLEUTH_DISCOVERY: 'how nodes find each other',
  SLEUTH_SEEDS: 'nodes beyond the reach of beacons',
  SLEUTH_LISTEN: 'where the node listens',
  SLEUTH_ADVERTISE: 'the endpoint that others are told',
  SLEUTH_NETWORKS: 'where the node may connect to',
}

/** An app may name its own variables so. */
const OF_APPS = /KEY|SECRET|TOKEN|PASSWORD|ALLOW/

/** The environment variables of sleuth that are set, and whether the library takes their values. */
export const environment: Check = {
  name: 'environment',
  async run({ system, settings }: Pick<Context, 'system' | 'settings'>): Promise<Finding[]> {
    const { env } = system
    const names = Object.keys(env).filter((name) => env[name] !== '')
    const known = names.filter((name) => Object.hasOwn(MEANINGS, name)).sort()
    const findings = known.map((name) => look(name, env[name] ?? '', settings))
    for (const name of names
      .filter((name) => /^SLEUTH_/i.test(name) && !Object.hasOwn(MEANINGS, name))
      .sort()) {
      if (!OF_APPS.test(name)) findings.push(unknown(name))
    }
    return findings
  },
}

function look(name: string, value: string, settings: Context['settings']): Finding {
  const problem = problemOf(name, value, settings)
  if (problem !== undefined) return fail(`${name}: ${problem}`, `Correct ${name}, or unset it.`)
  return ok(`${name} is "${value}": ${MEANINGS[name]}`)
}

function problemOf(name: string, value: string, { keys }: Context['settings']): string | undefined {
  if (name === 'SLEUTH_LOG_LEVEL') return isLogLevel(value) ? undefined : `there is no level "${value}"`
  try {
    environmentOptions({ [name]: value })
    // A seed may have a public key where there are keys alone.
    checkDiscovery({ security: keys && { ...keys, allow: [] } }, { [name]: value })
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function unknown(name: string): Finding {
  const near = Object.keys(MEANINGS).find((known) => distance(known, name.toUpperCase()) <= 2)
  const remedy = near === undefined ? `Unset ${name} if it is meant for sleuth.` : `Write ${near}.`
  return warn(`${name} is set, and sleuth reads no such variable`, remedy)
}

/** How many characters differ, one inserted or left out counted as one (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(same, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
