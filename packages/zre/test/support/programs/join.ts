/** Joins the network on loopback and port of the arguments, prints its id, and stays until it is killed. */
import { createNode } from '@sleuth/zre'

const node = await createNode({ interface: 'loopback', port: Number(process.argv[2]) })
console.log(node.id)
