// Many nodes that all know each other, on loopback: what they cost while nothing happens, and how fast they form, notice a
// death, and close.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { cpuOf, descriptorsOf, monotonicNow } from './process-stats.js'

/** Milliseconds until new nodes are no longer new, and while they are watched then. */
const SETTLE_MS = 20_000
const IDLE_MS = 10_000
/** Milliseconds after which what has not happened does not. */
const LIMIT_MS = 60_000

/** Undefined where something takes longer than the limit. */
export async function measureMesh({ contender, processes, nodes, udpPort, tcpPort, checkout }) {
  const total = processes * nodes
  const members = Array.from({ length: processes }, (_, number) =>
    startMember({ contender, udpPort, tcpPort, total, index: number * nodes, nodes }, checkout),
  )
  try {
    await Promise.all(members.map((member) => member.next('loaded')))
    const [first] = members
    first.child.send('start')
    await first.next('joined')
    if (nodes > 1) await first.knows(nodes - 1)
    const alone = { descriptors: descriptorsOf(first.pid), memory: await first.memory() }
    const started = monotonicNow()
    for (const { child } of members.slice(1)) child.send('start')
    const formed = await allKnow(members, total - 1, started)
    await sleep(SETTLE_MS)
    const before = cpuOfAll(members)
    await sleep(IDLE_MS)
    const idle = ((cpuOfAll(members) - before) / IDLE_MS) * 100
    // Of each node of the first process: the others that were not there before.
    const links = nodes * (total - nodes)
    const descriptors = (descriptorsOf(first.pid) - alone.descriptors) / links
    const memory = ((await first.memory()) - alone.memory) / links / 1024
    const killed = monotonicNow()
    members.at(-1).child.kill('SIGKILL')
    const noticed = await allKnow(members.slice(0, -1), total - 1 - nodes, killed)
    return {
      contender,
      processes,
      nodes: total,
      formed,
      idle,
      noticed,
      ...(await closeAll(members)),
      descriptors,
      memory,
    }
  } finally {
    for (const { child } of members) child.kill('SIGKILL')
  }
}

async function closeAll(members) {
  const closing = performance.now()
  const ended = members.map(async ({ child }) => {
    // Not the one that was killed.
    if (!child.connected) return
    child.send('close')
    await once(child, 'exit')
  })
  const late = sleep(LIMIT_MS, 'late', { ref: false })
  return (await Promise.race([Promise.all(ended), late])) === 'late'
    ? {}
    : { closed: performance.now() - closing }
}

function cpuOfAll(members) {
  return members.reduce((sum, { pid }) => sum + cpuOf(pid), 0)
}

/** Milliseconds from then until all knew so many others. */
async function allKnow(members, others, since) {
  const times = await Promise.all(members.map((member) => member.knows(others)))
  return times.includes(undefined) ? undefined : Math.max(...times) - since
}

export function startMember(work, checkout) {
  const hooks =
    checkout === undefined ? [] : ['--import', new URL('../lib/from-checkout.js', import.meta.url).href]
  const env = { ...process.env, SLEUTH_INTERFACE: 'loopback', SLEUTH_BENCH_CHECKOUT: checkout }
  if (checkout === undefined) delete env.SLEUTH_BENCH_CHECKOUT
  const path = fileURLToPath(new URL('nodes.js', import.meta.url))
  const child = fork(path, [JSON.stringify(work)], { env, execArgv: [...hooks, '--expose-gc'] })
  /** The last of each event. */
  const last = new Map()
  child.on('message', (message) => last.set(message.event, message))
  const until = async (found) => {
    const end = performance.now() + LIMIT_MS
    for (let result = found(); performance.now() < end; result = found()) {
      if (result !== undefined) return result
      if (child.exitCode !== null) throw new Error(`a process of the mesh ended with code ${child.exitCode}`)
      await sleep(20)
    }
    return undefined
  }
  return {
    child,
    pid: child.pid,
    next: (event) => until(() => last.get(event)),
    async memory() {
      last.delete('memory')
      child.send('memory')
      return (await until(() => last.get('memory'))).bytes
    },
    /** When it told that all its nodes know so many others. */
    knows: (others) => until(() => (last.get('known')?.others === others ? last.get('known').at : undefined)),
  }
}
