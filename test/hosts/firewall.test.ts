import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pass } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { EmulatedLink, emulatedLinkMissing } from './emulated-link.js'
import { LineProcess } from './line-process.js'
import { describeUnless } from './missing.js'
import type { Host } from './namespaces.js'

const port = String(20_000 + (process.pid % 10_000))
const peerProgram = fileURLToPath(new URL('./node-peer.js', import.meta.url))

interface Nodes {
  link: EmulatedLink
  one: LineProcess
  other: LineProcess
}

/** Two nodes on two hosts, of which the first can not connect to the second, or neither to the other. */
function behindFirewall(both: boolean, run: (nodes: Nodes) => Promise<void>): () => Promise<void> {
  return async () => {
    const started: LineProcess[] = []
    const link = await EmulatedLink.create()
    const start = (host: Host): LineProcess => {
      const command = host.command([process.execPath, peerProgram, '--port', port, '--expired', '2000'])
      const child = new LineProcess(command, { SLEUTH_INTERFACE: '', ZSYS_INTERFACE: '' })
      started.push(child)
      return child
    }
    try {
      const [a, b] = link.hosts
      await link.set(both ? 'both' : { from: a }, { block: 'syn' })
      const [one, other] = [start(a), start(b)]
      await Promise.all([one.news('ready'), other.news('ready')])
      await run({ link, one, other })
    } finally {
      await Promise.all(started.map((child) => child.kill()))
      await link.delete()
    }
  }
}

/** What a node says of how far it is with the other. */
async function reachOf(node: LineProcess): Promise<unknown> {
  return (await node.tell('sightings')).reach
}

async function until(node: LineProcess, reach: string): Promise<void> {
  while ((await reachOf(node)) !== reach) await pass(200)
}

/** A node has received so many beacons, its own among them. */
async function heard(node: LineProcess, beacons: number): Promise<void> {
  while (Number((await node.tell('beacons')).count) < beacons) await pass(200)
}

describeUnless(await emulatedLinkMissing(), 'a link that keeps something back', { concurrency: true }, () => {
  test(
    'a firewall that lets UDP pass and not TCP, one way: each node shows which way is blocked, neither enters, and they meet when it is opened',
    behindFirewall(false, async ({ link, one, other }) => {
      await Promise.all([until(one, 'unreachable'), until(other, 'unanswered')])
      assert.deepEqual(
        [await one.tell('events'), await other.tell('events')].map(({ count }) => count),
        [0, 0],
      )
      await link.set('both', { block: 'none' })
      await Promise.all([one.news('enter'), other.news('enter')])
      assert.deepEqual([await reachOf(one), await reachOf(other)], ['connected', 'connected'])
      assert.deepEqual(
        [await one.tell('events'), await other.tell('events')].map(({ count }) => count),
        [1, 1],
      )
    }),
  )

  test(
    'a firewall that lets UDP pass and not TCP, both ways: either node is out of reach of the other',
    behindFirewall(true, async ({ one, other }) => {
      await Promise.all([until(one, 'unreachable'), until(other, 'unreachable')])
      assert.deepEqual(
        [await one.tell('events'), await other.tell('events')].map(({ count }) => count),
        [0, 0],
      )
    }),
  )

  test('a link that loses one frame in twenty keeps nobody apart: two nodes meet once, and stay', async () => {
    const link = await EmulatedLink.create({ loss: 0.05, seed: 3, delay: 5 })
    const started: LineProcess[] = []
    try {
      for (const host of link.hosts) {
        const command = host.command([process.execPath, peerProgram, '--port', port])
        started.push(new LineProcess(command, { SLEUTH_INTERFACE: '', ZSYS_INTERFACE: '' }))
      }
      await Promise.all(started.map((node) => node.news('enter')))
      // Either sends as many as half of these in its first 10 s.
      for (const node of started) await heard(node, 26)
      for (const node of started) assert.equal((await node.tell('events')).count, 1)
    } finally {
      await Promise.all(started.map((child) => child.kill()))
      await link.delete()
    }
  })
})
