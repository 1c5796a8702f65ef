import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { byInsider } from './insider.js'
import { closed, open } from './raw-peer.js'
import { type Attack, Scene, until } from './scene.js'
import { tableOf } from './table.js'

/** Of the attacked node: a bare process of Node has about 30, ZeroMQ a few for each peer. */
const DESCRIPTORS = 256

/** More connections than the node can have. The last wait to be accepted: more than 100 do not. */
const crowd: Attack = {
  name: 'more connections than there are file descriptors',
  shows: { handshake: DESCRIPTORS / 2 },
  run: async (scene) => {
    const sockets = await openMany(DESCRIPTORS + 50, scene.targetPort)
    await scene.served(100)
    for (const socket of sockets) socket.destroy()
  },
}

/** Direct connections to a node of which the crowd has taken all file descriptors. */
const crowdedOut: Attack = {
  name: 'direct connections where there are no file descriptors',
  shows: { 'no-descriptor': 1 },
  run: byInsider(async (insider, scene) => {
    const { port } = await insider.offer()
    const sockets = await openMany(DESCRIPTORS + 50, scene.targetPort)
    await scene.counted('no-descriptor', 1)
    // Nobody can accept these: they are cut off, and do not come back again and again.
    await Promise.all((await openMany(20, port)).map(closed))
    await scene.served(100)
    for (const socket of sockets) socket.destroy()
    await until(() =>
      insider.connect().then(
        (socket) => !socket.destroy().connecting,
        () => false,
      ),
    )
  }),
}

async function openMany(count: number, port: number): Promise<Socket[]> {
  const sockets = []
  while (sockets.length < count) sockets.push(await open(port))
  return sockets
}

describe('a node that has no file descriptors left', { timeout: 120_000 }, () => {
  it('serves those whose connections stand, and newcomers when it has some again', async () => {
    const scene = await Scene.open({ descriptors: DESCRIPTORS })
    const outcomes = []
    for (const attack of [crowdedOut, crowd]) outcomes.push(await scene.suffer(attack))
    await scene.peer()
    await until(async () => (await scene.peers()) === 2)
    await scene.close()
    console.log(`\n${tableOf(outcomes)}\n`)
  })

  it('rests while strangers take all of them and say nothing, and says once what is wrong', async () => {
    const node = await IdleNode.start(DESCRIPTORS)
    const strangers: Socket[] = []
    try {
      // Those who are sent away come back, so that there are always more than can be accepted.
      const crowded = new AbortController()
      const crowd = (async () => {
        while (!crowded.signal.aborted) {
          while (strangers.length < 2 * DESCRIPTORS) strangers.push(await open(node.port))
          await sleep(100)
          for (const [at, socket] of [...strangers.entries()].reverse())
            if (socket.destroyed) strangers.splice(at, 1)
        }
      })()
      await until(async () => ((await node.report()).dropped['no-descriptor'] ?? 0) > 5)
      await node.report()
      await sleep(4000)
      const { share, lines } = await node.report()
      crowded.abort()
      await crowd
      assert.deepEqual(lines.length, 1, lines.join('\n'))
      assert.match(String(lines[0]), /file descriptor/)
      // About 3 % on two idle cores. Where it does not rest, it takes a whole core.
      assert.ok(share < 1 / 5, `${(100 * share).toFixed(1)} % of a core`)
    } finally {
      for (const socket of strangers) socket.destroy()
      await node.stop()
    }
  })
})

interface IdleReport {
  readonly share: number
  readonly lines: readonly string[]
  readonly dropped: Readonly<Record<string, number>>
}

class IdleNode {
  readonly #child: ChildProcess
  readonly port: number

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
  }

  static async start(descriptors: number): Promise<IdleNode> {
    const program = fileURLToPath(new URL('idle.js', import.meta.url))
    const args = [process.execPath, program, String(20_000 + (process.pid % 3000))]
    const child = spawn('sh', ['-c', `ulimit -n ${descriptors}; exec "$0" "$@"`, ...args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const [{ endpoint }] = (await once(child, 'message')) as [{ endpoint: string }]
    return new IdleNode(child, Number(new URL(endpoint).port))
  }

  async report(): Promise<IdleReport> {
    this.#child.send('report')
    const [report] = (await once(this.#child, 'message')) as [IdleReport]
    return report
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.send('stop')
    await once(this.#child, 'exit')
  }
}
