import { sleuthError } from './errors.js'

/**
 * Options by environment, so that an image needs no code. Those of discovery are read where they are used, in the ZRE node. A
 * variable whose option is given is not read: it may be wrong.
 */
export function environmentOptions(
  env: NodeJS.ProcessEnv,
  given: { readonly port?: unknown; readonly group?: unknown; readonly logLevel?: unknown } = {},
): {
  port?: number
  group?: string
  logLevel?: string
} {
  const { SLEUTH_PORT: port, SLEUTH_GROUP: group, SLEUTH_LOG_LEVEL: logLevel } = env
  return {
    ...(port && given.port === undefined && { port: portOf(port.trim()) }),
    ...(group && given.group === undefined && { group }),
    ...(logLevel && given.logLevel === undefined && { logLevel }),
  }
}

function portOf(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port
  const why = 'SLEUTH_PORT must be a whole number from 1 to 65535'
  throw sleuthError('SLEUTH_PORT', { port: JSON.stringify(text.slice(0, 60)), why }, { codes: [905, 901] })
}
