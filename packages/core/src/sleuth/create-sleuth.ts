import { checkOptions } from '../shared/options.js'
import type { Sleuth, SleuthOptions } from '../types.js'
import { Client } from './client.js'
import { type CreateNode, createNode } from './connect.js'

/** What `createSleuth` does. Tests give the node that joins the network. */
export async function startSleuth(
  options: SleuthOptions | undefined,
  create: CreateNode = createNode,
): Promise<Sleuth> {
  const client = new Client(checkOptions(options), 'await createSleuth()')
  await client.join(create)
  return client
}
