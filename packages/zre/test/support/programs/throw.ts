/** A node whose listeners throw. What Node does with that is caught here; the node must go on. */
import { createNode } from '@sleuth/zre'

let thrown = 0
process.on('uncaughtException', () => thrown++)
const node = await createNode({ interface: 'loopback', port: Number(process.argv[2]), groups: ['g'] })
for (const type of ['enter', 'join', 'whisper', 'shout', 'leave'] as const) {
  node.on(type, () => {
    throw new Error(type)
  })
}
node.on('exit', async () => {
  await node.close()
  console.log(thrown)
})
