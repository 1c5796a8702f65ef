// Some nodes of a mesh in one process. Argument: { contender, udpPort, tcpPort, total, index, nodes } as JSON.
// Told what to do by messages; tells each time when all nodes of this process know another number of others, all the same.
import { setTimeout as sleep } from 'node:timers/promises'
import { contenders } from './contenders.js'
import { monotonicNow } from './process-stats.js'

const work = JSON.parse(process.argv[2])
const known = Array(work.nodes).fill(0)
let told = -1
let closers = []

function changed(node, by) {
  known[node] += by
  const [first] = known
  if (first === told || !known.every((number) => number === first)) return
  told = first
  process.send({ event: 'known', others: first, at: monotonicNow() })
}

const actions = {
  async start() {
    closers = await Promise.all(known.map((_, node) => join(node, (by) => changed(node, by))))
    process.send({ event: 'joined' })
  },

  async memory() {
    for (let times = 0; times < 3; times++) {
      globalThis.gc()
      await sleep(200)
    }
    process.send({ event: 'memory', bytes: process.memoryUsage().rss })
  },

  async close() {
    await Promise.all(closers.map((close) => close()))
    process.exit()
  },
}

const join = await contenders[work.contender](work)
process.on('message', (name) => actions[name]())
process.send({ event: 'loaded' })
