import type { SleuthOptions } from '@sleuth/core'
import { checkOptions, environmentOptions } from '@sleuth/core/diagnostics'
import { checkDiscovery, type DiscoverySettings, ipv4HostOf, preferenceOf } from '@sleuth/zre/diagnostics'
import { UsageError } from '../usage-error.js'
import type { Settings } from './context.js'

/**
 * What the options and the environment ask for, read as the library reads them. Throws for a wrong option. A wrong variable is for
 * a check to say, and counts as none here.
 */
export function settingsOf(
  options: SleuthOptions,
  ports: readonly number[],
  env: NodeJS.ProcessEnv,
): Settings {
  const { security } = options
  const checked = checkOptions({ ...variables(env), ...given(options) })
  checkSeeds(options)
  const discovery = discoveryOf(options, env)
  return {
    preference: preferenceOf(options.interface ?? ipv4HostOf(discovery?.listen ?? {}), env),
    port: checked.port,
    ports,
    group: checked.group,
    keys: security,
    discovery,
    maxPeers: checked.limits.peers,
  }
}

function checkSeeds(options: SleuthOptions): void {
  try {
    checkDiscovery(options, {})
  } catch (error) {
    throw new UsageError(`--seed: ${(error as Error).message}`)
  }
}

function variables(env: NodeJS.ProcessEnv): { port?: number; group?: string } {
  const found: { port?: number; group?: string } = {}
  for (const name of ['SLEUTH_PORT', 'SLEUTH_GROUP']) {
    try {
      Object.assign(found, environmentOptions({ [name]: env[name] }))
    } catch {
      // The check of the environment says so.
    }
  }
  // The library reads the environment for what is not given.
  return { port: 5670, group: 'SLEUTH-v1', ...found }
}

/** Without what is undefined, which would hide what is there. */
function given(options: SleuthOptions): SleuthOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

function discoveryOf(options: SleuthOptions, env: NodeJS.ProcessEnv): DiscoverySettings | undefined {
  try {
    return checkDiscovery(options, env)
  } catch {
    return undefined
  }
}
