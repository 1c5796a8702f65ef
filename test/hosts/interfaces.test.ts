import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Line, LineProcess } from './line-process.js'
import { describeUnless } from './missing.js'
import { createPair, type Host, hostsMissing } from './namespaces.js'

const port = String(20_000 + (process.pid % 10_000))
const peerProgram = fileURLToPath(new URL('./node-peer.js', import.meta.url))
const serviceProgram = fileURLToPath(new URL('../interop/node/service.js', import.meta.url))
const clientProgram = fileURLToPath(new URL('../interop/node/client.js', import.meta.url))

const newAddress = '10.77.0.9'

/** Two hosts of a test's own, and a way to start programs there that are told of no interface. */
interface Site {
  a: Host
  b: Host
  start(host: Host, program: string, ...args: string[]): LineProcess
}

function onTwoHosts(run: (site: Site) => Promise<void>): () => Promise<void> {
  return async () => {
    const started: LineProcess[] = []
    const pair = await createPair()
    const [a, b] = pair.hosts
    const start = (host: Host, program: string, ...args: string[]): LineProcess => {
      const command = host.command([process.execPath, program, '--port', port, ...args])
      const child = new LineProcess(command, { SLEUTH_INTERFACE: '', ZSYS_INTERFACE: '' })
      started.push(child)
      return child
    }
    try {
      await run({ a, b, start })
    } finally {
      await Promise.all(started.map((child) => child.kill()))
      await pair.delete()
    }
  }
}

describeUnless(await hostsMissing(), 'the interface of a node', { concurrency: true }, () => {
  test(
    'is by itself the one that can broadcast, and nodes on two hosts find each other by it',
    onTwoHosts(async ({ a, b, start }) => {
      const one = start(a, peerProgram)
      const other = start(b, peerProgram)
      const [first, second] = [await one.news('ready'), await other.news('ready')]
      assert.equal(addressOf(first), a.address)
      assert.equal(addressOf(second), b.address)
      assert.equal((await one.news('enter')).peer, second.peer)
      assert.equal((await other.news('enter')).peer, first.peer)
    }),
  )

  test(
    'is loopback on a host whose only device has no address',
    onTwoHosts(async ({ a, start }) => {
      await a.deleteAddress(a.address)
      assert.equal(addressOf(await start(a, peerProgram).news('ready')), '127.0.0.1')
    }),
  )

  test(
    'may lose its link, and get it back',
    onTwoNodes(async ({ a, moving, staying, foundAt }) => {
      await a.link('down')
      await Promise.all([staying.news('exit'), moving.news('exit')])
      await a.link('up')
      await foundAt(a.address)
    }),
  )

  test(
    'may lose its address, and get it back',
    onTwoNodes(async ({ a, staying, foundAt }) => {
      await a.deleteAddress(a.address)
      await staying.news('exit')
      await a.addAddress(a.address)
      await foundAt(a.address)
    }),
  )

  test(
    'may lose its address, and get another later',
    onTwoNodes(async ({ a, staying, foundAt }) => {
      await a.deleteAddress(a.address)
      await staying.news('exit')
      await a.addAddress(newAddress)
      await foundAt(newAddress)
    }),
  )

  test(
    'may change its address',
    onTwoNodes(async ({ a, staying, foundAt }) => {
      await a.deleteAddress(a.address)
      await a.addAddress(newAddress)
      await staying.news('exit')
      await foundAt(newAddress)
    }),
  )

  for (const [what, away, back] of [
    ['its link goes down and up', (host) => host.link('down'), (host) => host.link('up')],
    [
      'its address goes and comes back',
      (host) => host.deleteAddress(host.address),
      (host) => host.addAddress(host.address),
    ],
    [
      'its address goes and another comes',
      (host) => host.deleteAddress(host.address),
      (host) => host.addAddress(newAddress),
    ],
  ] satisfies [string, (host: Host) => Promise<void>, (host: Host) => Promise<void>][]) {
    test(
      `is no business of a service and its caller: they lose and find each other when ${what}`,
      onTwoHosts(async ({ a, b, start }) => {
        const ask = { method: 'GET', url: 'sleuth://counted/echo', headers: [] }
        const service = start(a, serviceProgram, '--service', 'counted')
        const client = start(b, clientProgram, '--timeout', '2000')
        await Promise.all([service.news('ready'), client.news('ready')])
        await client.tell('waitFor', { services: ['counted'] })
        assert.equal((await client.tell('do', ask)).status, 200)
        await client.news('up')
        await away(a)
        await client.news('down')
        assert.deepEqual((await client.ask('do', ask)).codes, [919])
        await back(a)
        await client.news('up')
        assert.equal((await client.tell('do', ask)).status, 200)
        assert.ok(service.running)
      }),
    )
  }
})

/** Two nodes that have met. The one on host `a` is about to lose its network. */
interface Nodes {
  a: Host
  moving: LineProcess
  staying: LineProcess
  /** The node that stayed finds the other again, at this address, and messages go both ways. */
  foundAt(address: string): Promise<void>
}

function onTwoNodes(run: (nodes: Nodes) => Promise<void>): () => Promise<void> {
  return onTwoHosts(async ({ a, b, start }) => {
    const moving = start(a, peerProgram, '--expired', '1500')
    const staying = start(b, peerProgram, '--expired', '1500')
    await moving.news('ready')
    const { peer: stayingId } = await staying.news('ready')
    await Promise.all([moving.news('enter'), staying.news('enter')])

    const foundAt = async (address: string): Promise<void> => {
      // Until the connection to where it was has broken, it is held to be there.
      const found = await staying.news('enter', (line) => addressOf(line) === address)
      assert.equal(addressOf(await moving.tell('endpoint')), address)
      await staying.tell('whisper', { peer: found.peer, content: 'there' })
      assert.equal((await moving.news('whisper')).content, 'there')
      await moving.tell('whisper', { peer: stayingId, content: 'and back' })
      assert.equal((await staying.news('whisper')).content, 'and back')
    }
    await run({ a, moving, staying, foundAt })
  })
}

function addressOf({ endpoint }: Line): string {
  return new URL(String(endpoint)).hostname
}
