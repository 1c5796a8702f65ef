import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { setTimeout as pass } from 'node:timers/promises'
import { createNode, type NodeOptions, type ZreNode } from '@sleuth/zre'
import { startSleuth } from '#src/sleuth/create-sleuth.js'
import type { Sleuth } from '#src/types.js'
import { freePort } from '../port.js'

const NODES = 24

interface Joined {
  readonly sleuth: Sleuth
  readonly node: ZreNode
}

async function join(t: TestContext, port: number, service: string): Promise<Joined> {
  let node: ZreNode | undefined
  const sleuth = await startSleuth(
    {
      interface: 'loopback',
      port,
      service,
      links: 'used',
      timeout: 5000,
      handler: (_, res) => res.end(service),
    },
    async (options: NodeOptions) => {
      node = await createNode(options)
      return node
    },
  )
  t.after(() => sleuth.close().catch(() => {}))
  return { sleuth, node: node as ZreNode }
}

/** Milliseconds after which what does not hold never will. */
const GIVE_UP_MS = 30_000

/** Looks again until something holds. */
async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + GIVE_UP_MS
  while (!holds()) {
    if (performance.now() > end) throw new Error(`never: ${holds}`)
    await pass(20)
  }
}

const known = ({ sleuth }: Joined) => sleuth.services().length

function idleAt({ sleuth }: Joined): string[] {
  return sleuth
    .peers()
    .filter(({ state }) => state === 'idle')
    .map(({ service }) => service as string)
}

test(`${NODES} nodes that use few links know each other, and call each other`, async (t) => {
  const port = await freePort()
  const nodes: Joined[] = []
  for (let count = 0; count < NODES; count++) nodes.push(await join(t, port, `service-${count}`))
  await until(() => nodes.every((one) => known(one) === NODES - 1))
  const links = nodes.map(({ node }) => node.peers().length)
  t.diagnostic(`${links} links`)
  for (const one of nodes) assert.equal(one.sleuth.peers().length, NODES - 1)
  const caller = nodes.find((one) => idleAt(one).length > 0) as Joined
  assert.ok(caller, 'all are connected to all')

  const [service] = idleAt(caller) as [string]
  let downs = 0
  for (const { sleuth } of nodes) sleuth.on('down', () => downs++)
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => caller.sleuth.request(`sleuth://${service}/`)),
  )
  assert.deepEqual([...new Set(answers.map(({ body }) => body.toString()))], [service])
  assert.ok(!idleAt(caller).includes(service))
  assert.equal(caller.sleuth.stats().retries, 0)
  assert.equal(downs, 0)

  // A service that leaves is known to have left by those that have no link to it, and so is one that ends.
  const leaver = nodes.find((one) => idleAt(one).length > 0 && one !== caller) as Joined
  const others = nodes.filter((one) => one !== leaver)
  await leaver.sleuth.close()
  await until(() => others.every((one) => known(one) === NODES - 2))
  await assert.rejects(caller.sleuth.request(`sleuth://service-${nodes.indexOf(leaver)}/`), {
    code: 'SLEUTH_UNKNOWN_SERVICE',
  })
})

test('a link that both ends close is made anew by the next call', async (t) => {
  const port = await freePort()
  const nodes: Joined[] = []
  for (let count = 0; count < 3; count++) nodes.push(await join(t, port, `service-${count}`))
  await until(() => nodes.every(({ node }) => node.peers().length === 2))
  const [one, other] = nodes as [Joined, Joined]
  assert.equal((await one.sleuth.request('sleuth://service-1/')).status, 200)
  const parted = [once(one.node, 'exit'), once(other.node, 'exit')]
  const downs: string[] = []
  for (const { sleuth } of [one, other]) sleuth.on('down', ({ reason }) => downs.push(reason))
  one.node.part(other.node.id)
  other.node.part(one.node.id)
  for (const [, reason] of await Promise.all(parted)) assert.equal(reason, 'parted')
  for (let count = 0; count < 3; count++)
    assert.equal((await one.sleuth.request('sleuth://service-1/')).body.toString(), 'service-1')
  assert.equal((await other.sleuth.request('sleuth://service-0/')).body.toString(), 'service-0')
  assert.deepEqual(downs, [])
})
