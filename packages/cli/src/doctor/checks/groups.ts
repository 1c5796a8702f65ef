import { type Check, count, type Finding, some, warn } from '../check.js'
import type { Context } from '../context.js'
import { connectedOf, nameOf } from '../mesh.js'

/** Nodes that are met and belong to another group, so that neither sees the other's service. */
export const groups: Check = {
  name: 'groups',
  async run({ settings, mesh }: Pick<Context, 'settings' | 'mesh'>): Promise<Finding[]> {
    const others = new Map<string, string[]>()
    for (const peer of connectedOf(await mesh())) {
      const theirs = peer.announced?.groups ?? []
      const [group] = theirs
      if (group === undefined || theirs.includes(settings.group)) continue
      others.set(group, [...(others.get(group) ?? []), nameOf(peer)])
    }
    return [...others].map(([group, names]) =>
      warn(
        `${count(names.length, 'node')} ${names.length === 1 ? 'is' : 'are'} in the group "${group}", and not in "${settings.group}": ${some(names)}`,
        `If they are yours, use one group everywhere: ${optionFor(group)} here, the option group in the services.`,
      ),
    )
  },
}

/** A name that a peer made up is not for a shell. */
function optionFor(group: string): string {
  return /^[\w.-]+$/.test(group) ? `--group ${group}` : '--group'
}
