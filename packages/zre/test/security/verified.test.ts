import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ZreNode } from '@sleuth/zre'
import { PROOF_HEADER, TOKEN_HEADER } from '#src/security/peer-tokens.js'
import { encodeMessage } from '#src/wire/message.js'
import { dropped, event, gone, Nodes, present, whispers } from '../support/nodes.js'
import { RawPeer } from '../support/raw-peer.js'

const token = '12'.repeat(16)

/** The token in the next HELLO that a peer by hand gets. */
async function tokenFor(raw: RawPeer): Promise<string> {
  const { headers } = await raw.receiveOnly('hello')
  return headers.get(TOKEN_HEADER) as string
}

/** Says HELLO, gets a token where it says that it is, and shows it. */
async function prove(raw: RawPeer): Promise<string> {
  await raw.hello({ headers: new Map([[TOKEN_HEADER, token]]) })
  const given = await tokenFor(raw)
  await raw.hello({
    headers: new Map([
      [TOKEN_HEADER, token],
      [PROOF_HEADER, given],
    ]),
  })
  return given
}

/** A whisper that shows a token. */
async function whisper(raw: RawPeer, text: string, sequence: number, proof = ''): Promise<void> {
  const [head, content] = encodeMessage({ type: 'whisper', content: [Buffer.from(text)] }, sequence)
  await raw.sendFrames(Buffer.concat([head as Buffer, Buffer.from(proof, 'hex')]), content as Buffer)
}

async function open(): Promise<{ nodes: Nodes; node: ZreNode }> {
  const nodes = await Nodes.open()
  return { nodes, node: await nodes.add() }
}

describe('the address of a peer on an open network', { timeout: 60_000 }, () => {
  it('is verified between nodes of this library', async () => {
    await using nodes = await Nodes.open()
    const [one, two] = [await nodes.add(), await nodes.add()]
    const [seen, seenByTwo] = await Promise.all([present(one, two.id), present(two, one.id)])
    assert.deepEqual([seen.verified, seenByTwo.verified], [true, true])
    assert.equal(seen.headers.has(TOKEN_HEADER), false)
    assert.equal(seen.publicKey, undefined)
    const { texts } = whispers(one)
    const heard = event(one, 'whisper')
    two.whisper(one.id, 'hello')
    await heard
    assert.deepEqual(texts, ['hello'])
    assert.deepEqual([one.stats().dropped, two.stats().dropped], [{}, {}])
  })

  it('is verified of who shows what was sent there, and every message must show it', async () => {
    const { nodes, node } = await open()
    await using _ = nodes
    await using raw = await RawPeer.open(node.endpoint)
    const given = await prove(raw)
    assert.equal((await present(node, raw.id)).verified, true)
    const { texts } = whispers(node)
    const heard = event(node, 'whisper')
    await whisper(raw, 'forged', 2)
    await whisper(raw, 'forged', 2, token)
    await whisper(raw, 'true', 2, given)
    await heard
    assert.deepEqual(texts, ['true'])
    await dropped(node, 'unproven', 2)
  })

  it('is what a node says that can not show it, and is not verified', async () => {
    const { nodes, node } = await open()
    await using _ = nodes
    await using raw = await RawPeer.open(node.endpoint)
    await raw.hello({ endpoint: 'tcp://127.0.0.77:9' })
    const heard = event(node, 'whisper')
    await raw.hello()
    await raw.whisper('as Go does')
    const [peer] = await heard
    assert.deepEqual([peer.verified, peer.endpoint], [false, raw.endpoint])
  })

  it('is not taken from who says that it can show it, and does not', async () => {
    const { nodes, node } = await open()
    await using _ = nodes
    await using elsewhere = await RawPeer.open(node.endpoint)
    await using raw = await RawPeer.open(node.endpoint)
    const claim = { endpoint: elsewhere.endpoint }
    await raw.hello({ ...claim, headers: new Map([[TOKEN_HEADER, token]]) })
    const given = await tokenFor(elsewhere)
    const wrong = given.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))
    await raw.hello({
      ...claim,
      headers: new Map([
        [TOKEN_HEADER, token],
        [PROOF_HEADER, wrong],
      ]),
    })
    await raw.whisper('not yet')
    await elsewhere.hello()
    await present(node, elsewhere.id)
    assert.equal(node.peer(raw.id), undefined)
  })

  it('is not that of another whose routing id it uses, without a token as well', async () => {
    const { nodes, node } = await open()
    await using _ = nodes
    const victim = await nodes.add()
    await Promise.all([present(node, victim.id), present(victim, node.id)])
    const { texts } = whispers(node)
    await using thief = await RawPeer.open(node.endpoint, { id: victim.id })
    for (let sequence = 2; sequence < 10; sequence++) await whisper(thief, 'forged', sequence)
    await thief.hello()
    await thief.hello({ headers: new Map([[TOKEN_HEADER, token]]) })
    await dropped(node, 'unproven', 10)
    assert.deepEqual(texts, [])
    assert.equal(node.peer(victim.id)?.endpoint ?? victim.endpoint, victim.endpoint)
  })

  it('is to be shown anew by who says that it has moved', async () => {
    const { nodes, node } = await open()
    await using _ = nodes
    await using elsewhere = await RawPeer.open(node.endpoint)
    const raw = await RawPeer.open(node.endpoint)
    const given = await prove(raw)
    await present(node, raw.id)
    const left = gone(node, raw.id)
    raw.router.close()
    await left
    const headers = new Map([
      [TOKEN_HEADER, token],
      [PROOF_HEADER, given],
    ])
    const { endpoint } = elsewhere
    await raw.send({ type: 'hello', endpoint, groups: [], status: 0, name: 'raw', headers }, 1)
    assert.notEqual(await tokenFor(elsewhere), given)
    assert.notEqual(node.peer(raw.id)?.verified, true)
    raw.dealer.close()
  })
})
