import { createNode } from '../node/connect.js'
import type { JoinOptions } from '../node/join-options.js'
import { checkNodeVersion } from '../shared/node-version.js'
import { partsOf } from '../shared/options/network.js'
import type { CheckedOptions } from '../shared/options/options.js'
import type { Client } from './client.js'

/** Joins the network that the options name, else the one that tests have put the process on, else that of the machine. */
export async function joinNetwork(
  client: Client,
  { network: given }: CheckedOptions,
  how: JoinOptions = {},
): Promise<void> {
  checkNodeVersion(process.versions.node)
  const network = partsOf(given)
  if (network === undefined) return client.join(createNode, { ...how, direct: true })
  const member = { sleuth: client, end: () => client.end() }
  await client.join((options) => network.createNode(options, member), { ...how, network })
  await network.joined(member)
}
