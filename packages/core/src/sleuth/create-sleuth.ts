import { checkOptions } from '../shared/options.js'
import type { Sleuth, SleuthOptions } from '../types.js'
import { Client } from './client.js'
import { type CreateNode, createNode } from './connect.js'
import type { JoinOptions } from './node.js'

/** Does the work of `createSleuth`. Tests give the node that joins the network. */
export async function startSleuth(
  options: SleuthOptions | undefined,
  create: CreateNode = createNode,
  how: JoinOptions = { direct: create === createNode },
): Promise<Sleuth> {
  const client = new Client(checkOptions(options), 'await createSleuth()')
  await client.join(create, how)
  return client
}
