import type { Logger, Sleuth, SleuthOptions } from '@sleuth/core'
import type { Io } from './command.js'
import { type NetworkValues, sleuthOptions } from './options.js'
import { jsonLine, plain } from './output/text.js'

/**
 * Joins the network as a node that only calls, unless `more` says otherwise. The caller closes it. The library is loaded
 * here, so that what needs no network starts fast.
 */
export async function connect(
  values: Partial<NetworkValues>,
  io: Io,
  more: SleuthOptions = {},
): Promise<Sleuth> {
  const options = await sleuthOptions(values)
  const { createSleuth } = await import('@sleuth/core')
  return createSleuth({ name: 'sleuth-cli', ...options, logger: loggerOf(io), ...more })
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
