import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { generateKeys, type KeyPair, type NodeOptions, type ZreNode } from '@sleuth/zre'
import { Dealer } from 'zeromq'
import { encodeKeyBeacon } from '#src/wire/beacon.js'
import { routingIdOf } from '#src/wire/identity.js'
import { encodeMessage } from '#src/wire/message.js'
import { newContext } from '../support/contexts.js'
import { DropLog, event, gone, Nodes, present, whispers } from '../support/nodes.js'
import { broadcast, RawPeer } from '../support/raw-peer.js'

const stranger = 'AB'.repeat(16)

/** A network of as many keys, all of which are allowed. */
function pairs(count: number): { all: string[]; options: (index: number) => NodeOptions } {
  const keys = Array.from({ length: count }, () => generateKeys())
  const all = keys.map(({ publicKey }) => publicKey)
  return { all, options: (index) => ({ security: { ...(keys[index] as KeyPair), allow: all } }) }
}

class WarnLog extends DropLog {
  readonly warnings: string[] = []
  override warn(_fields?: object, message = ''): void {
    this.warnings.push(message)
  }
}

async function whisperWorks(from: ZreNode, to: ZreNode): Promise<void> {
  const heard = event(to, 'whisper')
  from.whisper(to.id, 'hello')
  const [peer, frames] = await heard
  assert.equal(peer.id, from.id)
  assert.equal(String(frames[0]), 'hello')
}

describe('nodes with keys', () => {
  it('find each other, whisper, shout, and tell whose key it is', async () => {
    await using nodes = await Nodes.open()
    const { all, options } = pairs(2)
    const alice = await nodes.add({ ...options(0), groups: ['readers'] })
    const bob = await nodes.add({ ...options(1), groups: ['readers'] })
    const [seenByAlice] = await Promise.all([present(alice, bob.id), present(bob, alice.id)])
    assert.equal(seenByAlice.publicKey, all[1])
    await whisperWorks(alice, bob)
    await whisperWorks(bob, alice)
    const shout = event(alice, 'shout')
    bob.shout('readers', 'all')
    assert.equal(String((await shout)[2][0]), 'all')
    const left = gone(alice, bob.id)
    await bob.close()
    assert.equal(await left, 'stopped')
  })

  it('of several networks are in one process, on one port, and do not meet', async () => {
    await using nodes = await Nodes.open()
    const one = pairs(2)
    const other = pairs(2)
    const log = new WarnLog()
    const alice = await nodes.add({ ...one.options(0), logger: log })
    const bob = await nodes.add(one.options(1))
    const carol = await nodes.add(other.options(0))
    const dave = await nodes.add(other.options(1))
    await Promise.all([present(alice, bob.id), present(carol, dave.id), log.until('key-refused', 3)])
    await whisperWorks(alice, bob)
    await whisperWorks(carol, dave)
    assert.deepEqual(
      alice.peers().map(({ id }) => id),
      [bob.id],
    )
    const told = log.warnings.filter((text) => text.includes('its key is not in security.allow of this node'))
    assert.equal(told.length, 2, 'once for each key')
  })

  it('can follow those without in the same context, and the other way round', async () => {
    await using nodes = await Nodes.open()
    for (let round = 0; round < 4; round++) {
      const { options } = pairs(2)
      const secured = round % 2 === 0
      const alice = await nodes.add(secured ? options(0) : {})
      const bob = await nodes.add(secured ? options(1) : {})
      await Promise.all([present(alice, bob.id), present(bob, alice.id)])
      await whisperWorks(alice, bob)
      await Promise.all([alice.close(), bob.close()])
    }
  })
})

describe('a node with keys', () => {
  it('and one without do not talk, and each says so once with the remedy', async () => {
    await using nodes = await Nodes.open()
    const [closedLog, openLog] = [new WarnLog(), new WarnLog()]
    const closed = await nodes.add({ ...pairs(1).options(0), logger: closedLog })
    const open = await nodes.add({ logger: openLog })
    await Promise.all([closedLog.until('unencrypted', 3), openLog.until('encrypted', 3)])
    assert.deepEqual([closed.peers(), open.peers()], [[], []])
    const remedies = (log: WarnLog) => log.warnings.filter((text) => text.includes('options.security'))
    assert.match(remedies(closedLog).join(), /^zre: ignored a node: it does not encrypt.*this node allows$/)
    assert.match(remedies(openLog).join(), /^zre: ignored a node: it encrypts.*or on neither$/)
    assert.ok((closed.stats().dropped.unencrypted ?? 0) >= 3)
  })

  it('is not heard by an open node, whose HELLO goes nowhere either', async () => {
    await using nodes = await Nodes.open()
    const log = new WarnLog()
    const open = await nodes.add({ logger: log })
    await using raw = await RawPeer.open(open.endpoint)
    await raw.hello({ headers: new Map([['X-PUBLICKEY', generateKeys().publicKey]]) })
    await log.until('encrypted')
    assert.deepEqual(open.peers(), [])
  })

  it('that is not allowed gets nothing, and is told why', async () => {
    await using nodes = await Nodes.open()
    const [alice, mallory] = [generateKeys(), generateKeys()]
    const aliceLog = new WarnLog()
    const malloryLog = new WarnLog()
    const inside = await nodes.add({ security: { ...alice, allow: [] }, logger: aliceLog })
    const allow = [alice.publicKey]
    const outside = await nodes.add({ security: { ...mallory, allow }, logger: malloryLog })
    // FirstSeen for its beacon, and again when it has connected.
    await aliceLog.until('key-refused', 4)
    assert.deepEqual([inside.peers(), outside.peers()], [[], []])
    assert.equal(inside.stats().messagesReceived, 0)
    assert.equal(outside.stats().messagesReceived, 0)
    while (!malloryLog.warnings.some((text) => text.includes('does not let us in'))) {
      await once(aliceLog, 'drop')
    }
  })

  it('does not hear one with the wrong key for it, or none, or that speaks no ZeroMQ at all', async () => {
    await using nodes = await Nodes.open()
    const log = new WarnLog()
    const { all, options } = pairs(2)
    const node = await nodes.add({ ...options(0), logger: log })
    const context = newContext()
    const keys = generateKeys()
    const curve = { curvePublicKey: keys.publicKey, curveSecretKey: keys.secretKey }
    const wrong = { ...curve, curveServerKey: all[1] as string }
    const routingId = routingIdOf(stranger) as unknown as string
    const dealers = [
      new Dealer({ context, linger: 0, routingId, ...wrong }),
      new Dealer({ context, linger: 0, routingId }),
    ]
    for (const dealer of dealers) {
      const seen = log.reasons.filter((reason) => reason === 'handshake').length
      dealer.connect(node.endpoint)
      void dealer.send(encodeMessage({ type: 'ping' }, 1))
      await log.until('handshake', seen + 1)
      dealer.close()
    }
    const [, address = '', port] = /tcp:\/\/(.*):(.*)/.exec(node.endpoint) ?? []
    for (const garbage of [Buffer.alloc(100_000, 0xff), Buffer.from('GET / HTTP/1.1\r\n\r\n')]) {
      const socket = connect(Number(port), address)
      socket.on('error', () => {})
      socket.end(garbage)
      socket.resume()
      await new Promise((resolve) => socket.on('close', resolve))
    }
    assert.equal(node.stats().messagesReceived, 0)
    const friend = await nodes.add(options(1))
    await Promise.all([present(node, friend.id), present(friend, node.id)])
    await whisperWorks(friend, node)
  })

  it('is not taken in by forged beacons: of its id with another key, of a key that is elsewhere', async () => {
    await using nodes = await Nodes.open()
    const { all, options } = pairs(3)
    const log = new WarnLog()
    const alice = await nodes.add({ ...options(0), logger: log })
    const bob = await nodes.add(options(1))
    await Promise.all([present(alice, bob.id), present(bob, alice.id)])
    const forged = { id: bob.id, key: all[2] as string }
    await broadcast(nodes.port, encodeKeyBeacon({ ...forged, port: 0 }))
    await broadcast(nodes.port, encodeKeyBeacon({ ...forged, port: 9 }))
    await broadcast(nodes.port, encodeKeyBeacon({ ...forged, key: generateKeys().publicKey, port: 9 }))
    await log.until('key-mismatch', 2)
    await log.until('key-refused')
    await whisperWorks(bob, alice)
  })

  it('forgets a forged beacon when the true one comes', async () => {
    await using nodes = await Nodes.open()
    const { all, options } = pairs(3)
    const alice = await nodes.add(options(0))
    const bob = await nodes.add(options(1))
    // Bob as Carol's, before Alice has greeted him: whoever comes first, Bob must be there in the end.
    await broadcast(nodes.port, encodeKeyBeacon({ id: bob.id, key: all[2] as string, port: 9 }))
    await Promise.all([present(alice, bob.id), present(bob, alice.id)])
    await whisperWorks(bob, alice)
  })
})

describe('a key that leaves the list', { concurrency: true }, () => {
  it('is not heard any more, and its peer is gone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sleuth-list-'))
    await using nodes = await Nodes.open()
    const keys = [generateKeys(), generateKeys(), generateKeys()] as const
    const list = join(folder, 'allowed')
    await writeFile(list, keys.map(({ publicKey }) => `${publicKey}\n`).join(''))
    const log = new WarnLog()
    const alice = await nodes.add({ security: { ...keys[0], allow: list }, logger: log })
    const everyone = keys.map(({ publicKey }) => publicKey)
    const bob = await nodes.add({ security: { ...keys[1], allow: everyone } })
    const carol = await nodes.add({ security: { ...keys[2], allow: everyone } })
    await Promise.all([present(alice, bob.id), present(bob, alice.id), present(alice, carol.id)])
    const left = gone(alice, bob.id)
    const told = gone(bob, alice.id)
    await writeFile(list, `${keys[0].publicKey}\n${keys[2].publicKey}\n`)
    assert.equal(await left, 'refused')
    assert.equal(await told, 'stopped')
    const { texts } = whispers(alice)
    await whisperWorks(carol, alice)
    await log.until('key-refused', 3)
    assert.deepEqual(texts, ['hello'])
    assert.deepEqual(
      alice.peers().map(({ id }) => id),
      [carol.id],
    )
    await writeFile(list, everyone.join('\n'))
    await present(alice, bob.id)
    await rm(folder, { recursive: true })
  })

  it('by a function as well', async () => {
    await using nodes = await Nodes.open()
    const keys = [generateKeys(), generateKeys()] as const
    const allowed = new Set<string>(keys.map(({ publicKey }) => publicKey))
    const alice: ZreNode = await nodes.add({
      security: { ...keys[0], allow: async (key: string) => allowed.has(key) },
    })
    const bob = await nodes.add({ security: { ...keys[1], allow: [...allowed] } })
    await present(alice, bob.id)
    allowed.clear()
    assert.equal(await gone(alice, bob.id), 'refused')
  })

  it('a list that can not be read is an error at the start, and leaves nothing open', async () => {
    await using nodes = await Nodes.open()
    const security = { ...generateKeys(), allow: '/interfaceDown/keys' }
    await assert.rejects(nodes.add({ security }), { code: 'ZRE_ALLOW' })
    const { options } = pairs(2)
    const [alice, bob] = [await nodes.add(options(0)), await nodes.add(options(1))]
    await present(alice, bob.id)
  })
})
