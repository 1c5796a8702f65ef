// One node that knows many others: what they cost it while nothing happens. They are bare peers in another process, which
// answer as those of another library do.
import { fork } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startMember } from './mesh.js'
import { cpuOf, descriptorsOf } from './process-stats.js'

/** Milliseconds until a node that has met others is quiet, and while it is watched then. */
const SETTLE_MS = 30_000
const IDLE_MS = 20_000

export async function measureSwarm({ peers, udpPort, checkout }) {
  const work = { contender: 'sleuth', udpPort, total: 1, index: 0, nodes: 1 }
  const member = startMember(work, checkout)
  const swarm = fork(fileURLToPath(new URL('raw-peers.js', import.meta.url)), [
    String(peers),
    String(udpPort),
  ])
  try {
    await member.next('loaded')
    member.child.send('start')
    await member.next('joined')
    const alone = { descriptors: descriptorsOf(member.pid), memory: await member.memory() }
    swarm.send('start')
    if ((await member.knows(peers)) === undefined) throw new Error(`not all of ${peers} peers were met`)
    await sleep(SETTLE_MS)
    const before = cpuOf(member.pid)
    await sleep(IDLE_MS)
    return {
      peers,
      idle: ((cpuOf(member.pid) - before) / IDLE_MS) * 100,
      descriptors: (descriptorsOf(member.pid) - alone.descriptors) / peers,
      memory: ((await member.memory()) - alone.memory) / peers / 1024,
    }
  } finally {
    member.child.kill('SIGKILL')
    swarm.kill('SIGKILL')
  }
}
