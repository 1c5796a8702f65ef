import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { createNode, type Discovery, type DiscoveryHost, generateKeys, type NodeOptions } from '@sleuth/zre'
import { event, freePort, gone, Nodes, present } from '../support/nodes.js'

/** A TCP port that nobody listens at. */
async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  server.close()
  await once(server, 'close')
  return port
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** A discovery that finds whom a test says. */
class Told implements Discovery {
  readonly name = 'told'
  host!: DiscoveryHost
  closed = false

  start(host: DiscoveryHost): void {
    this.host = host
  }

  close(): void {
    this.closed = true
  }
}

/** Another endpoint of a node, as a virtual address or a forwarded port is. */
class Forwarder {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  to: number

  private constructor(server: Server, to: number) {
    this.#server = server
    this.to = to
    server.on('connection', (from) => {
      const there = connect(this.to, '127.0.0.1')
      for (const [one, other] of [
        [from, there],
        [there, from],
      ] as const) {
        this.#sockets.add(one)
        one.pipe(other)
        one.on('error', () => other.destroy())
        one.on('close', () => other.destroy())
      }
    })
  }

  static async open(to: number): Promise<Forwarder> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Forwarder(server, to)
  }

  get endpoint(): string {
    return `tcp://127.0.0.1:${portOf(this.#server)}`
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  [Symbol.dispose](): void {
    this.#server.close()
    this.cut()
  }
}

const alone: NodeOptions = { discovery: [] }

describe('the host directory', { timeout: 60_000 }, () => {
  it('alone makes nodes find each other, and opens no UDP socket', async () => {
    await using nodes = await Nodes.open()
    const [one, two] = await nodes.group(2, { discovery: ['host'] })
    assert.ok(!process.getActiveResourcesInfo().includes('UDPWrap'))
    const left = gone(one as never, two?.id ?? '')
    await two?.close()
    assert.equal(await left, 'stopped')
  })

  it('and beacons make nodes find each other on loopback, where some have only the one', async () => {
    await using nodes = await Nodes.open()
    const both = await nodes.add()
    const files = await nodes.add({ discovery: ['host'] })
    const beacons = await nodes.add({ discovery: ['beacon'] })
    await Promise.all([present(both, files.id), present(both, beacons.id)])
  })
})

describe('a seed', { timeout: 60_000 }, () => {
  it('is found by a node that has no other way', async () => {
    await using nodes = await Nodes.open()
    const port = await freeTcpPort()
    const seed = await nodes.add({ ...alone, listen: { port } })
    assert.equal(seed.endpoint, `tcp://127.0.0.1:${port}`)
    const node = await nodes.add({ ...alone, seeds: [`tcp://127.0.0.1:${port}`] })
    const [there] = await Promise.all([present(node, seed.id), present(seed, node.id)])
    assert.deepEqual([there.verified, there.endpoint], [true, seed.endpoint])
  })

  it('is found by its name, and when it comes up later', async () => {
    await using nodes = await Nodes.open()
    const port = await freeTcpPort()
    const node = await nodes.add({ ...alone, seeds: [`dns://localhost:${port}`] })
    const seed = await nodes.add({ ...alone, listen: { port } })
    await Promise.all([present(node, seed.id), present(seed, node.id)])
  })

  it('that is the node itself is no peer of its own', async () => {
    await using nodes = await Nodes.open()
    const port = await freeTcpPort()
    const seeds = [`tcp://127.0.0.1:${port}`]
    const seed = await nodes.add({ ...alone, listen: { port }, seeds })
    const node = await nodes.add({ ...alone, seeds })
    await Promise.all([present(node, seed.id), present(seed, node.id)])
    assert.deepEqual([seed.peers().length, seed.stats().dropped], [1, {}])
  })

  it('that is met by beacon as well is met once', async () => {
    await using nodes = await Nodes.open()
    const port = await freeTcpPort()
    const seed = await nodes.add({ listen: { port } })
    const exits: string[] = []
    seed.on('exit', (_peer, reason) => exits.push(reason))
    const node = await nodes.add({ seeds: [`tcp://127.0.0.1:${port}`] })
    node.on('exit', (_peer, reason) => exits.push(reason))
    await Promise.all([present(node, seed.id), present(seed, node.id)])
    const heard = event(seed, 'whisper')
    node.whisper(seed.id, 'hello')
    await heard
    assert.deepEqual(exits, [])
  })

  it('behind a virtual address is met where that is itself', async () => {
    await using nodes = await Nodes.open()
    const seed = await nodes.add(alone)
    using forwarder = await Forwarder.open(Number(new URL(seed.endpoint).port))
    const node = await nodes.add({ ...alone, seeds: [forwarder.endpoint] })
    assert.equal((await present(node, seed.id)).endpoint, seed.endpoint)
  })

  it('that can be reached by a virtual address alone is met there, and so is who comes after it', async () => {
    await using nodes = await Nodes.open()
    const hidden = { ...alone, advertise: 'tcp://192.0.2.1:5670' }
    const ports = [await freeTcpPort(), await freeTcpPort()] as const
    const first = await nodes.add({ ...hidden, listen: { port: ports[0] } })
    const second = await nodes.add({ ...hidden, listen: { port: ports[1] } })
    assert.equal(first.endpoint, 'tcp://192.0.2.1:5670')
    using forwarder = await Forwarder.open(ports[0])
    const node = await nodes.add({ ...alone, seeds: [forwarder.endpoint] })
    assert.equal((await present(node, first.id)).endpoint, forwarder.endpoint)
    await present(first, node.id)
    forwarder.to = ports[1]
    const lost = gone(node, first.id)
    forwarder.cut()
    assert.equal(await lost, 'lost')
    assert.equal((await present(node, second.id)).endpoint, forwarder.endpoint)
    await present(second, node.id)
  })

  it('with keys is met by the key that it is said to have, or by ours', async () => {
    await using nodes = await Nodes.open()
    const keys = [generateKeys(), generateKeys()] as const
    const allow = keys.map(({ publicKey }) => publicKey)
    const port = await freeTcpPort()
    const seed = await nodes.add({ ...alone, listen: { port }, security: { ...keys[0], allow } })
    const other = await nodes.add({
      ...alone,
      security: { ...keys[1], allow },
      seeds: [`tcp://127.0.0.1:${port}#${keys[0].publicKey}`],
    })
    assert.equal((await present(other, seed.id)).publicKey, keys[0].publicKey)
    const same = await nodes.add({
      ...alone,
      security: { ...keys[0], allow },
      seeds: [`tcp://127.0.0.1:${port}`],
    })
    await present(same, seed.id)
  })

  const hasIPv6 = Object.values(networkInterfaces()).some((infos) =>
    infos?.some(({ address }) => address === '::1'),
  )

  it('in IPv6 is met, and answers there', { skip: hasIPv6 ? false : 'this host has no ::1' }, async () => {
    await using nodes = await Nodes.open()
    const port = await freeTcpPort()
    const seed = await nodes.add({ ...alone, listen: { port, host: '::1' } })
    assert.equal(seed.endpoint, `tcp://[::1]:${port}`)
    const node = await nodes.add({ ...alone, listen: { host: '::1' }, seeds: [`tcp://[::1]:${port}`] })
    const [there, here] = await Promise.all([present(node, seed.id), present(seed, node.id)])
    assert.deepEqual([there.address, here.address], ['::1', '::1'])
    const heard = event(seed, 'whisper')
    node.whisper(seed.id, 'hello')
    assert.equal(String((await heard)[1][0]), 'hello')
  })
})

describe('a discovery of the user', { timeout: 60_000 }, () => {
  it('finds nodes by id and endpoint, or by their endpoint alone', async () => {
    await using nodes = await Nodes.open()
    const told = new Told()
    const node = await nodes.add({ discovery: [told] })
    const [one, two] = [await nodes.add(alone), await nodes.add(alone)]
    assert.deepEqual([told.host.id, told.host.endpoint, told.host.port], [node.id, node.endpoint, nodes.port])
    told.host.found({ endpoint: one.endpoint, id: one.id })
    told.host.found({ endpoint: two.endpoint })
    await Promise.all([present(node, one.id), present(node, two.id)])
    told.host.gone({ endpoint: one.endpoint, id: one.id })
    assert.equal(node.peer(one.id)?.id, one.id, 'only its connection tells that it is gone')
  })

  it('has no node connect beyond its networks', async () => {
    await using nodes = await Nodes.open()
    const told = new Told()
    const node = await nodes.add({ discovery: [told], networks: ['192.0.2.0/24'] })
    told.host.found({ endpoint: 'tcp://203.0.113.1:1', id: 'AB'.repeat(16) })
    told.host.found({ endpoint: 'tcp://203.0.113.1:1' })
    told.host.found({ endpoint: 'nonsense' })
    told.host.found({ endpoint: 'tcp://127.0.0.1:1', id: 'nonsense' })
    assert.deepEqual([node.stats().dropped, node.sightings()], [{ 'found-off-network': 3 }, []])
    told.host.found({ endpoint: 'tcp://192.0.2.1:1', id: 'AB'.repeat(16) })
    assert.equal(node.sightings().length, 1)
  })

  it('is closed with the node, and tells it nothing more', async () => {
    await using nodes = await Nodes.open()
    const told = new Told()
    const node = await nodes.add({ discovery: [told] })
    await node.close()
    assert.ok(told.closed)
    told.host.found({ endpoint: 'tcp://127.0.0.1:1', id: 'AB'.repeat(16) })
    told.host.gone({ endpoint: 'tcp://127.0.0.1:1', id: 'AB'.repeat(16) })
  })

  it('that fails to close, or never does, does not hold the node up', async () => {
    await using nodes = await Nodes.open()
    const [failing, hanging] = [new Told(), new Told()]
    failing.close = () => {
      throw new Error('no server')
    }
    hanging.close = () => new Promise<void>(() => {}) as never
    const node = await nodes.add({ discovery: [failing, hanging] })
    await node.close()
  })

  it('that can not start is an error, and the others are closed', async () => {
    const told = new Told()
    const broken = new Told()
    broken.start = () => {
      throw new Error('no server')
    }
    const port = await freePort()
    await assert.rejects(createNode({ interface: 'loopback', port, discovery: [told, broken] }), {
      code: 'ZRE_DISCOVERY',
      message: 'the discovery "told" can\'t start: no server',
    })
    assert.ok(told.closed)
  })

  it('that still starts when another can not is closed after that, and at last in any case', async () => {
    const [broken, slow, stuck] = [new Told(), new Told(), new Told()]
    broken.start = () => {
      throw new Error('no server')
    }
    const order: string[] = []
    slow.start = async () => {
      await turn()
      order.push('started')
    }
    slow.close = () => {
      order.push('closed')
    }
    stuck.start = () => new Promise<void>(() => {}) as never
    const port = await freePort()
    const discovery = [broken, slow, stuck]
    await assert.rejects(createNode({ interface: 'loopback', port, discovery }), { code: 'ZRE_DISCOVERY' })
    assert.deepEqual(order, ['started', 'closed'])
    assert.ok(stuck.closed)
  })
})

describe('a port to listen at', { timeout: 60_000 }, () => {
  it('that is taken is an error that says so', async () => {
    await using nodes = await Nodes.open()
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    await assert.rejects(nodes.add({ listen: { port: portOf(server) } }), {
      code: 'ZRE_LISTEN',
      message: new RegExp(`^can't listen at tcp://127\\.0\\.0\\.1:${portOf(server)}: .*in use`),
    })
    server.close()
  })

  it('of an address that is none of ours is an error, too', async () => {
    await using nodes = await Nodes.open()
    await assert.rejects(nodes.add({ listen: { host: '192.0.2.1' } }), { code: 'ZRE_OPTION' })
    await assert.rejects(nodes.add({ listen: { host: '2001:db8::1' } }), { code: 'ZRE_LISTEN' })
  })

  it('is bound at every address if that is asked for', async () => {
    await using nodes = await Nodes.open()
    const port = await freeTcpPort()
    const node = await nodes.add({ listen: { port, host: '0.0.0.0' } })
    assert.equal(node.endpoint, `tcp://127.0.0.1:${port}`)
    const socket = connect(port, '127.0.0.2')
    await once(socket, 'connect')
    socket.destroy()
  })
})
