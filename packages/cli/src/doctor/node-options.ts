import type { SleuthOptions } from '@sleuth/core'
import type { NodeOptions } from '@sleuth/zre'
import { ownPlace } from '../own-place.js'
import type { Machine } from './machine.js'

/** What the doctor's own nodes are told. */
export type JoinOptions = Pick<
  SleuthOptions,
  'interface' | 'port' | 'group' | 'seeds' | 'security' | 'listen' | 'advertise' | 'limits'
>

/** As the services of this machine, but at a place of its own. */
export async function joinOptions(
  given: SleuthOptions,
  { settings, network }: Pick<Machine, 'settings' | 'network'>,
): Promise<JoinOptions> {
  const { interface: asked, seeds, security } = given
  return {
    interface: asked,
    seeds,
    security,
    port: settings.port,
    group: settings.group,
    limits: { peers: settings.maxPeers },
    ...(await ownPlace(settings.discovery ?? {}, network instanceof Error ? undefined : network.address)),
  }
}

/** The same for a node of ZRE alone. */
export function nodeOptions({ group: _, limits, security, ...options }: JoinOptions): NodeOptions {
  const node: NodeOptions = { ...options, maxPeers: limits?.peers }
  return security === undefined ? node : { ...node, security: { ...security, proof: true } }
}
