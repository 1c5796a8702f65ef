/**
 * A primary and two workers, each with a node on one discovery port. Each closes when all have seen both others, and have
 * heard everything that came to the port: sockets that are shared would hear a part of it each.
 */
import cluster from 'node:cluster'
import { createSocket } from 'node:dgram'
import { setTimeout as sleep } from 'node:timers/promises'
import { createNode } from '@sleuth/zre'

const port = Number(process.argv[2])
const DATAGRAMS = 20

const node = await createNode({ interface: 'loopback', port, evasive: 20_000, expired: 30_000 })
if (cluster.isPrimary) for (let count = 0; count < 2; count++) cluster.fork()

const seen = new Set<string>()
const done = new Set<string>()
let told = false

node.on('enter', async ({ id }) => {
  seen.add(id)
  if (seen.size < 2) return
  if (cluster.isPrimary) broadcast()
  // Counted, and not read in the log, whose lines are limited.
  while (heard() < DATAGRAMS) await sleep(10)
  told = true
  node.join('done')
  check()
})
node.on('join', ({ id }) => {
  done.add(id)
  check()
})

function heard(): number {
  return node.stats().dropped['beacon-signature'] ?? 0
}

function broadcast(): void {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1', () => {
    socket.setBroadcast(true)
    let left = DATAGRAMS
    for (let count = 0; count < DATAGRAMS; count++) {
      socket.send('to all', port, '127.255.255.255', () => --left === 0 && socket.close())
    }
  })
}

/** What we said last is heard before our leaving is, so nobody has to wait for the others. */
function check(): void {
  if (!told || heard() < DATAGRAMS || done.size < 2) return
  node.removeAllListeners()
  console.log(`${cluster.isPrimary ? 'primary' : 'worker'} saw ${seen.size}`)
  void node.close().then(() => cluster.isPrimary || process.disconnect())
}
