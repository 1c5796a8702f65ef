import { type Check, type Finding, ok, warn } from '../check.js'
import type { Context } from '../context.js'
import { instancesOf } from '../mesh.js'

/** Instances of one service that have different versions. */
export const versions: Check = {
  name: 'versions',
  async run({ settings, mesh }: Pick<Context, 'settings' | 'mesh'>): Promise<Finding[]> {
    const services = new Map<string, Map<string, number>>()
    for (const { service, version } of instancesOf(await mesh(), settings.group)) {
      const counts = services.get(service) ?? new Map<string, number>()
      services.set(service, counts.set(version, (counts.get(version) ?? 0) + 1))
    }
    const findings = [...services].flatMap(([service, counts]) => {
      if (counts.size < 2) return []
      const list = [...counts].map(([version, number]) => `${version} (${number})`).join(', ')
      const text = `${service} has instances of different versions: ${list}`
      return [warn(text, 'Nothing, during a deployment; else restart the old ones.')]
    })
    if (findings.length > 0 || services.size === 0) return findings
    return [ok('all instances of each service have the same version')]
  },
}
