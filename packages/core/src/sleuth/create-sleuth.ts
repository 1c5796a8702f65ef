import { checkOptions } from '../shared/options.js'
import type { Sleuth, SleuthOptions } from '../types.js'
import { Client } from './client.js'
import type { CreateNode } from './connect.js'

/** `createSleuth`, with the node below given: the seam for tests. */
export async function startSleuth(
  options: SleuthOptions | undefined,
  createNode: CreateNode,
): Promise<Sleuth> {
  const client = new Client(checkOptions(options), 'await createSleuth()')
  await client.join(createNode)
  return client
}
