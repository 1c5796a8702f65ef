/**
 * Joins, and says hello to whoever enters. Told `block 500`, it stands still for 500 ms and says `done`; any other whisper
 * it answers with how many it has seen leave. If it is given seeds, it finds others by these alone.
 */
import { createNode } from '@sleuth/zre'

const [, , port, ...seeds] = process.argv
const discovery = seeds.length > 0 ? { discovery: [], seeds } : {}
const node = await createNode({ interface: 'loopback', port: Number(port), ...discovery })
let exits = 0
node.on('exit', () => exits++)
node.on('enter', ({ id }) => node.whisper(id, 'hello'))
node.on('whisper', ({ id }, frames) => {
  const [, duration] = /^block (\d+)$/.exec(String(frames[0])) ?? []
  if (duration === undefined) return node.whisper(id, `exits: ${exits}`)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(duration))
  node.whisper(id, 'done')
})
