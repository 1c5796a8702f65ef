/** A ZRE node as a program: it tells of each peer that enters and leaves. */
import { parseArgs } from 'node:util'
import { createNode, type Peer } from '@sleuth/zre'
import { obey, write } from './program.js'

const { values } = parseArgs({
  options: { interface: { type: 'string' }, port: { type: 'string' }, expired: { type: 'string' } },
})

const node = await createNode({
  interface: values.interface,
  port: Number(values.port),
  ...(values.expired === undefined
    ? {}
    : { evasive: Number(values.expired) / 2, expired: Number(values.expired) }),
})
const describe = ({ id, name, endpoint }: Peer) => ({ peer: id, name, endpoint })
node.on('enter', (peer) => write({ event: 'enter', ...describe(peer) }))
node.on('exit', (peer, reason) => write({ event: 'exit', ...describe(peer), reason }))
node.on('leave', (peer, group) => write({ event: 'leave', ...describe(peer), group }))
node.on('whisper', (peer, frames) => write({ event: 'whisper', peer: peer.id, content: String(frames[0]) }))
/** How often a peer has entered or left. */
let events = 0
for (const event of ['enter', 'exit'] as const) node.on(event, () => events++)
write({ event: 'ready', peer: node.id, endpoint: node.endpoint })

obey<{ id: number; op: string; peer: string; content: string }>(async ({ op, peer, content }) => {
  switch (op) {
    case 'whisper':
      node.whisper(peer, content)
      return undefined
    case 'endpoint':
      return { endpoint: node.endpoint }
    case 'sightings':
      return { reach: node.sightings()[0]?.reach }
    case 'events':
      return { count: events }
    case 'beacons':
      return { count: node.stats().beaconsReceived }
    case 'close':
      await node.close()
      return undefined
    default:
      throw new Error(`unknown command ${op}`)
  }
})
