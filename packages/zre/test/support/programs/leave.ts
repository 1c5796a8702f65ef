/** Joins, waits for a peer, closes, and must then end by itself. With `listener`: closes from within an event. */
import { createNode } from '@sleuth/zre'

const node = await createNode({
  interface: 'loopback',
  port: Number(process.argv[2]),
  interval: 20,
  evasive: 100,
  expired: 10_000,
})
if (process.argv[3] === 'listener') {
  // Evasive comes with a tick of the node's own timer.
  node.on('evasive', () => void node.close().then(() => console.log('closed')))
} else {
  node.on('enter', ({ id }) => {
    node.whisper(id, 'hello')
    void node.close().then(() => console.log('closed'))
  })
}
