import { type Check, count, type Finding, fail, ok, warn } from '../check.js'
import type { Context } from '../context.js'

/** The directory by which nodes of one host find each other. */
export const hostDirectory: Check = {
  name: 'host-directory',
  async run({
    system,
    settings,
    network,
  }: Pick<Context, 'system' | 'settings' | 'network'>): Promise<Finding[]> {
    const asked = settings.discovery?.discovery
    const isDefault = asked === undefined && !(network instanceof Error) && network.loopback
    if (!isDefault && !asked?.includes('host')) return []
    try {
      const { path, entries } = await system.hostFolder(settings.port)
      return [ok(`${path} can be used, and has ${count(entries, 'node')}`)]
    } catch (error) {
      const text = `the host directory can't be used: ${(error as Error).message}`
      const remedy =
        'Delete it if it is yours, or set TMPDIR to a directory that this user may write to, the same for all services.'
      return [isDefault ? warn(text, remedy) : fail(text, remedy)]
    }
  },
}
