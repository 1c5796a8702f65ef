import { sleuthError } from '../errors.js'

/**
 * Options by environment, so that an image needs no code. Those of discovery are read where they are used, in the ZRE node. A
 * variable whose option is given is not read: it may be wrong.
 */
export function environmentOptions(
  env: NodeJS.ProcessEnv,
  given: {
    readonly port?: unknown
    readonly group?: unknown
    readonly logLevel?: unknown
    readonly meta?: unknown
  } = {},
): {
  port?: number
  group?: string
  logLevel?: string
  meta?: Record<string, string>
} {
  const { SLEUTH_PORT: port, SLEUTH_GROUP: group, SLEUTH_LOG_LEVEL: logLevel, SLEUTH_META: meta } = env
  return {
    ...(port && given.port === undefined && { port: portOf(port.trim()) }),
    ...(group && given.group === undefined && { group }),
    ...(logLevel && given.logLevel === undefined && { logLevel }),
    ...(meta && given.meta === undefined && { meta: metaOf(meta) }),
  }
}

/** `zone=a,canary=true` */
function metaOf(text: string): Record<string, string> {
  const pairs = text.split(',').map((pair) => {
    const equals = pair.indexOf('=')
    if (equals > 0) return [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()]
    const problem = `is, by SLEUTH_META, ${JSON.stringify(text.slice(0, 60))}: write labels as zone=a,canary=true`
    throw sleuthError('SLEUTH_OPTION', { option: 'meta', problem })
  })
  return Object.fromEntries(pairs)
}

function portOf(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port
  const why = 'SLEUTH_PORT must be a whole number from 1 to 65535'
  throw sleuthError('SLEUTH_PORT', { port: JSON.stringify(text.slice(0, 60)), why }, { codes: [905, 901] })
}
