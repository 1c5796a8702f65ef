import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { generateKeys, type KeyPair, type ZreNode } from '@sleuth/zre'
import { Dealer } from 'zeromq'
import { routingIdOf } from '#src/wire/identity.js'
import { encodeMessage, type Hello, type Outgoing } from '#src/wire/message.js'
import { newContext } from '../support/contexts.js'
import { dropped, event, Nodes, present, whispers } from '../support/nodes.js'

const [alice, bob, mallory] = [generateKeys(), generateKeys(), generateKeys()]
const allow = [alice, bob, mallory].map(({ publicKey }) => publicKey)

/** One that is let in, and connects under another's identity. */
class Thief {
  readonly #dealer: Dealer

  constructor(victim: ZreNode, { secretKey, publicKey }: KeyPair, id: string) {
    this.#dealer = new Dealer({
      context: newContext(),
      linger: 0,
      routingId: routingIdOf(id) as unknown as string,
      curveServerKey: alice.publicKey,
      curvePublicKey: publicKey,
      curveSecretKey: secretKey,
    })
    this.#dealer.connect(victim.endpoint)
  }

  async say(message: Outgoing, sequence: number, ...more: Buffer[]): Promise<void> {
    await this.#dealer.send([...encodeMessage(message, sequence), ...more])
  }

  close(): void {
    this.#dealer.close()
  }
}

function hello(overrides: Partial<Hello> & { key: string }): Hello {
  const headers = new Map([...(overrides.headers ?? []), ['X-PUBLICKEY', overrides.key] as const])
  const endpoint = 'tcp://127.0.0.1:9'
  return { type: 'hello', endpoint, groups: [], status: 0, name: 'thief', ...overrides, headers }
}

describe('one that is let in and connects under the identity of another', { concurrency: true }, () => {
  it('is not heard, is counted, and does not silence the other for good', async () => {
    await using nodes = await Nodes.open()
    const victim = await nodes.add({ security: { ...alice, allow } })
    const friend = await nodes.add({ security: { ...bob, allow } })
    await Promise.all([present(victim, friend.id), present(friend, victim.id)])
    const heard = whispers(victim)
    const exits: string[] = []
    victim.on('exit', (_peer, reason) => exits.push(reason))
    const thief = new Thief(victim, mallory, friend.id)
    // Every number that could be the next, without proof and with a wrong one.
    for (let sequence = 1; sequence <= 10; sequence++) {
      await thief.say({ type: 'whisper', content: [Buffer.from('forged')] }, sequence)
      await thief.say({ type: 'whisper', content: [Buffer.from('forged')] }, sequence, Buffer.alloc(16))
    }
    await dropped(victim, 'unproven', 20)
    const token = ['X-SLEUTH-TOKEN', '0'.repeat(32)] as const
    await thief.say(hello({ key: bob.publicKey }), 1)
    await thief.say(hello({ key: bob.publicKey, headers: new Map([token]) }), 1)
    await dropped(victim, 'unproven', 22)
    await thief.say(hello({ key: mallory.publicKey, headers: new Map([token]) }), 1)
    await dropped(victim, 'unproven', 23)
    thief.close()
    // The connection of the other was cut by that of the thief: it makes another, and is back.
    const back = event(victim, 'whisper')
    const again = setInterval(() => {
      if (friend.peer(victim.id) !== undefined) friend.whisper(victim.id, 'true')
    }, 20)
    await back
    clearInterval(again)
    assert.deepEqual([...new Set(heard.texts)], ['true'])
    assert.ok(
      exits.every((reason) => reason === 'restarted' || reason === 'broken'),
      exits.join(),
    )
  })

  it('can not claim the key of another for an identity of its own', async () => {
    await using nodes = await Nodes.open()
    const victim = await nodes.add({ security: { ...alice, allow, proof: true } })
    const friend = await nodes.add({ security: { ...bob, allow, proof: true } })
    await present(victim, friend.id)
    const thief = new Thief(victim, mallory, 'AB'.repeat(16))
    const { endpoint } = friend
    // As a node of another library would, and as one of ours.
    await thief.say(hello({ key: bob.publicKey, endpoint }), 1)
    await dropped(victim, 'unproven')
    await thief.say(hello({ key: bob.publicKey, headers: new Map([['X-SLEUTH-TOKEN', '0'.repeat(32)]]) }), 1)
    await thief.say({ type: 'whisper', content: [Buffer.from('forged')] }, 2, Buffer.alloc(16))
    await dropped(victim, 'unproven', 2)
    assert.deepEqual(
      victim.peers().map(({ id }) => id),
      [friend.id],
    )
    thief.close()
  })
})
