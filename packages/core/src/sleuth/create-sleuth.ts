import type { CreateNode } from '../node/connect.js'
import type { JoinOptions } from '../node/join-options.js'
import { checkOptions } from '../shared/options/options.js'
import type { Sleuth, SleuthOptions } from '../types.js'
import { Client } from './client.js'
import { joinNetwork } from './join.js'

/** Does the work of `createSleuth`. Tests give the node that joins the network. */
export async function startSleuth(
  options: SleuthOptions | undefined,
  create?: CreateNode,
  how: JoinOptions = {},
): Promise<Sleuth> {
  const checked = checkOptions(options)
  const client = new Client(checked, 'await createSleuth()')
  await (create === undefined ? joinNetwork(client, checked, how) : client.join(create, how))
  return client
}
