import type { SleuthOptions } from '@sleuth/core'
import { chooseNetwork } from '@sleuth/zre/diagnostics'
import type { Io } from '../command.js'
import type { Context } from './context.js'
import { realProbes } from './probes.js'
import { settingsOf } from './settings.js'
import { realSystem } from './system.js'

/** What checks are given of this machine alone. */
export type Machine = Pick<Context, 'system' | 'settings' | 'network' | 'probes'>

/** `ports`: further UDP ports to listen on. Throws for a wrong option. */
export function thisMachine(options: SleuthOptions, ports: readonly number[], { env }: Io): Machine {
  const system = realSystem(env)
  const settings = settingsOf(options, ports, env)
  return { system, settings, network: networkOf({ system, settings }), probes: realProbes(settings.keys) }
}

function networkOf({ settings, system }: Pick<Context, 'system' | 'settings'>): Context['network'] {
  try {
    return chooseNetwork(settings.preference, system.interfaces())
  } catch (error) {
    return error as Error
  }
}
