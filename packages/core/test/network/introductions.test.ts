import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createNode, generateKeys, type KeyPair, type NodeOptions, type ZreNode } from '@sleuth/zre'
import { startSleuth } from '#src/sleuth/create-sleuth.js'
import type { Sleuth, SleuthOptions } from '#src/types.js'
import { freePort } from '../port.js'

interface Joined {
  readonly sleuth: Sleuth
  readonly node: ZreNode
}

/** Nodes of one port hear each other's beacons, as those of one subnet do. */
async function join(t: TestContext, port: number, options: SleuthOptions = {}): Promise<Joined> {
  let node: ZreNode | undefined
  const create = async (nodeOptions: NodeOptions) => {
    node = await createNode(nodeOptions)
    return node
  }
  const handler: SleuthOptions['handler'] = options.service ? (_, res) => res.end(options.service) : undefined
  const sleuth = await startSleuth(
    { interface: 'loopback', port, timeout: 5000, ...options, handler },
    create,
  )
  // A test may have closed it.
  t.after(() => sleuth.close().catch(() => {}))
  return { sleuth, node: node as ZreNode }
}

function introduce(one: Joined, { node: { id, endpoint } }: Joined, publicKey?: string): void {
  one.node.found({ id, endpoint, publicKey })
}

async function textOf(sleuth: Sleuth, service: string): Promise<string> {
  return (await sleuth.do(`sleuth://${service}/`)).text()
}

test('who meets one node of a subnet meets all, those that come later as well', async (t) => {
  const [here, there] = [await freePort(), await freePort()]
  const one = await join(t, here, { service: 'one' })
  const bridge = await join(t, there, { service: 'bridge' })
  const other = await join(t, there, { service: 'other' })
  await bridge.sleuth.waitFor('other')
  assert.deepEqual(one.sleuth.services(), [])
  introduce(one, bridge)
  await one.sleuth.waitFor(['bridge', 'other'])
  await other.sleuth.waitFor('one')
  assert.equal(await textOf(one.sleuth, 'other'), 'other')
  assert.equal(await textOf(other.sleuth, 'one'), 'one')

  const late = await join(t, there, { service: 'late' })
  await one.sleuth.waitFor('late')
  await late.sleuth.waitFor('one')
  assert.equal(await textOf(one.sleuth, 'late'), 'late')
})

test('a node of another library is introduced by the nodes that it meets', async (t) => {
  const [here, there] = [await freePort(), await freePort()]
  const one = await join(t, here)
  const bridge = await join(t, there)
  const group = 'SLEUTH-v1'
  const foreign = await createNode({
    interface: 'loopback',
    port: there,
    groups: [group],
    headers: (id) => ({ group, node: id, type: 'foreign', version: '1.0.0' }),
  })
  t.after(() => foreign.close())
  await bridge.sleuth.waitFor('foreign')
  const met = new Promise<string>((resolve) => {
    foreign.on('enter', ({ id }) => {
      if (id !== bridge.node.id) resolve(id)
    })
  })
  introduce(one, bridge)
  await one.sleuth.waitFor('foreign')
  assert.equal(await met, one.node.id)
})

test('the node that introduced others may go: they know each other', async (t) => {
  const [here, there] = [await freePort(), await freePort()]
  const one = await join(t, here)
  const bridge = await join(t, there)
  const other = await join(t, there, { service: 'other' })
  await bridge.sleuth.waitFor('other')
  introduce(one, bridge)
  await one.sleuth.waitFor('other')
  await bridge.sleuth.close()
  assert.equal(await textOf(one.sleuth, 'other'), 'other')
  const gone = new Promise((resolve) => one.sleuth.on('down', resolve))
  await other.sleuth.close()
  await gone
  assert.deepEqual(one.sleuth.services(), [])
})

test('on a network with keys a node is introduced with its key, and only an allowed one is met', async (t) => {
  const [here, there] = [await freePort(), await freePort()]
  const keys = Array.from({ length: 4 }, generateKeys)
  const allow = keys.map(({ publicKey }) => publicKey)
  const security = (at: number, allowed = allow) => ({ ...(keys[at] as KeyPair), allow: allowed })
  const stranger = allow[3] as string
  const one = await join(t, here, { security: security(0, allow.slice(0, 3)) })
  const bridge = await join(t, there, { security: security(1) })
  await join(t, there, { service: 'stranger', security: security(3) })
  await join(t, there, { service: 'other', security: security(2) })
  await bridge.sleuth.waitFor(['other', 'stranger'])
  introduce(one, bridge, keys[1]?.publicKey)
  await one.sleuth.waitFor('other')
  while (!one.sleuth.stats().dropped['key-refused']) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(
    one.sleuth.services().map(({ service }) => service),
    ['other'],
  )
  assert.ok(one.node.peers().every(({ publicKey }) => publicKey !== stranger))
})
