import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { generateKeys, type KeyPair, type ZreNode } from '@sleuth/zre'
import { Dealer } from 'zeromq'
import { decodeMessage, encodeMessage, type IncomingHello } from '#src/wire/message.js'
import { returnRoutingId } from '#src/wire/return-path.js'
import { newContext } from '../support/contexts.js'
import { event, Nodes, present } from '../support/nodes.js'

const [alice, bob, mallory] = [generateKeys(), generateKeys(), generateKeys()]
const allow = [alice, bob, mallory].map(({ publicKey }) => publicKey)

/** One that is let in, and asks under another's id and key to be answered on its connection. */
class Thief {
  readonly #dealer: Dealer

  constructor(victim: ZreNode, id: string, keys?: KeyPair) {
    this.#dealer = new Dealer({
      context: newContext(),
      linger: 0,
      routingId: returnRoutingId(id) as unknown as string,
      ...(keys && {
        curveServerKey: alice.publicKey,
        curvePublicKey: keys.publicKey,
        curveSecretKey: keys.secretKey,
      }),
    })
    this.#dealer.connect(victim.endpoint)
  }

  async hello(headers: Record<string, string>): Promise<void> {
    const hello = {
      type: 'hello',
      endpoint: 'tcp://172.17.0.2:5670',
      groups: [],
      status: 0,
      name: 'thief',
      headers: new Map(
        Object.entries({ 'sleuth-return': 'only', 'X-SLEUTH-TOKEN': '0'.repeat(32), ...headers }),
      ),
    } as const
    await this.#dealer.send(encodeMessage(hello, 1))
  }

  async answer(): Promise<IncomingHello> {
    for (;;) {
      const message = decodeMessage(await this.#dealer.receive())
      if (typeof message !== 'string' && message.type === 'hello') return message
    }
  }

  close(): void {
    this.#dealer.close()
  }
}

describe('one that asks to be answered on its connection in the name of another', () => {
  it('learns nothing that proves a key which it does not hold, and keeps nobody out', async () => {
    await using nodes = await Nodes.open()
    const soon = { discovery: [], evasive: 300, expired: 600 }
    const victim = await nodes.add({ ...soon, security: { ...alice, allow } })
    const friend = await nodes.add({ ...soon, advertise: false, security: { ...bob, allow } })
    const thief = new Thief(victim, friend.id, mallory)
    await thief.hello({ 'X-PUBLICKEY': bob.publicKey })
    const { headers } = await thief.answer()
    assert.equal(headers.has('X-SLEUTH-TOKEN'), false)
    assert.equal(headers.get('X-SLEUTH-SEALED')?.length, 88)
    // What it gave itself is all that it gets to see.
    assert.ok([undefined, '0'.repeat(32)].includes(headers.get('X-SLEUTH-PROOF')))
    const { endpoint } = victim
    const greet = () => friend.found({ id: victim.id, endpoint, publicKey: alice.publicKey, ours: true })
    greet()
    const seen = await present(victim, friend.id)
    await present(friend, victim.id)
    assert.deepEqual([seen.verified, seen.publicKey], [false, bob.publicKey])
    thief.close()
  })

  for (const [name, keys] of [
    ['an open network', undefined],
    ['a network with keys', mallory],
  ] as const) {
    it(`does not take the place of one that is present, on ${name}`, async () => {
      await using nodes = await Nodes.open()
      const secured = (pair: KeyPair) => (keys === undefined ? {} : { security: { ...pair, allow } })
      const victim = await nodes.add({ discovery: [], ...secured(alice) })
      const friend = await nodes.add({ discovery: [], advertise: false, ...secured(bob) })
      const place = { id: victim.id, endpoint: victim.endpoint, ours: true }
      friend.found({ ...place, publicKey: keys && alice.publicKey })
      await Promise.all([present(victim, friend.id), present(friend, victim.id)])
      const exits: string[] = []
      victim.on('exit', (_peer, reason) => exits.push(reason))
      const thief = new Thief(victim, friend.id, keys)
      const claimed: Record<string, string> = keys === undefined ? {} : { 'X-PUBLICKEY': bob.publicKey }
      await thief.hello(claimed)
      await thief.hello({ ...claimed, 'X-SLEUTH-PROOF': '0'.repeat(32) })
      for (let at = 0; at < 5; at++) {
        const heard = event(friend, 'whisper')
        victim.whisper(friend.id, `for the friend ${at}`)
        assert.equal(String((await heard)[1][0]), `for the friend ${at}`)
        assert.equal(await victim.acknowledged(friend.id), true)
      }
      assert.deepEqual(exits, [])
      thief.close()
    })
  }
})
