import { type Check, count, type Finding, ok, some, warn } from '../check.js'
import type { Context } from '../context.js'
import { instancesOf } from '../mesh.js'

const GO_CANT =
  'bodies to and from them travel whole, up to about 24 MB, and each answers one request at a time and can be asked nothing'

/** Instances that speak wire 1: those of sleuth for Go, and Node services that were told to. */
export const wires: Check = {
  name: 'wires',
  async run({ settings, mesh }: Pick<Context, 'settings' | 'mesh'>): Promise<Finding[]> {
    const old = instancesOf(await mesh(), settings.group).filter(({ wire }) => wire < 2)
    const go = old.filter(({ isGo }) => isGo).map(({ service }) => service)
    const node = old.filter(({ isGo }) => !isGo).map(({ service, endpoint }) => `${service} at ${endpoint}`)
    const findings: Finding[] = []
    if (go.length > 0)
      findings.push(ok(`${count(go.length, 'instance')} of sleuth for Go (${some(go)}): ${GO_CANT}`))
    if (node.length > 0) {
      findings.push(
        warn(
          `Node speaks wire 1 alone in ${some(node)}: bodies travel whole`,
          'Leave out the option wire: 1 there.',
        ),
      )
    }
    return findings
  },
}
