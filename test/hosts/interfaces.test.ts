import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pass } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Line, LineProcess } from './line-process.js'
import { describeUnless } from './missing.js'
import { createPair, type Host, hostsMissing, type Pair, wire } from './namespaces.js'

const port = String(20_000 + (process.pid % 10_000))
const otherPort = String(Number(port) + 10_000)
const peerProgram = fileURLToPath(new URL('./node-peer.js', import.meta.url))
const serviceProgram = fileURLToPath(new URL('../interop/node/service.js', import.meta.url))
const clientProgram = fileURLToPath(new URL('../interop/node/client.js', import.meta.url))

const newAddress = '10.77.0.9'

/** Two hosts of a test's own, and a way to start programs there that are told of no interface. */
interface Site {
  pair: Pair
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
      await run({ pair, a, b, start })
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
    'is left if it is loopback and the host gets on a network later, as at boot',
    onTwoHosts(async ({ a, b, start }) => {
      await a.deleteAddress(a.address)
      const early = start(a, peerProgram)
      assert.equal(addressOf(await early.news('ready')), '127.0.0.1')
      const other = start(b, peerProgram)
      const { peer } = await other.news('ready')
      await a.addAddress(a.address)
      assert.equal((await early.news('enter')).peer, peer)
      assert.equal(addressOf(await other.news('enter')), a.address)
      assert.equal(addressOf(await early.tell('endpoint')), a.address)
    }),
  )

  test(
    'is left when it is gone and there is another, as from Wi-Fi to a cable',
    onTwoHosts(async ({ pair, a, b, start }) => {
      const nodes = [start(a, peerProgram), start(b, peerProgram)] as const
      for (const node of nodes) {
        await node.news('ready')
        await node.news('enter')
      }
      await wire(pair, 'veth1', '10.78.0')
      await a.link('down')
      for (const node of nodes) await node.news('exit')
      for (const [at, node] of nodes.entries()) {
        assert.equal(addressOf(await node.news('enter')), `10.78.0.${2 - at}`)
      }
    }),
  )

  test(
    'that was asked for is waited for, though there is another',
    onTwoHosts(async ({ pair, a, b, start }) => {
      const asked = start(a, peerProgram, '--interface', 'veth0')
      const other = start(b, peerProgram, '--interface', 'veth0')
      for (const node of [asked, other]) {
        await node.news('ready')
        await node.news('enter')
      }
      // Two more that are told of no interface, and meet each other alone.
      const [free, company] = [a, b].map((host) => start(host, peerProgram, '--port', otherPort))
      assert.ok(free && company)
      await Promise.all([free.news('enter'), company.news('enter')])
      await wire(pair, 'veth1', '10.78.0')
      await a.link('down')
      const downAt = performance.now()
      await asked.news('exit')
      await other.news('exit')
      while (addressOf(await free.tell('endpoint')) === a.address) await pass(100)
      // Each looks in its own turn, so the one that was asked to stay has as long again.
      await pass(performance.now() - downAt)
      assert.equal(addressOf(await asked.tell('endpoint')), a.address)
      await a.link('up')
      assert.equal(addressOf(await other.news('enter')), a.address)
    }),
  )

  test(
    'is the one with an address in a CIDR block',
    onTwoHosts(async ({ pair, a, b, start }) => {
      await wire(pair, 'veth1', '10.78.0')
      const one = start(a, peerProgram, '--interface', '10.78.0.0/16')
      const other = start(b, peerProgram, '--interface', '10.78.0.0/16')
      assert.equal(addressOf(await one.news('ready')), '10.78.0.1')
      assert.equal(addressOf(await other.news('ready')), '10.78.0.2')
      assert.equal(addressOf(await one.news('enter')), '10.78.0.2')
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
