import { networkInterfaces } from 'node:os'
import type { Logger, Sleuth, SleuthOptions } from '@sleuth/core'
import type { Io } from './command.js'
import { type NetworkValues, sleuthOptions } from './options.js'
import { jsonLine, plain } from './output/text.js'
import { ownPlace } from './own-place.js'

/**
 * Joins the network as a node that only calls, at a place of its own. The caller closes it. The library is loaded here, so that
 * what needs no network starts fast.
 */
export async function connect(
  values: Partial<NetworkValues>,
  io: Io,
  more: SleuthOptions = {},
): Promise<Sleuth> {
  const place = await besideServices(await sleuthOptions(values), io)
  return connectAsService(values, io, { ...place, ...more })
}

/** The same where `SLEUTH_LISTEN` and `SLEUTH_ADVERTISE` say: this node is what they are for. */
export async function connectAsService(
  values: Partial<NetworkValues>,
  io: Io,
  more: SleuthOptions,
): Promise<Sleuth> {
  const options = await sleuthOptions(values)
  const { createSleuth } = await import('@sleuth/core')
  return createSleuth({ name: 'sleuth-cli', ...options, logger: loggerOf(io), ...more })
}

async function besideServices(options: SleuthOptions, { env }: Pick<Io, 'env'>): Promise<SleuthOptions> {
  if (!env.SLEUTH_LISTEN && !env.SLEUTH_ADVERTISE) return {}
  const zre = await import('@sleuth/zre/diagnostics')
  try {
    const settings = zre.checkDiscovery(options, env)
    const asked = options.interface ?? zre.ipv4HostOf(settings.listen)
    const { address } = zre.chooseNetwork(zre.preferenceOf(asked, env), networkInterfaces())
    return await ownPlace(settings, address)
  } catch {
    // The library meets the same problem, and says which.
    return {}
  }
}

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const

/** Lines of the library go to stderr from the level `SLEUTH_LOG_LEVEL` on. Without it there are none. */
function loggerOf({ stderr, env, json }: Io): Logger {
  // For a level that is none of these the library shows as much as for `debug`, and so does this.
  const wanted = env.SLEUTH_LOG_LEVEL || 'silent'
  const known = levels.indexOf(wanted === 'fatal' ? 'silent' : (wanted as (typeof levels)[number]))
  const least = known === -1 ? levels.indexOf('debug') : known
  const write =
    (level: (typeof levels)[number]): Logger['info'] =>
    (fields, message) => {
      if (levels.indexOf(level) < least) return
      stderr.write(json ? jsonLine({ level, ...fields, message }) : `${level}: ${plain(String(message))}\n`)
    }
  const lines = { trace: write('trace'), debug: write('debug'), info: write('info') }
  return { ...lines, warn: write('warn'), error: write('error') }
}
