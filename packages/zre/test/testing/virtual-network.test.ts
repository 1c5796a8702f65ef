import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type NetworkOptions, VirtualNetwork, type VirtualNode } from '@sleuth/zre/testing'

/** Every beacon reaches nobody: only what a test tells a node makes it greet another. */
const NO_BEACONS = { beaconLoss: 1 }

function areMet(nodes: readonly VirtualNode[]): boolean {
  return nodes.every((node) => nodes.every((other) => node === other || node.peers.includes(other.id)))
}

/** So many nodes that have met. */
function met(count: number, options: Omit<NetworkOptions, 'seed'> = {}) {
  const network = new VirtualNetwork({ seed: 1, ...options })
  const nodes = Array.from({ length: count }, () => network.add())
  assert.ok(network.runUntil(() => areMet(nodes), 5000))
  return { network, nodes } as { network: VirtualNetwork; nodes: [VirtualNode, VirtualNode, VirtualNode] }
}

function whispers({ observed }: VirtualNode): (string | undefined)[] {
  return observed.filter(({ type }) => type === 'whisper').map(({ detail }) => detail)
}

function exits({ observed }: VirtualNode): (string | undefined)[] {
  return observed.filter(({ type }) => type === 'exit').map(({ detail }) => detail)
}

function whisperAll(from: VirtualNode, to: VirtualNode, contents: readonly string[]): void {
  for (const content of contents) from.whisper(to.id, content)
}

const letters = ['a', 'b', 'c', 'd']

describe('a virtual network', () => {
  it('repeats a run from its seed, and gives another for another seed', () => {
    const run = (seed: number) => {
      const network = new VirtualNetwork({ seed, beaconLoss: 0.3, messageDelay: 30 })
      const nodes = Array.from({ length: 4 }, () => network.add())
      network.run(3000)
      return nodes.map(({ id, observed }) => ({ id, observed }))
    }
    assert.deepEqual(run(1), run(1))
    assert.notDeepEqual(run(1), run(2))
  })

  it('runs until something holds, and tells when it does not in time', () => {
    const network = new VirtualNetwork({ seed: 1 })
    const nodes = [network.add(), network.add()]
    assert.ok(network.runUntil(() => areMet(nodes), 5000))
    assert.ok(network.now < 5000)
    const before = network.now
    assert.equal(
      network.runUntil(() => false, 25),
      false,
    )
    assert.equal(network.now, before + 25)
  })

  it('that loses every beacon lets nodes meet only by what they are told', () => {
    const network = new VirtualNetwork({ seed: 1, ...NO_BEACONS })
    const [one, two] = [network.add(), network.add()]
    network.run(10_000)
    assert.deepEqual([one.peers, two.peers], [[], []])
    one.node.found({ id: two.id, endpoint: two.endpoint })
    assert.ok(network.runUntil(() => areMet([one, two]), 1000))
  })

  it('that doubles every beacon gives each datagram twice, and each event once', () => {
    const network = new VirtualNetwork({ seed: 1, beaconDoubling: 1 })
    const [one, two] = [network.add(), network.add()]
    network.run(500)
    const sent = () => one.node.stats().beaconsSent + two.node.stats().beaconsSent
    const heard = () => one.node.stats().beaconsReceived
    const [sentBefore, heardBefore] = [sent(), heard()]
    network.run(5000)
    assert.ok(sent() > sentBefore)
    // A node hears its own as well.
    assert.equal(heard() - heardBefore, 2 * (sent() - sentBefore))
    assert.deepEqual(
      one.observed.map(({ type, peer }) => [type, peer]),
      [['enter', two.id]],
    )
  })

  it('keeps the order of messages, however long each takes', () => {
    const { network, nodes } = met(2, { messageDelay: 200 })
    const [one, two] = nodes
    const contents = Array.from({ length: 50 }, (_, number) => `${number}`)
    whisperAll(one, two, contents)
    network.run(2000)
    assert.deepEqual(whispers(two), contents)
  })

  it('records events, or not, and calls back before each turn of a node', () => {
    const network = new VirtualNetwork({ seed: 1 })
    let turns = 0
    const quiet = network.add({}, { recorded: false, onTurn: () => turns++ })
    const node = network.add({ groups: ['a'] })
    network.runUntil(() => areMet([quiet, node]), 5000)
    assert.ok(turns > 0)
    quiet.whisper(node.id, 'hello')
    network.run(100)
    node.leave('a')
    node.join('b')
    quiet.join('b')
    network.run(100)
    quiet.node.shout('b', 'all')
    network.run(100)
    assert.deepEqual(quiet.observed, [])
    assert.deepEqual(
      node.observed.map(({ type, detail }) => `${type} ${detail}`),
      ['enter undefined', 'whisper hello', 'join b', 'shout all'],
    )
    assert.deepEqual([...(quiet.node.peer(node.id)?.groups ?? [])], ['b'])
  })

  it('takes what a node of given id and endpoint is called', () => {
    const network = new VirtualNetwork({ seed: 1 })
    const node = network.add({}, { id: '0123456789ABCDEF0123456789ABCDEF', endpoint: 'tcp://10.0.9.9:4000' })
    const other = network.add()
    network.runUntil(() => areMet([node, other]), 5000)
    assert.deepEqual(
      other.node.peers().map(({ id, endpoint }) => [id, endpoint]),
      [['0123456789ABCDEF0123456789ABCDEF', 'tcp://10.0.9.9:4000']],
    )
  })

  it('lets a node that has a seed find out who is there', async () => {
    const network = new VirtualNetwork({ seed: 1, ...NO_BEACONS })
    const first = network.add()
    const second = network.add({ seeds: [first.endpoint] })
    // Names are looked up by promises.
    for (let turns = 0; turns < 100 && !areMet([first, second]); turns++) {
      await new Promise((resolve) => setImmediate(resolve))
      network.run(50)
    }
    assert.ok(areMet([first, second]))
  })
})

describe('a virtual node', () => {
  it('that stops is gone at once, by what it says or by its connection', () => {
    const { network, nodes } = met(3)
    const [one, two, three] = nodes
    three.stop()
    assert.equal(three.alive, false)
    assert.deepEqual(network.live, [one, two])
    assert.ok(network.runUntil(() => [one, two].every(({ peers }) => !peers.includes(three.id)), 100))
    for (const node of [one, two]) assert.match(exits(node).join(), /^(stopped|lost)$/)
  })

  it('that crashes is gone at once, and one that vanishes only when its silence is noticed', () => {
    const { network, nodes } = met(3)
    const [one, two, three] = nodes
    three.crash()
    assert.ok(network.runUntil(() => !one.peers.includes(three.id), 100))
    assert.deepEqual(exits(one), ['lost'])
    two.vanish()
    network.run(1000)
    assert.deepEqual(one.peers, [two.id])
    assert.ok(network.runUntil(() => one.peers.length === 0, 15_000))
  })

  it('that is dead neither whispers nor moves', () => {
    const { network, nodes } = met(2)
    const [one, two] = nodes
    one.crash()
    const { endpoint } = one
    one.whisper(two.id, 'hello')
    one.move('tcp://10.0.7.7:4000')
    network.run(1000)
    assert.deepEqual(whispers(two), [])
    assert.equal(one.endpoint, endpoint)
  })

  it('that stalls reads all that came when it goes on, in order, and is lost to nobody', () => {
    const { network, nodes } = met(2)
    const [one, two] = nodes
    two.stall()
    whisperAll(one, two, letters)
    network.run(4000)
    assert.deepEqual(whispers(two), [])
    assert.ok(one.peers.includes(two.id))
    two.resume()
    assert.ok(two.process.behind)
    network.run(50)
    assert.ok(!two.process.behind)
    assert.deepEqual(whispers(two), letters)
    assert.deepEqual([exits(one), exits(two)], [[], []])
  })

  it('that freezes for a moment keeps its connections, and for long it loses them', () => {
    const { network, nodes } = met(2)
    const [one, two] = nodes
    two.freeze()
    network.run(500)
    two.resume()
    network.run(100)
    assert.deepEqual([exits(one), exits(two)], [[], []])

    two.freeze()
    assert.ok(network.runUntil(() => one.peers.length === 0, 30_000))
    network.run(15_000)
    two.resume()
    assert.ok(network.runUntil(() => areMet([one, two]), 15_000))
    one.whisper(two.id, 'again')
    network.run(100)
    assert.deepEqual(whispers(two), ['again'])
    assert.deepEqual(
      nodes.flatMap(({ violations }) => violations),
      [],
    )
  })

  it('does not answer while it is frozen: what connects to it tries on', () => {
    const network = new VirtualNetwork({ seed: 1, ...NO_BEACONS })
    const [one, two] = [network.add(), network.add()]
    two.freeze()
    one.node.found({ id: two.id, endpoint: two.endpoint })
    network.run(800)
    assert.equal(two.observed.length + one.observed.length, 0)
    two.resume()
    assert.ok(network.runUntil(() => areMet([one, two]), 2000))
  })

  it('that moves is seen at its new endpoint', () => {
    const { network, nodes } = met(2)
    const [one, two] = nodes
    two.move('tcp://10.0.7.7:4000')
    assert.equal(two.endpoint, 'tcp://10.0.7.7:4000')
    assert.ok(network.runUntil(() => one.node.peer(two.id)?.endpoint === two.endpoint, 15_000))
    whisperAll(one, two, ['there'])
    network.run(100)
    assert.deepEqual(whispers(two), ['there'])
  })

  it('makes place for another at its endpoint when it has crashed', () => {
    const { network, nodes } = met(2)
    const [one, two] = nodes
    two.crash()
    const next = network.add({}, { endpoint: two.endpoint })
    assert.ok(network.runUntil(() => areMet([one, next]), 15_000))
    assert.deepEqual(one.peers, [next.id])
  })

  it('has a queue of so many bytes for each peer', () => {
    const network = new VirtualNetwork({ seed: 1 })
    const one = network.add({ maxQueueSize: 4096 })
    const two = network.add()
    network.runUntil(() => areMet([one, two]), 5000)
    one.whisper(two.id, Buffer.alloc(4000))
    assert.ok(one.node.backlog(two.id) > 4000)
    assert.throws(() => one.whisper(two.id, Buffer.alloc(4000)), { code: 'ZRE_QUEUE_FULL' })
    network.run(100)
    assert.equal(one.node.backlog(two.id), 0)
    one.whisper(two.id, Buffer.alloc(4000))
    network.run(100)
    assert.equal(whispers(two).length, 2)
  })

  it('tells whether the process of a peer answers', async () => {
    const { nodes } = met(3)
    const [one, two, three] = nodes
    two.stall()
    three.freeze()
    assert.deepEqual(await Promise.all([one.node.probe(two.id), one.node.probe(three.id)]), [true, false])
  })

  it('counts what it sends that it should not', () => {
    const { nodes } = met(2)
    const [one, two] = nodes
    // PING, number 99.
    const frames = [Buffer.from([0xaa, 0xa1, 6, 2, 0, 99])]
    one.transport.send('F'.repeat(32), frames, 6)
    one.onSend(two.id, frames, one.transport.connections.get(two.id))
    assert.equal(one.violations.length, 2)
    assert.match(one.violations[0] ?? '', /without a mailbox/)
    assert.match(one.violations[1] ?? '', /is 99, not 2/)
  })
})

describe('a broken way', () => {
  it('loses what is under way on a connection that breaks, and the nodes meet again', () => {
    const { network, nodes } = met(2, { messageDelay: 50 })
    const [one, two] = nodes
    whisperAll(one, two, ['lost'])
    network.disconnect(one, two)
    network.disconnect(one, network.add())
    network.run(60)
    assert.deepEqual(whispers(two), [])
    assert.ok(network.runUntil(() => exits(one).length > 0 && areMet([one, two]), 15_000))
    whisperAll(one, two, ['kept'])
    network.run(100)
    assert.deepEqual(whispers(two), ['kept'])
  })

  it('holds back what is said across a split, and gives it when there is a way again', () => {
    const { network, nodes } = met(3)
    const [one, two, three] = nodes
    const heal = network.split([one])
    whisperAll(one, two, letters)
    whisperAll(three, two, ['near'])
    network.run(1000)
    assert.deepEqual(whispers(two), ['near'])
    heal()
    network.run(1000)
    assert.deepEqual(whispers(two), ['near', ...letters])
    assert.deepEqual(nodes.flatMap(exits), [])
  })

  it('breaks the connections across a split that lasts, and no others; whole again, all meet', () => {
    const { network, nodes } = met(3)
    const [one, two] = nodes
    const heal = network.split([one, two])
    network.run(60_000)
    assert.deepEqual(
      nodes.map(({ peers }) => peers),
      [[two.id], [one.id], []],
    )
    heal()
    assert.ok(network.runUntil(() => areMet(nodes), 15_000))
    assert.deepEqual(
      nodes.flatMap(({ violations }) => violations),
      [],
    )
  })

  it('may be broken one way only', () => {
    const { network, nodes } = met(2)
    const [one, two] = nodes
    const heal = network.split([one], true)
    whisperAll(one, two, ['from inside'])
    whisperAll(two, one, ['from outside'])
    network.run(1000)
    assert.deepEqual(whispers(one), ['from outside'])
    assert.deepEqual(whispers(two), [])
    heal()
    network.run(1000)
    assert.deepEqual(whispers(two), ['from inside'])
  })

  it('is no way for a new connection, and a firewall none either, though beacons pass', () => {
    for (const hinder of ['split', 'firewall'] as const) {
      const network = new VirtualNetwork({ seed: 1 })
      const [one, two] = [network.add(), network.add()]
      const heal = network[hinder]([one])
      network.run(4000)
      assert.deepEqual([one.peers, two.peers], [[], []], hinder)
      assert.equal(two.node.sightings().length, hinder === 'split' ? 0 : 1)
      heal()
      assert.ok(
        network.runUntil(() => areMet([one, two]), 5000),
        hinder,
      )
    }
  })

  it('is gone around by a node that answers on the connection that the other has made', () => {
    const network = new VirtualNetwork({ seed: 1, ...NO_BEACONS })
    const server = network.add({ networks: ['10.0.0.0/8'] })
    const laptop = network.add()
    network.firewall([server])
    laptop.node.found({ id: server.id, endpoint: server.endpoint, ours: true })
    assert.ok(network.runUntil(() => areMet([server, laptop]), 10_000))
    assert.equal(server.node.peer(laptop.id)?.connections, 'theirs')
    whisperAll(server, laptop, letters)
    network.run(100)
    assert.deepEqual(whispers(laptop), letters)
    laptop.crash()
    assert.ok(network.runUntil(() => server.peers.length === 0, 100))
  })
})

describe('what is wrong with one node', () => {
  it('a kill ends its connections at both ends, and nothing that its code sends afterwards goes out', () => {
    const { network, nodes } = met(2)
    const [one, two] = nodes
    one.kill()
    assert.deepEqual(exits(one), ['broken'])
    whisperAll(one, two, ['late'])
    network.run(1000)
    assert.deepEqual(exits(two), ['lost'])
    assert.deepEqual(whispers(two), [])
  })

  it('one that is killed while it leaves has left, and so has one that stands still', async () => {
    const { network, nodes } = met(3)
    const [one, two, three] = nodes
    const left = one.node.close()
    one.kill()
    await left
    two.stall()
    const alsoLeft = two.node.close()
    network.run(1)
    await alsoLeft
    network.remove(two)
    network.remove(two)
    assert.deepEqual(network.nodes, [one, three])
  })

  it('while it stands still nothing goes out, and afterwards all that was sent', () => {
    const { network, nodes } = met(2)
    const [one, two] = nodes
    one.stall()
    whisperAll(one, two, letters)
    network.run(500)
    assert.deepEqual(whispers(two), [])
    one.resume()
    network.run(500)
    assert.deepEqual(whispers(two), letters)
  })

  it('slow, it makes all wait that it sends and is sent, and no other', () => {
    const { network, nodes } = met(3, { messageDelay: 0 })
    const [one, two, three] = nodes
    const end = network.slow(one, [100, 100])
    whisperAll(one, two, ['from'])
    whisperAll(two, one, ['to'])
    whisperAll(two, three, ['past'])
    network.run(99)
    assert.deepEqual([whispers(one), whispers(two), whispers(three)], [[], [], ['past']])
    network.run(1)
    assert.deepEqual([whispers(one), whispers(two)], [['to'], ['from']])
    end()
    whisperAll(one, two, ['fast'])
    network.run(0)
    assert.deepEqual(whispers(two), ['from', 'fast'])
  })

  it('isolated, it loses its connections and gets none, until that ends', () => {
    const { network, nodes } = met(3)
    const [one, two, three] = nodes
    const end = network.isolate(one)
    network.run(3000)
    assert.deepEqual(
      nodes.map(({ peers }) => peers),
      [[], [three.id], [two.id]],
    )
    end()
    assert.ok(network.runUntil(() => areMet(nodes), 15_000))
  })

  it('split from one other, it still hears the rest', () => {
    const { network, nodes } = met(3)
    const [one, two, three] = nodes
    const heal = network.split([one], false, [two])
    whisperAll(one, two, ['across'])
    whisperAll(one, three, ['along'])
    network.run(100)
    assert.deepEqual([whispers(two), whispers(three)], [[], ['along']])
    heal()
    network.run(500)
    assert.deepEqual(whispers(two), ['across'])
  })
})

describe('losses of messages', () => {
  it('make them late by what TCP waits, and change neither their order nor their number', () => {
    const { network, nodes } = met(2, { messageDelay: 0 })
    const lossy = met(2, { messageDelay: 0, messageLoss: 0.5 })
    const numbers = Array.from({ length: 50 }, (_, number) => String(number))
    for (const [one, two] of [nodes, lossy.nodes]) whisperAll(one, two, numbers)
    network.run(0)
    assert.deepEqual(whispers(nodes[1]), numbers)
    lossy.network.run(199)
    assert.ok(whispers(lossy.nodes[1]).length < numbers.length)
    lossy.network.run(60_000)
    assert.deepEqual(whispers(lossy.nodes[1]), numbers)
  })
})
